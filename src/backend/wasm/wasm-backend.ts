/** The CPU backend: WebAssembly kernels on all cores. */

import { decompressG1, decompressG2 } from '../../curve/compressed.ts';
import type { Curve } from '../../curve/curve.ts';
import { checkG1, checkG2, g1FromBytes, g2FromBytes } from '../../curve/points.ts';
import { decompressGt } from '../../curve/torus.ts';
import { assertLength, type ErrorContext, InternalError, throwIfAborted } from '../../errors.ts';
import { chooseForm } from '../../wasm/field/choose-form.ts';
import type { FormName } from '../../wasm/field/field-form.ts';
import { createPool } from '../../wasm/pool/index.ts';
import type { Backend, BackendVector, FrVector, MsmJob, OperationOptions } from '../backend.ts';
import { createReferenceBackend } from '../reference/reference-backend.ts';
import { sumsInTurn } from '../sums-in-turn.ts';
import { loadKernels } from './kernels.ts';
import { lineTables } from './line-tables.ts';
import { PooledGroup } from './pooled-group.ts';
import { matrixOf, mulMatrix, uploadMatrix } from './pooled-matrix.ts';
import { type PooledMsmJob, pooledMsm, prepareBases } from './pooled-msm.ts';
import { PooledNtt } from './pooled-ntt.ts';
import { PooledPairing } from './pooled-pairing.ts';
import { PooledScalars } from './pooled-scalars.ts';
import { basesOf } from './wasm-bases.ts';
import { type PointKind, vectorOf } from './wasm-vector.ts';

/** Options of {@link createWasmBackend}. */
export interface WasmBackendOptions {
  /** Threads that compute, 1 to 256. Default: as many as the process may use. */
  readonly threads?: number | undefined;
  /** Multiplier form. Default: the fastest that works here. Throws OptionError where it does not. */
  readonly form?: FormName | undefined;
  /** Most memory that kernels and vectors may take, in bytes. Default: 4 GiB, the most there is. */
  readonly memoryBytes?: number | undefined;
  /** Cancels the creation. */
  readonly signal?: AbortSignal | undefined;
}

/** Reads one element with the reference arithmetic, or throws the typed error of what is wrong with it. */
type ReadElement = (curve: Curve, bytes: Uint8Array, what: string, context: ErrorContext) => unknown;

const checkG1Bytes: ReadElement = (curve, bytes, what, context) =>
  checkG1(curve, g1FromBytes(curve, bytes, what, context), what, context);
const checkG2Bytes: ReadElement = (curve, bytes, what, context) =>
  checkG2(curve, g2FromBytes(curve, bytes, what, context), what, context);

