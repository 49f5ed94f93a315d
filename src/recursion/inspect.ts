/** What a composite says of itself, without verifying anything. */

import { EncodingError } from '../errors.ts';
import { toHex } from '../field/bytes.ts';
import { readInputs } from '../groth16/public-input-sums.ts';
import { type Composite, decodeComposite, encodeComposite } from './composite-file.ts';
import { schemeOfFile } from './schemes.ts';

/** A composite's own account of itself. Nothing here has been verified. */
export interface Inspection {
  readonly scheme: string;
  readonly curve: string;
  /** Number of proofs, and of slots. */
  readonly proofs: number;
  readonly capacity: number;
  readonly srs: string;
  /** The caller's context bytes in hexadecimal. */
  readonly context: string;
  readonly keys: readonly {
    readonly digest: string;
    readonly system: string;
    readonly inputs: number;
    readonly proofs: number;
    /** Whether the file carries the key itself. */
    readonly carried: boolean;
  }[];
  /** Per proof: index of its key and its public inputs in decimal. */
  readonly claims: readonly { readonly key: number; readonly inputs: readonly string[] }[];
  readonly bytes: { readonly total: number; readonly proof: number; readonly statement: number };
}

/** Reads a composite and reports its contents. Throws EncodingError for bytes that are no composite. */
export function inspect(composite: Uint8Array | Composite): Inspection {
  const parsed = composite instanceof Uint8Array ? decodeComposite(composite) : composite;
  const { statement, proof, carriedKeys, scheme } = parsed;
  const expected = schemeOfFile(scheme).proofBytes(statement);
  if (proof.length !== expected) {
    throw new EncodingError(
      `Composite: expected ${expected} proof bytes for this statement, got ${proof.length}.`,
      { field: 'proof' },
    );
  }
  const total = composite instanceof Uint8Array ? composite.length : encodeComposite(parsed).length;
  return {
    scheme,
    curve: statement.curve.name,
    proofs: statement.keyOf.length,
    capacity: statement.capacity,
    srs: toHex(statement.srsDigest),
    context: toHex(statement.context),
    keys: statement.keys.map(({ digest, system, inputCount }, k) => ({
      digest: toHex(digest),
      system,
      inputs: inputCount,
      proofs: statement.keyOf.filter((own) => own === k).length,
      carried: carriedKeys[k] !== undefined,
    })),
    claims: statement.keyOf.map((key, i) => ({
      key,
      inputs: readInputs(statement.inputs[i] as Uint8Array).map(String),
    })),
    bytes: { total, proof: expected, statement: total - proof.length },
  };
}
