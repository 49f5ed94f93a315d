/**
 * The table of schemes. A file names its scheme; `aggregate` and `verify` look it up here. A new scheme is one entry:
 * statement, container, keys and command line stay as they are.
 */

import { EncodingError, OptionError } from '../errors.ts';
import type { Scheme } from './scheme.ts';
import { snarkpack } from './snarkpack/scheme.ts';

const SCHEMES: ReadonlyMap<string, Scheme> = new Map([snarkpack].map((scheme) => [scheme.name, scheme]));

/** The scheme used when none is asked for. */
export const DEFAULT_SCHEME: string = snarkpack.name;

function known(): string {
  return [...SCHEMES.keys()].join(', ');
}

/** The scheme a caller asks for. Throws {@link OptionError}. */
export function schemeForOption(name: string): Scheme {
  const scheme = SCHEMES.get(name);
  if (!scheme)
    throw new OptionError(`Scheme "${name}" is not known; expected one of: ${known()}.`, { field: 'scheme' });
  return scheme;
}

/** The scheme a file names. Throws {@link EncodingError}. */
export function schemeOfFile(name: string): Scheme {
  const scheme = SCHEMES.get(name);
  if (!scheme) {
    throw new EncodingError(
      `The composite was made with scheme "${name}", which this version does not know (it knows: ${known()}). Use a newer version of Sheaf.`,
      { field: 'scheme' },
    );
  }
  return scheme;
}
