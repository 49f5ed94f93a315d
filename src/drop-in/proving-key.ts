/** Proving keys that are loaded once and prove many times. */

import { resolveBackend } from '../backend/create-backend.ts';
import { type RunOptions, stretch } from '../backend/progress.ts';
import type { Curve } from '../curve/curve.ts';
import { DisposedError, InternalError, SheafError, throwIfAborted } from '../errors.ts';
import { type FileArgument, withFile } from '../groth16/files/file-argument.ts';
import type { Witness } from '../groth16/files/wtns.ts';
import { openZkey } from '../groth16/files/zkey.ts';
import { GatheredChecks } from '../groth16/point-checks.ts';
import { createMember, createProof } from '../groth16/proof.ts';
import { explainFalseProof } from '../groth16/prover/diagnose.ts';
import { type ProofPoints, type ProveOptions, proveGroth16 } from '../groth16/prover/prove.ts';
import { type PreparedKey, prepareKey } from '../groth16/prover/proving-key.ts';
import { readInputs } from '../groth16/public-input-sums.ts';
import type { VerificationKey } from '../groth16/verification-key.ts';
import { verifyBatch } from '../groth16/verify-batch.ts';

/** A proving key in memory, ready to prove. Give it to `groth16.prove` or `groth16.fullProve` in place of the file. */
export interface ProvingKey {
  readonly curve: Curve;
  readonly verificationKey: VerificationKey;
  /** Gives its memory back; it must not be used afterwards. */
  dispose(): void;
}

/** What came of proving. */
export interface Proven extends ProofPoints {
  readonly curve: Curve;
  /** Values of the public signals. */
  readonly publics: readonly bigint[];
}

const NAME = 'Proving key';
/** Share of proving that verifying the result takes, about. */
const VERIFY_SHARE = 0.05;

/** A {@link ProvingKey} with what it is made of. */
export class LoadedKey implements ProvingKey {
  readonly curve: Curve;
  readonly verificationKey: VerificationKey;
  readonly #key: PreparedKey;
  /** Read again only to tell what is wrong with it. */
  readonly #file: FileArgument;
  #disposed = false;

  constructor(key: PreparedKey, file: FileArgument) {
    this.curve = key.info.curve;
    this.verificationKey = key.verificationKey;
    this.#key = key;
    this.#file = file;
  }

  dispose(): void {
    this.#disposed = true;
    this.#key.dispose();
  }

  /**
   * Proves and, unless told not to, verifies. Throws WitnessError, UnsatisfiedCircuitError, ProvingKeyError or AbortedError. The witness is not
   * changed.
   */
  async prove(
    witness: Witness,
    options: ProveOptions & { readonly verify?: boolean | undefined },
  ): Promise<Proven> {
    if (this.#disposed) throw new DisposedError('A proving key');
    const verify = options.verify !== false;
    const points = await proveGroth16(this.#key, witness, stretch(options, 0, verify ? 1 - VERIFY_SHARE : 1));
    if (verify) options.onProgress?.({ phase: 'verify', fraction: 1 - VERIFY_SHARE });
    throwIfAborted(options.signal);
    const { frBytes } = this.curve;
    const { publicCount } = this.#key.info;
    const publics = readInputs(witness.values.subarray(frBytes, (publicCount + 1) * frBytes));
    if (verify && !(await this.#isTrue(points, publics, options))) {
      throw await withFile(this.#file, NAME, options.signal, async (source) =>
        explainFalseProof(this.#key.backend, await openZkey(source), source.name),
      );
    }
    throwIfAborted(options.signal);
    options.onProgress?.({ phase: verify ? 'verify' : 'prove', fraction: 1 });
    return { curve: this.curve, ...points, publics };
  }

  async #isTrue(points: ProofPoints, publics: readonly bigint[], options: RunOptions): Promise<boolean> {
    const { backend, verificationKey } = this.#key;
    try {
      const checks = new GatheredChecks();
      const proof = await checks.settled(
        () => createProof(this.curve, points, {}, checks),
        () => backend,
        { signal: options.signal },
      );
      const member = createMember(verificationKey, proof, publics, 'snarkjs');
      return await verifyBatch([member], { backend, signal: options.signal });
    } catch (error) {
      // Sums of points that are none are none either.
      if (error instanceof SheafError && error.code.startsWith('POINT_')) return false;
      throw error;
    }
  }
}

/**
 * Loads a proving key for many proofs: its points prepared and its constraints laid out on the backend. Dispose of it when done. A file that is
 * given as bytes must not change while the key lives. Throws ProvingKeyError, UnsupportedProofError, CapacityError, a point error, OptionError
 * or AbortedError.
 */
export async function loadProvingKey(zkey: FileArgument, options: RunOptions = {}): Promise<ProvingKey> {
  return withFile(zkey, NAME, options.signal, async (source) => {
    const reader = await openZkey(source);
    const backend = await resolveBackend(reader.info.curve, options.backend);
    return new LoadedKey(await prepareKey(reader, backend, source.name, options), zkey);
  });
}

/** Unwraps a key. */
export function loadedKey(key: ProvingKey): LoadedKey {
  if (!(key instanceof LoadedKey))
    throw new InternalError('A proving key that loadProvingKey did not make was given.');
  return key;
}
