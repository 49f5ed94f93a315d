/** How a check of hostile input may end: with `false` or with a typed refusal. Never otherwise. */

import { InputError } from '../../src/errors.ts';

/** Runs a check that must not succeed. Returns `false` or the InputError; an acceptance or any other error is thrown. */
export async function refusalOf(what: string, check: () => Promise<unknown>): Promise<false | InputError> {
  let result: unknown;
  try {
    result = await check();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw new Error(`${what}: refused with something else than an InputError`, { cause: error });
  }
  if (result === false) return false;
  throw new Error(`${what}: was accepted`);
}
