/** Inputs of a circuit as snarkjs takes them: values or nested arrays of values by signal name. */

import { CircuitInputError } from '../../errors.ts';
import type { SignalInput } from './witness-loop.ts';

/**
 * A value of a signal: an integer as bigint, number, boolean, or text in decimal (negative too) or with 0x; or arrays of values.
 * Any integer is taken modulo the field's order.
 */
export type SignalValue = bigint | number | string | boolean | readonly SignalValue[];

/** Values by signal name. */
export type CircuitInputs = Readonly<Record<string, SignalValue>>;

function readValue(value: unknown, name: string): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (typeof value === 'string' && value.trim() !== '') {
    try {
      return BigInt(value);
    } catch {
      // Falls through: the message must not repeat what may be secret.
    }
  }
  const got =
    typeof value === 'string'
      ? `text of ${value.length} characters that is no integer`
      : typeof value === 'number'
        ? 'a number that is no integer'
        : value === null
          ? 'null'
          : typeof value;
  throw new CircuitInputError(
    `Signal ${name}: expected integers as bigint, number, or decimal or 0x text, got ${got}.`,
    { field: name },
  );
}

function flatten(value: unknown, name: string, out: bigint[]): void {
  if (Array.isArray(value)) for (const item of value) flatten(item, name, out);
  else out.push(readValue(value, name));
}

/** Flattens inputs, row by row. Throws {@link CircuitInputError} for what is no integer; the message never tells the value. */
export function readInputs(inputs: CircuitInputs): SignalInput[] {
  if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs)) {
    throw new CircuitInputError('Inputs: expected an object of values by signal name.');
  }
  return Object.entries(inputs).map(([name, value]) => {
    const values: bigint[] = [];
    flatten(value, name, values);
    return { name, values };
  });
}
