/** Reading proof bytes of scheme `snarkpack`: lengths, canonical encodings, curves, subgroups, neutral elements. */

import type { Backend, OperationOptions } from '../../backend/backend.ts';
import { gtToBytes } from '../../curve/gt.ts';
import { EncodingError, PointAtInfinityError, SheafError } from '../../errors.ts';
import { equalBytes, isZeroBytes, joinBytes } from '../../field/bytes.ts';
import type { ElementKind, ProofLayout } from './layout.ts';

/** Elements of a proof by name, in memory form. */
export type ProofElements = ReadonlyMap<string, Uint8Array>;

/**
 * Decodes and checks every element. Throws EncodingError, the point errors or GtNotInSubgroupError, each naming the
 * element and its byte offset within the proof.
 */
export async function readProofElements(
  backend: Backend,
  layout: ProofLayout,
  proof: Uint8Array,
  options: OperationOptions = {},
): Promise<ProofElements> {
  if (proof.length !== layout.length) {
    throw new EncodingError(
      `Composite: expected ${layout.length} proof bytes for this statement, got ${proof.length}.`,
      {
        field: 'proof',
        expected: layout.length,
        got: proof.length,
      },
    );
  }
  const { curve } = backend;
  const kinds = {
    g1: { size: curve.g1Bytes, decompress: backend.decompressG1, from: 0, to: 0.05 },
    g2: { size: curve.g2Bytes, decompress: backend.decompressG2, from: 0.05, to: 0.1 },
    gt: { size: curve.gtBytes, decompress: backend.decompressGt, from: 0.1, to: 1 },
  };
  const neutralGt = gtToBytes(curve, curve.fields.Fp12.ONE);
  const elements = new Map<string, Uint8Array>();
  for (const kind of ['g1', 'g2', 'gt'] as const satisfies readonly ElementKind[]) {
    const slots = layout.slots.filter((slot) => slot.kind === kind);
    const encoded = joinBytes(slots.map(({ offset, length }) => proof.subarray(offset, offset + length)));
    const { from, to } = kinds[kind];
    let decoded: Uint8Array;
    try {
      decoded = await kinds[kind].decompress(encoded, {
        signal: options.signal,
        onProgress: (fraction) => options.onProgress?.(from + (to - from) * fraction),
      });
    } catch (error) {
      if (error instanceof SheafError && error.context.index !== undefined) {
        const slot = slots[error.context.index];
        if (slot) Object.assign(error.context, { field: slot.name, offset: slot.offset });
      }
      throw error;
    }
    for (const [i, slot] of slots.entries()) {
      const bytes = decoded.subarray(i * kinds[kind].size, (i + 1) * kinds[kind].size);
      if (!slot.mayBeNeutral && (kind === 'gt' ? equalBytes(bytes, neutralGt) : isZeroBytes(bytes))) {
        throw new PointAtInfinityError(`Composite, ${slot.name}`, { field: slot.name, offset: slot.offset });
      }
      elements.set(slot.name, bytes);
    }
  }
  return elements;
}
