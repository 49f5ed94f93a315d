/** The systems whose proofs Sheaf takes in. Adding one is a file like snarkjs.ts and a line here. */

import { type ErrorContext, OptionError, ProofFormatError } from '../errors.ts';
import type { BuiltinKey, Coprocessor } from './coprocessor.ts';
import { gnark } from './gnark.ts';
import { describe, type JsonObject } from './json.ts';
import { risc0 } from './risc0.ts';
import { snarkjs } from './snarkjs.ts';
import { sp1 } from './sp1.ts';

/**
 * Every system. Those that recompute their inputs from a claim come first: a file that has their fields is theirs, even
 * where it also holds the proof in a general form.
 */
export const COPROCESSORS: readonly Coprocessor[] = [risc0, sp1, gnark, snarkjs];

/** Finds the system by the name that the `from` option gives. Throws {@link OptionError} for an unknown one. */
export function coprocessorNamed(name: string): Coprocessor {
  const found = COPROCESSORS.find((system) => system.name === name);
  if (found) return found;
  const known = COPROCESSORS.map((system) => system.name).join(', ');
  throw new OptionError(`Expected a system that proofs come from (auto, ${known}), got "${name}".`, {
    field: 'from',
  });
}

/**
 * Finds the system that wrote a member by its fields. Throws {@link ProofFormatError}, saying what was looked for, when
 * none fits or several do that each would read the member differently.
 */
export function detectCoprocessor(member: JsonObject, context: ErrorContext = {}): Coprocessor {
  const fits = COPROCESSORS.filter((system) => system.recognises(member));
  const claiming = fits.filter((system) => !system.takesPublicInputs);
  const candidates = claiming.length > 0 ? claiming : fits;
  if (candidates.length === 1) return candidates[0] as Coprocessor;
  const lookedFor = COPROCESSORS.map((system) => `${system.name}: ${system.fields}`).join('; ');
  throw new ProofFormatError(
    candidates.length === 0
      ? `No known system writes proofs like this: got ${describe(member)}. Looked for ${lookedFor}.`
      : `The proof fits ${candidates.map((system) => system.name).join(' and ')} alike; say which with the from option. Looked for ${lookedFor}.`,
    context,
  );
}

/** The verification keys that come with the library. */
export function builtinKeys(): readonly BuiltinKey[] {
  return COPROCESSORS.flatMap((system) => system.builtinKeys);
}

/** The built-in keys of a system (`sp1`) or of one release (`sp1-v5.0.0`). Throws {@link OptionError} for other names. */
export function builtinKeysNamed(name: string): readonly BuiltinKey[] {
  const found = builtinKeys().filter((builtin) => builtin.name === name || builtin.system === name);
  if (found.length > 0) return found;
  throw new OptionError(
    `No verification key named "${name}" is built in; expected ${builtinKeys()
      .map((builtin) => builtin.name)
      .join(', ')}.`,
    { field: 'key' },
  );
}
