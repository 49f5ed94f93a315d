/** Folding a batch into one composite, and checking the result before it is handed out. */

import type { Backend } from '../backend/backend.ts';
import { resolveBackend } from '../backend/create-backend.ts';
import { phase, type RunOptions } from '../backend/progress.ts';
import { CapacityError, FalseProofError, InternalError } from '../errors.ts';
import type { BatchMember } from '../groth16/proof.ts';
import { findFalseProofs } from '../groth16/verify-batch.ts';
import { type Composite, encodeComposite } from './composite-file.ts';
import { DEFAULT_SCHEME, schemeForOption } from './schemes.ts';
import type { LineStore } from './srs/line-store.ts';
import { INSECURE_WARNING, type Srs } from './srs/srs.ts';
import { statementOf } from './statement.ts';

/** Options of {@link aggregate}. */
export interface AggregateOptions extends RunOptions {
  readonly srs: Srs;
  /** Slots N, a power of two; the smallest that holds the batch by default. */
  readonly capacity?: number | undefined;
  /** Bytes of the caller's own that the proof binds. */
  readonly context?: Uint8Array | undefined;
  /** Whether the file carries the verification keys for display. Default true; they are never trusted by default. */
  readonly carryKeys?: boolean | undefined;
  /**
   * Keeps lines of the reference string between folds: openLineFiles of sheaf/node beside the string, or createMemoryLineStore.
   * Default: they are made anew. Results are the same.
   */
  readonly lines?: LineStore | undefined;
  /** Default {@link DEFAULT_SCHEME}. */
  readonly scheme?: string | undefined;
}

/** A composite, verified by its maker. */
export interface AggregateResult {
  /** The .sheaf file. */
  readonly bytes: Uint8Array;
  readonly composite: Composite;
  /** True when a development reference string was used: the composite then proves nothing to anybody else. */
  readonly insecure: boolean;
  /** What a user must be told, such as the use of a development string. */
  readonly warnings: readonly string[];
}

/** Names a false member for people. */
function nameMember(member: BatchMember | undefined, index: number): string {
  const { file, index: position } = member?.origin ?? {};
  const place = position === undefined ? '' : `, entry ${position}`;
  return file === undefined ? `member ${index}` : `member ${index} (${file}${place})`;
}

/** Throws {@link FalseProofError} naming the false members; {@link InternalError} when there are none. */
async function explainFailure(
  members: readonly BatchMember[],
  backend: Backend,
  options: RunOptions,
): Promise<never> {
  const indices = await findFalseProofs(members, { backend, signal: options.signal });
  const first = indices[0];
  if (first === undefined) throw new InternalError('A composite of true proofs did not verify.');
  const { file } = members[first]?.origin ?? {};
  throw new FalseProofError(
    `${indices.length} of ${members.length} proofs ${indices.length === 1 ? 'is' : 'are'} false: ${indices
      .slice(0, 5)
      .map((i) => nameMember(members[i], i))
      .join(
        ', ',
      )}${indices.length > 5 ? ' …' : ''}. Leave them out, or check that each has its own key and inputs.`,
    { index: first, indices, ...(file === undefined ? {} : { file }) },
  );
}

/** The share of the work that is folding; the rest is the check of the result. */
const FOLD_SHARE = 0.9;

/** Folds with what an accumulator has gathered, where there is one. */
export async function aggregateWith(
  members: readonly BatchMember[],
  precomputed: Uint8Array | undefined,
  options: AggregateOptions,
): Promise<AggregateResult> {
  const { srs } = options;
  const scheme = schemeForOption(options.scheme ?? DEFAULT_SCHEME);
  const { statement, keys } = statementOf(members, srs, options);
  if (statement.capacity > srs.size) {
    throw new CapacityError(
      `The reference string serves ${srs.size} slots; this batch of ${members.length} needs ${statement.capacity}. Use a larger string or split the batch.`,
      { expected: srs.size, got: statement.capacity },
    );
  }
  const backend = await resolveBackend(srs.curve, options.backend);
  const proof = await scheme.prove(
    {
      backend,
      srs,
      statement,
      proofs: members.map((member) => member.proof),
      precomputed,
      lines: options.lines,
    },
    phase(options, 'fold', 0, FOLD_SHARE),
  );
  const valid = await scheme.verify(
    { backend, srs, statement, keys, proof },
    phase(options, 'check', FOLD_SHARE, 1),
  );
  if (!valid) await explainFailure(members, backend, options);
  const composite: Composite = {
    scheme: scheme.name,
    statement,
    carriedKeys: keys.map((key) => (options.carryKeys === false ? undefined : key)),
    proof,
  };
  return {
    bytes: encodeComposite(composite),
    composite,
    insecure: srs.insecure,
    warnings: srs.insecure ? [INSECURE_WARNING] : [],
  };
}

/**
 * Folds a batch of Groth16 proofs, under any number of keys on one curve, into one composite.
 *
 * @param batch members as the coprocessor readers make them, at least one; their order is the statement's
 * @returns the composite, already verified
 * @throws FalseProofError naming members whose proof is false; CapacityError, MixedCurvesError, OptionError; AbortedError
 */
export async function aggregate(
  batch: readonly BatchMember[] | { readonly members: readonly BatchMember[] },
  options: AggregateOptions,
): Promise<AggregateResult> {
  return aggregateWith('members' in batch ? batch.members : batch, undefined, options);
}
