/** Reading JSON that others wrote: parsing, field access and integers, strict and with messages that say what came. */

import { type ErrorContext, ProofFormatError } from '../errors.ts';

/** A JSON object; fields that stand for files read beside it may hold bytes. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Deeper nesting than any proof file has; a bound, so that walking a value cannot exhaust the stack. */
const MAX_DEPTH = 64;
/** Longer than any integer of 768 bits in decimal; a bound on the cost of parsing one. */
const MAX_INTEGER_DIGITS = 240;

export function isJsonObject(value: unknown): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

/** What a value is, in a few words, for error messages. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === 'string')
    return value.length <= 40 ? `"${value}"` : `a string of ${value.length} characters`;
  if (typeof value === 'object') {
    const names = Object.keys(value);
    return names.length === 0
      ? 'an empty object'
      : `an object with ${names.slice(0, 6).join(', ')}${names.length > 6 ? ' …' : ''}`;
  }
  return `the ${typeof value} ${String(value)}`;
}

/** Refuses text nested deeper than {@link MAX_DEPTH}, without parsing it. */
function checkDepth(text: string, what: string, context: ErrorContext): void {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (quoted) {
      if (code === 0x5c) i++;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) quoted = true;
    else if (code === 0x7b || code === 0x5b) {
      depth++;
      if (depth > MAX_DEPTH) {
        throw new ProofFormatError(
          `${what}: nested deeper than ${MAX_DEPTH} levels, which no proof file is.`,
          context,
        );
      }
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
}

/** Parses JSON text. Throws {@link ProofFormatError} for text that is not JSON or is nested absurdly deep. */
export function parseJson(text: string, what: string, context: ErrorContext = {}): unknown {
  checkDepth(text, what, context);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ProofFormatError(
      `${what}: expected JSON, got text that does not parse (${error instanceof Error ? error.message : String(error)}).`,
      context,
      error,
    );
  }
}

/** The value of an own field, or undefined when it is absent or null. */
export function ownField(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined;
}

/** Whether any of the fields is there and not null. */
export function hasAny(object: JsonObject, names: readonly string[]): boolean {
  return names.some((name) => ownField(object, name) !== undefined);
}

/** JSON text of a value that may hold bigints, for comparing. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part));
}

/**
 * The one value that stands under any of several names for the same thing. Throws {@link ProofFormatError} when two of
 * them hold different values: choosing one would be a guess.
 */
export function pick(
  object: JsonObject,
  names: readonly string[],
  context: ErrorContext = {},
): { name: string; value: unknown } | undefined {
  const found = names.flatMap((name) => {
    const value = ownField(object, name);
    return value === undefined ? [] : [{ name, value }];
  });
  const first = found[0];
  for (const other of found.slice(1)) {
    if (jsonText(other.value) !== jsonText(first?.value)) {
      throw new ProofFormatError(
        `The fields ${first?.name} and ${other.name} mean the same and hold different values. Leave out the wrong one.`,
        { ...context, field: other.name },
      );
    }
  }
  return first;
}

/**
 * A non-negative integer from a decimal string, a 0x-string, a safe JavaScript integer or a bigint. Throws
 * {@link ProofFormatError} for anything else: signs, fractions, spaces, leading zeros and the empty string included.
 */
export function readInteger(value: unknown, what: string, context: ErrorContext = {}): bigint {
  if (typeof value === 'bigint' && value >= 0n) return value;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  if (
    typeof value === 'string' &&
    value.length <= MAX_INTEGER_DIGITS &&
    /^(?:0|[1-9][0-9]*|0[xX][0-9a-fA-F]+)$/.test(value)
  ) {
    return BigInt(value);
  }
  const hint =
    typeof value === 'number' && !Number.isSafeInteger(value)
      ? ' JSON numbers this large lose digits; write it as a string.'
      : typeof value === 'string' && /^-/.test(value)
        ? ' Negative numbers are not reduced here; write it as a residue between 0 and the order.'
        : '';
  throw new ProofFormatError(
    `${what}: expected a non-negative integer as a decimal or 0x string, got ${describe(value)}.${hint}`,
    context,
  );
}

/** Names under which public inputs are found. */
export const PUBLIC_FIELDS: readonly string[] = [
  'public',
  'publicSignals',
  'public_signals',
  'publicInputs',
  'public_inputs',
  'inputs',
  'pub',
];

/** A list of public inputs. Range and count are checked when the member is made. */
export function readPublicInputs(value: unknown, context: ErrorContext = {}): bigint[] {
  if (!Array.isArray(value)) {
    throw new ProofFormatError(`Public inputs: expected an array of integers, got ${describe(value)}.`, {
      ...context,
      field: 'public',
    });
  }
  return value.map((item, i) =>
    readInteger(item, `Public input ${i}`, { ...context, field: `public[${i}]` }),
  );
}
