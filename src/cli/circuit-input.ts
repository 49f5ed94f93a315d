/** Inputs of circuits from files. They are secret: no message repeats any part of them. */

import { isJsonObject, type JsonObject } from '../coprocessors/json.ts';
import { CircuitInputError } from '../errors.ts';
import type { CircuitInputs } from '../groth16/witness/inputs.ts';

/** Reads JSON text of inputs: an object of values by signal name. Throws CircuitInputError. */
export function parseCircuitInput(text: string, file: string): CircuitInputs {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's message would quote the text.
    throw new CircuitInputError(`${file}: expected JSON, got text that does not parse.`, { file });
  }
  if (!isJsonObject(value)) {
    throw new CircuitInputError(`${file}: expected an object of values by signal name.`, { file });
  }
  return value satisfies JsonObject as CircuitInputs;
}
