/** Verifying a composite against the keys and the reference string that the verifier itself trusts. */

import { resolveBackend } from '../backend/create-backend.ts';
import { phase, type RunOptions } from '../backend/progress.ts';
import type { Curve } from '../curve/curve.ts';
import { KeyNotTrustedError, SrsError } from '../errors.ts';
import { equalBytes, toHex } from '../field/bytes.ts';
import { readInputs } from '../groth16/public-input-sums.ts';
import { decodeVerificationKey, type VerificationKey } from '../groth16/verification-key.ts';
import { type Composite, decodeComposite } from './composite-file.ts';
import { schemeOfFile } from './schemes.ts';
import { INSECURE_WARNING, type VerifierSrs } from './srs/srs.ts';

/** Options of {@link verify}. */
export interface VerifyOptions extends RunOptions {
  /** The verification keys that the verifier trusts. May hold more than the composite uses. */
  readonly keys: readonly VerificationKey[];
  /** The reference string, or its verifier's part, that the verifier trusts. */
  readonly srs: VerifierSrs;
  /** When given, the composite must bind exactly these bytes. */
  readonly context?: Uint8Array | undefined;
  /** Trust the keys that the file carries. Only for files whose origin vouches for them otherwise. Default false. */
  readonly trustCarriedKeys?: boolean | undefined;
}

/** One claim that a verified composite proves. */
export interface ProvenClaim {
  readonly key: VerificationKey;
  /** Label that the maker gave to the key's system. */
  readonly system: string;
  readonly inputs: readonly bigint[];
}

/** What a verified composite proves. */
export interface Verified {
  readonly scheme: string;
  readonly curve: Curve;
  /**
   * True under a development reference string: the equations hold, and whoever made that string could have made them hold
   * for anything.
   */
  readonly insecure: boolean;
  readonly warnings: readonly string[];
  /** Per proof, in order: its key and public inputs. */
  readonly claims: readonly ProvenClaim[];
  /** Bytes the maker bound into the proof. */
  readonly context: Uint8Array;
}

/** The trusted keys that a composite names, in its order. Throws {@link KeyNotTrustedError} naming the missing ones. */
function selectKeys(composite: Composite, options: VerifyOptions): VerificationKey[] {
  const carried = options.trustCarriedKeys
    ? composite.carriedKeys
        .filter((key) => key !== undefined)
        .map(({ encoded }) => decodeVerificationKey(encoded))
    : [];
  const trusted = new Map([...carried, ...options.keys].map((key) => [key.id, key]));
  const wanted = composite.statement.keys.map(({ digest }) => toHex(digest));
  const missing = wanted.filter((id) => !trusted.has(id));
  if (missing.length > 0) throw new KeyNotTrustedError(missing);
  return wanted.map((id) => trusted.get(id) as VerificationKey);
}

/**
 * Verifies a composite.
 *
 * @param composite the .sheaf file's bytes, or what decodeComposite made of them
 * @returns `false` when the composite is well-formed and does not prove its statement, and otherwise what it proves
 * @throws EncodingError and the point errors for bytes that are no composite, KeyNotTrustedError, SrsError when it was made
 * under another reference string, AbortedError
 */
export async function verify(
  composite: Uint8Array | Composite,
  options: VerifyOptions,
): Promise<Verified | false> {
  const parsed = composite instanceof Uint8Array ? decodeComposite(composite) : composite;
  const { statement, proof } = parsed;
  const { srs } = options;
  const scheme = schemeOfFile(parsed.scheme);
  if (srs.curve !== statement.curve || !equalBytes(statement.srsDigest, srs.digest)) {
    throw new SrsError(
      `The composite was made under reference string ${toHex(statement.srsDigest)} on ${statement.curve.name}; the verifier has ${srs.id} on ${srs.curve.name}. Use the string that it was made under, if you trust it.`,
      { expected: srs.id, got: toHex(statement.srsDigest) },
    );
  }
  const keys = selectKeys(parsed, options);
  for (const [k, key] of keys.entries()) {
    if (key.inputCount !== statement.keys[k]?.inputCount) return false;
  }
  if (options.context && !equalBytes(options.context, statement.context)) return false;
  const backend = await resolveBackend(srs.curve, options.backend);
  const valid = await scheme.verify({ backend, srs, statement, keys, proof }, phase(options, 'verify', 0, 1));
  if (!valid) return false;
  return {
    scheme: scheme.name,
    curve: statement.curve,
    insecure: srs.insecure,
    warnings: srs.insecure ? [INSECURE_WARNING] : [],
    claims: statement.keyOf.map((k, i) => ({
      key: keys[k] as VerificationKey,
      system: statement.keys[k]?.system ?? '',
      inputs: readInputs(statement.inputs[i] as Uint8Array),
    })),
    context: statement.context,
  };
}