/** Creates the WebAssembly backend of a curve. Throws OptionError, MemoryLimitError or AbortedError. */
export async function createWasmBackend(curve: Curve, options: WasmBackendOptions = {}): Promise<Backend> {
  const form = chooseForm(options.form === undefined ? {} : { force: options.form });
  const kernels = await loadKernels(curve, form);
  const pool = await createPool({
    module: kernels.bytes,
    staticBytes: kernels.staticBytes,
    threads: options.threads,
    startWorkers: 'needed',
    memory: { maximumBytes: options.memoryBytes },
    signal: options.signal,
  });
  const { memory } = pool;
  const reference = createReferenceBackend(curve);
  const fr = new PooledScalars(kernels, pool);
  const ntt = new PooledNtt(fr);
  const g1 = new PooledGroup('g1', kernels.g1, kernels.form, pool);
  const g2 = new PooledGroup('g2', kernels.g2, kernels.form, pool);
  const pairing = new PooledPairing(kernels, pool);
  // What is wrong with an element that a kernel refused, the reference says in words.
  const explain =
    (read: ReadElement, name: string, elements: Uint8Array, size: number) =>
    (index: number): never => {
      read(curve, elements.subarray(index * size, (index + 1) * size), `${name} ${index}`, { index });
      throw new InternalError(`The kernel refuses ${name} ${index}, the reference does not.`);
    };
  const withScalars = async <T>(scalars: FrVector, use: (bytes: Uint8Array) => Promise<T>): Promise<T> => {
    const bytes = await fr.read(vectorOf(scalars, memory));
    try {
      return await use(bytes);
    } finally {
      bytes.fill(0);
    }
  };

  const msm = async <K extends PointKind>(
    group: PooledGroup<K>,
    jobs: readonly MsmJob<K>[],
    run: OperationOptions,
  ): Promise<Uint8Array> => {
    const lists = jobs.map(({ bases, scalars }) => {
      assertLength('MSM, scalars', bases.length, scalars.length);
      return vectorOf(scalars, memory);
    });
    return fr.withBytes(lists, (places) =>
      pooledMsm(
        group,
        jobs.map(
          ({ bases }, i): PooledMsmJob<K> => ({
            bases: basesOf(bases, memory),
            scalars: places[i] as number,
          }),
        ),
        run,
      ),
    );
  };

  return {
    name: 'wasm',
    curve,
    threads: pool.threads,
    wake: () => pool.wake(),

    uploadFr: (bytes, { encoding } = {}) => fr.upload(bytes, encoding),
    foldFr: (left, right, x, run = {}) => fr.fold(vectorOf(left, memory), vectorOf(right, memory), x, run),
    mulFr: (left, right, run = {}) => fr.mul(vectorOf(left, memory), vectorOf(right, memory), run),
    ntt: (values, run = {}) => ntt.transform(vectorOf(values, memory), run),
    uploadMatrix: (matrix, values, run = {}) => uploadMatrix(fr, matrix, vectorOf(values, memory), run),
    mulMatrix: (matrix, vector, run = {}) =>
      mulMatrix(fr, matrixOf(matrix, memory), vectorOf(vector, memory), run),
    powersFr: (base, count, first = 1n) => fr.powers(base, count, first),
    openingQuotient: (factors, shift, point) => fr.openingQuotient(factors, shift, point),
    uploadG1: (bytes, { encoding } = {}) => g1.upload(bytes, encoding),
    uploadG2: (bytes, { encoding } = {}) => g2.upload(bytes, encoding),
    read: async (vector) => {
      if (vector.kind === 'fr') return fr.read(vectorOf(vector as BackendVector<'fr'>, memory));
      return vector.kind === 'g1'
        ? g1.read(vectorOf(vector as BackendVector<'g1'>, memory))
        : g2.read(vectorOf(vector as BackendVector<'g2'>, memory));
    },

    prepareG1: (points, run = {}) => prepareBases(g1, vectorOf(points, memory), run),
    prepareG2: (points, run = {}) => prepareBases(g2, vectorOf(points, memory), run),
    msmG1: (bases, scalars, run = {}) => msm(g1, [{ bases, scalars }], run),
    msmG2: (bases, scalars, run = {}) => msm(g2, [{ bases, scalars }], run),
    msmManyG1: (jobs, run = {}) => msm(g1, jobs, run),
    msmManyG2: (jobs, run = {}) => msm(g2, jobs, run),
    msmSums: (jobs, run = {}) =>
      sumsInTurn({ g1: (job, own) => msm(g1, [job], own), g2: (job, own) => msm(g2, [job], own) }, jobs, run),
    scaleG1: (points, scalars, run = {}) =>
      withScalars(scalars, (bytes) => g1.scale(vectorOf(points, memory), bytes, run)),
    scaleG2: (points, scalars, run = {}) =>
      withScalars(scalars, (bytes) => g2.scale(vectorOf(points, memory), bytes, run)),
    foldG1: (left, right, x, run = {}) => g1.fold(vectorOf(left, memory), vectorOf(right, memory), x, run),
    foldG2: (left, right, x, run = {}) => g2.fold(vectorOf(left, memory), vectorOf(right, memory), x, run),

    lines: lineTables(kernels, pairing, memory),
    millerProducts: (products, run = {}) => pairing.millerProducts(products, run),
    finalExponentiation: (values, run = {}) => pairing.finalExponentiation(values, run),
    gtMultiExp: async (bases, scalars, run = {}) => {
      throwIfAborted(run.signal);
      return pairing.gtMultiExp(bases, await reference.read(await reference.uploadFr(scalars)), run);
    },
    gtMul: (left, right) => pairing.gtMul(left, right),

    compressG1: (points, run = {}) => g1.compress(points, run),
    compressG2: (points, run = {}) => g2.compress(points, run),
    compressGt: (values, run = {}) => pairing.compressGt(values, run),
    decompressG1: (encoded, run = {}) =>
      g1.decompress(encoded, explain(decompressG1, 'G1 point', encoded, curve.g1CompressedBytes), run),
    decompressG2: (encoded, run = {}) =>
      g2.decompress(encoded, explain(decompressG2, 'G2 point', encoded, curve.g2CompressedBytes), run),
    decompressGt: (encoded, run = {}) =>
      pairing.decompressGt(
        encoded,
        explain(decompressGt, 'GT element', encoded, curve.gtCompressedBytes),
        run,
      ),
    checkG1: (points, run = {}) =>
      g1.check(points, explain(checkG1Bytes, 'G1 point', points, curve.g1Bytes), run),
    checkG2: (points, run = {}) =>
      g2.check(points, explain(checkG2Bytes, 'G2 point', points, curve.g2Bytes), run),
    dispose: () => pool.dispose(),
  };
}
