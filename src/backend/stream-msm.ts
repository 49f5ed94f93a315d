/** Multi-scalar multiplications larger than memory: chunk by chunk. */

import type { G1Point, G2Point } from '../curve/curve.ts';
import { g1FromBytes, g1ToBytes, g2FromBytes, g2ToBytes } from '../curve/points.ts';
import { assertLength, LengthMismatchError, OptionError, throwIfAborted } from '../errors.ts';
import type { Backend, BackendVector, FrVector, OperationOptions, UploadOptions } from './backend.ts';

/** Some terms of a sum: points, encoded as the options say, and as many canonical scalars of 32 bytes. */
export interface MsmChunk {
  readonly points: Uint8Array;
  readonly scalars: Uint8Array;
}

/** What {@link streamMsm} may be told. `onProgress` is called when `length` is known. */
export interface StreamMsmOptions extends OperationOptions, UploadOptions {
  /** Terms in all, for progress. */
  readonly length?: number | undefined;
  /** Most terms in the backend at a time; longer chunks are cut. Default 2^18. */
  readonly chunkLength?: number | undefined;
}

const CHUNK_LENGTH = 2 ** 18;

/** A group as this file needs it: sizes, and sums of chunks and of two points, in memory form. */
interface StreamedGroup {
  readonly pointBytes: number;
  sum(chunk: MsmChunk, options: StreamMsmOptions): Promise<Uint8Array>;
  add(left: Uint8Array, right: Uint8Array): Uint8Array;
}

/** The sum of a chunk, of which the backend holds nothing afterwards. */
async function sumChunk<V extends BackendVector>(
  backend: Backend,
  scalars: Uint8Array,
  upload: () => Promise<V>,
  msm: (bases: V, scalars: FrVector) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const bases = await upload();
  try {
    const factors = await backend.uploadFr(scalars);
    try {
      return await msm(bases, factors);
    } finally {
      factors.dispose();
    }
  } finally {
    bases.dispose();
  }
}

function streamedGroup(backend: Backend, group: 'g1' | 'g2'): StreamedGroup {
  const { curve } = backend;
  if (group === 'g1') {
    const point = (bytes: Uint8Array): G1Point => g1FromBytes(curve, bytes, 'Sum');
    return {
      pointBytes: curve.g1Bytes,
      sum: ({ points, scalars }, { encoding, signal }) =>
        sumChunk(
          backend,
          scalars,
          () => backend.uploadG1(points, { encoding }),
          (bases, factors) => backend.msmG1(bases, factors, { signal }),
        ),
      add: (left, right) => g1ToBytes(curve, point(left).add(point(right))),
    };
  }
  const point = (bytes: Uint8Array): G2Point => g2FromBytes(curve, bytes, 'Sum');
  return {
    pointBytes: curve.g2Bytes,
    sum: ({ points, scalars }, { encoding, signal }) =>
      sumChunk(
        backend,
        scalars,
        () => backend.uploadG2(points, { encoding }),
        (bases, factors) => backend.msmG2(bases, factors, { signal }),
      ),
    add: (left, right) => g2ToBytes(curve, point(left).add(point(right))),
  };
}

/**
 * Σ scalars_i·points_i over all chunks, one point in memory form. Only one chunk, of at most `chunkLength` terms, is in the backend at
 * a time, and gone before the next; the next is asked for while one is summed. The source is closed whatever happens.
 * Throws LengthMismatchError for a chunk whose points and scalars differ in number, what uploads throw, and AbortedError.
 */
export async function streamMsm(
  backend: Backend,
  group: 'g1' | 'g2',
  chunks: AsyncIterable<MsmChunk>,
  options: StreamMsmOptions = {},
): Promise<Uint8Array> {
  const { signal, onProgress, length, chunkLength = CHUNK_LENGTH } = options;
  if (!Number.isSafeInteger(chunkLength) || chunkLength < 1) {
    throw new OptionError(`chunkLength: expected a whole number of terms, at least 1, got ${chunkLength}.`);
  }
  const { frBytes } = backend.curve;
  const { pointBytes, sum, add } = streamedGroup(backend, group);
  let total: Uint8Array = new Uint8Array(pointBytes);
  let done = 0;
  const source = chunks[Symbol.asyncIterator]();
  let next = source.next();
  try {
    for (let item = await next; !item.done; item = await next) {
      throwIfAborted(signal);
      const { points, scalars } = item.value;
      next = source.next();
      // What it throws is thrown when its turn comes.
      next.catch(() => {});
      if (points.length % pointBytes !== 0) {
        throw new LengthMismatchError('Points', `a multiple of ${pointBytes} bytes`, points.length);
      }
      const terms = points.length / pointBytes;
      assertLength('MSM, bytes of scalars', terms * frBytes, scalars.length);
      for (let start = 0; start < terms; start += chunkLength) {
        const end = Math.min(terms, start + chunkLength);
        const part = {
          points: points.subarray(start * pointBytes, end * pointBytes),
          scalars: scalars.subarray(start * frBytes, end * frBytes),
        };
        total = add(total, await sum(part, options));
        done += end - start;
        if (length) onProgress?.(Math.min(1, done / length));
      }
    }
    return total;
  } finally {
    await next.catch(() => {});
    await source.return?.();
  }
}
