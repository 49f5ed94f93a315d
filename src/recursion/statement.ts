/** What a composite claims: which keys, which proof under which key, which public inputs. */

import type { Curve } from '../curve/curve.ts';
import { CapacityError, LengthMismatchError, MixedCurvesError, OptionError } from '../errors.ts';
import { copyBytes } from '../field/bytes.ts';
import { type BatchMember, isSystemName } from '../groth16/proof.ts';
import type { VerificationKey } from '../groth16/verification-key.ts';
import { nextPowerOfTwo } from './srs/size.ts';
import type { VerifierSrs } from './srs/srs.ts';

/** One key as a composite names it. */
export interface StatementKey {
  /** SHA-256 digest of the canonical key, 32 bytes. */
  readonly digest: Uint8Array;
  readonly inputCount: number;
  /** The system that its proofs are said to come from; a label bound into the proof, without meaning to it. */
  readonly system: string;
}

/**
 * The claim of a composite: proof i was made under key `keyOf[i]` for the public inputs `inputs[i]`. Canonical: keys stand
 * in the order of their first use, each once, none unused.
 */
export interface Statement {
  readonly curve: Curve;
  /** Number of slots N, a power of two ≥ the number of proofs. */
  readonly capacity: number;
  readonly srsDigest: Uint8Array;
  readonly keys: readonly StatementKey[];
  readonly keyOf: readonly number[];
  /** Per proof its public inputs, 32 bytes little-endian each. */
  readonly inputs: readonly Uint8Array[];
  /** Bytes of the caller's own that the proof binds, such as a request id or a chain id. */
  readonly context: Uint8Array;
}

/** Longest context a composite carries; longer data is bound by its hash. */
export const MAX_CONTEXT_BYTES = 65_536;

/**
 * Builds the statement of a batch, and its keys in the statement's order. Throws CapacityError for an empty batch or one
 * that does not fit, {@link MixedCurvesError} or {@link OptionError}.
 */
export function statementOf(
  members: readonly BatchMember[],
  srs: VerifierSrs,
  options: { readonly capacity?: number | undefined; readonly context?: Uint8Array | undefined } = {},
): { statement: Statement; keys: VerificationKey[] } {
  const { curve } = srs;
  if (members.length === 0)
    throw new CapacityError('The batch is empty; a composite holds at least one proof.');
  const capacity = options.capacity ?? nextPowerOfTwo(members.length);
  if (capacity < members.length || nextPowerOfTwo(capacity) !== capacity) {
    throw new CapacityError(
      `Capacity must be a power of two of at least ${members.length} (the proofs), got ${capacity}.`,
      {
        field: 'capacity',
      },
    );
  }
  const context = copyBytes(options.context ?? new Uint8Array(0));
  if (context.length > MAX_CONTEXT_BYTES) {
    throw new LengthMismatchError('Context bytes', `at most ${MAX_CONTEXT_BYTES}`, context.length, {
      field: 'context',
    });
  }
  const positions = new Map<string, number>();
  const keys: VerificationKey[] = [];
  const systems: string[] = [];
  const keyOf = members.map(({ key, system, origin }, index) => {
    if (key.curve !== curve) {
      throw new MixedCurvesError(curve.name, key.curve.name, {
        index,
        ...(origin.file === undefined ? {} : { file: origin.file }),
      });
    }
    if (!isSystemName(system)) {
      throw new OptionError(
        `System name ${JSON.stringify(system)} must be 1 to 32 characters of a-z, 0-9, ".", "_" and "-".`,
        { index },
      );
    }
    const known = positions.get(key.id);
    if (known !== undefined) return known;
    positions.set(key.id, keys.length);
    keys.push(key);
    systems.push(system);
    return keys.length - 1;
  });
  return {
    keys,
    statement: {
      curve,
      capacity,
      srsDigest: srs.digest,
      keys: keys.map(({ digest, inputCount }, k) => ({ digest, inputCount, system: systems[k] as string })),
      keyOf,
      inputs: members.map(({ inputs }) => inputs),
      context,
    },
  };
}
