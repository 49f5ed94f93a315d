/**
 * The one interface through which every heavy operation goes. Backends are injected; nothing reaches for one.
 *
 * Data lives where the backend wants it: `upload…` hands over flat bytes in memory form (see curve/curve.ts) and returns a
 * handle; operations take and return handles; `read` brings bytes back. A handle is immutable, `slice` is a view that
 * shares its storage, and `dispose` gives the storage of a handle (not of its views' parent) back. All operations are
 * asynchronous and take an AbortSignal; none keeps the process alive. Scalars are public data here: folding and
 * verifying have no secrets, so no operation promises constant time.
 *
 * Results are bit-identical across backends, except {@link Backend.millerProducts}: factors from proper subfields differ
 * with the line formulas and vanish in {@link Backend.finalExponentiation}, whose results are identical again.
 */

import type { Curve } from '../curve/curve.ts';

/** Name of a backend as it stands in options and benchmark rows. */
export type BackendName = 'auto' | 'reference' | 'wasm' | 'webgpu' | 'gpujs';

/** Which elements a vector holds. */
export type VectorKind = 'fr' | 'g1' | 'g2';

/** Handle of a vector of scalars or points held by a backend. */
export interface BackendVector<K extends VectorKind = VectorKind> {
  readonly kind: K;
  readonly length: number;
  /** View of the elements from `start` up to, not including, `end`. */
  slice(start: number, end: number): BackendVector<K>;
  /** Gives the storage back; the handle and its views must not be used afterwards. */
  dispose(): void;
}

export type FrVector = BackendVector<'fr'>;
export type G1Vector = BackendVector<'g1'>;
export type G2Vector = BackendVector<'g2'>;

/** Points made ready for many multi-scalar multiplications; see {@link Backend.prepareG1}. Immutable. */
export interface Bases<K extends 'g1' | 'g2' = 'g1' | 'g2'> {
  readonly kind: K;
  readonly length: number;
  readonly prepared: true;
  /** Gives the storage back; the bases must not be used afterwards. */
  dispose(): void;
}

export type G1Bases = Bases<'g1'>;
export type G2Bases = Bases<'g2'>;

/** One multi-scalar multiplication among many: bases and as many scalars. */
export interface MsmJob<K extends 'g1' | 'g2'> {
  readonly bases: BackendVector<K> | Bases<K>;
  readonly scalars: FrVector;
}

/** One of the sums of {@link Backend.msmSums}. */
export interface SumJob<K extends 'g1' | 'g2'> extends MsmJob<K> {
  /** Called once the scalars are read no more, at the latest when all sums are there: who needs them for this sum alone may dispose of them. */
  readonly onSpent?: (() => void) | undefined;
}

/** Sums that are asked for together. */
export interface SumJobs {
  readonly g1: readonly SumJob<'g1'>[];
  readonly g2: readonly SumJob<'g2'>[];
}

/** Their points in memory form, one behind the other in each group. */
export interface GroupSums {
  readonly g1: Uint8Array;
  readonly g2: Uint8Array;
}

/**
 * How coordinates and scalars are encoded: `canonical` as everywhere (curve/curve.ts), or `montgomery`, x·2^(8·byteLength) mod p,
 * little-endian, as zkey and ptau files hold them.
 */
export type Encoding = 'canonical' | 'montgomery';

/** What uploads may be told. */
export interface UploadOptions {
  /** Default `canonical`. */
  readonly encoding?: Encoding | undefined;
}

/** One term Σ_i e(g1_i, g2_i) of a pairing product: two vectors of one length. */
export interface PairingTerm {
  readonly g1: G1Vector;
  readonly g2: G2Vector;
}

/** A product of pairings, given as a sum of inner products. Empty means the neutral element. */
export type PairingProduct = readonly PairingTerm[];

/** What every long operation takes. */
export interface OperationOptions {
  /** Cancels the operation, which then rejects with AbortedError. */
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with the share of the operation that is done, from 0 to 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** Which transform {@link Backend.ntt} makes. */
export interface NttOptions extends OperationOptions {
  /** Coefficients from values, instead of values from coefficients. */
  readonly inverse?: boolean | undefined;
  /** s in the points s·ω^i: from 1 up to order − 1. Default 1. */
  readonly shift?: bigint | undefined;
}

/**
 * Lines of G2 points that stand in many Miller loops, made once. Only the points' owner is prepared; its views read its lines. What is
 * prepared is given back with the vector.
 */
export interface LineTables {
  /** Names curve, form and kernels: saved tables of another form are of no use. */
  readonly form: string;
  /** Bytes of the tables of `length` points. */
  byteLength(length: number): number;
  /** Makes the lines of a vector, unless it has them. Throws MemoryLimitError where there is no room for them to spare. */
  prepare(points: G2Vector, options?: OperationOptions): Promise<void>;
  /** The tables of a vector that has lines. */
  save(points: G2Vector): Promise<Uint8Array>;
  /** Gives a vector the tables that {@link save} gave for the same points. Nothing in them is checked. Throws as {@link prepare}. */
  load(points: G2Vector, tables: Uint8Array): Promise<void>;
  /** Gives the lines of a vector back, if it has any. */
  drop(points: G2Vector): Promise<void>;
}

/**
 * A sparse matrix by its entries: entry i is values[valueIndices[i]], at row rowIndices[i] and column columnIndices[i], for
 * values given apart. Any order; entries at one place add up.
 */
export interface SparseMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly rowIndices: Uint32Array;
  readonly columnIndices: Uint32Array;
  readonly valueIndices: Uint32Array;
}

/** Handle of a sparse matrix of scalars held by a backend. Immutable. */
export interface FrMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Gives the storage back; the handle must not be used afterwards. */
  dispose(): void;
}

/** Compute backend bound to one curve. */
export interface Backend {
  readonly name: BackendName;
  readonly curve: Curve;
  /** Threads (or 1 for a device queue) that it may use, for benchmark rows. */
  readonly threads: number;
  /** Prepared lines, where the backend has them. Results are the same without. */
  readonly lines?: LineTables | undefined;

  /**
   * Says that work for all threads comes soon, so that what has to start for it does while the caller is busy otherwise. Never fails;
   * missing where nothing has to start.
   */
  readonly wake?: (() => void) | undefined;

  /** Uploads scalars: 32·n bytes, each integer below the order. */
  uploadFr(bytes: Uint8Array, options?: UploadOptions): Promise<FrVector>;
  /**
   * Uploads affine G1 points in memory form, or as files have them: {@link Encoding}. Encoded coordinates must be below the
   * modulus; curve and subgroup are the caller's to check.
   */
  uploadG1(bytes: Uint8Array, options?: UploadOptions): Promise<G1Vector>;
  /** Uploads affine G2 points. As {@link Backend.uploadG1}. */
  uploadG2(bytes: Uint8Array, options?: UploadOptions): Promise<G2Vector>;
  /** Brings a vector back in memory form. */
  read(vector: BackendVector): Promise<Uint8Array>;

  /**
   * Makes points ready for repeated multi-scalar multiplications: whatever these derive from points alone is done once. The points
   * may be disposed of afterwards.
   */
  prepareG1(points: G1Vector, options?: OperationOptions): Promise<G1Bases>;
  /** As {@link Backend.prepareG1}, in G2. */
  prepareG2(points: G2Vector, options?: OperationOptions): Promise<G2Bases>;
  /** Σ scalars_i·bases_i, one point in memory form. An empty sum is infinity. Scalars of 0 and 1 cost next to nothing. */
  msmG1(bases: G1Vector | G1Bases, scalars: FrVector, options?: OperationOptions): Promise<Uint8Array>;
  /** Σ scalars_i·bases_i in G2. */
  msmG2(bases: G2Vector | G2Bases, scalars: FrVector, options?: OperationOptions): Promise<Uint8Array>;
  /** Many sums in one go, each of few terms: their points one after another in memory form. No jobs give no bytes. */
  msmManyG1(jobs: readonly MsmJob<'g1'>[], options?: OperationOptions): Promise<Uint8Array>;
  /** As {@link Backend.msmManyG1}, in G2. */
  msmManyG2(jobs: readonly MsmJob<'g2'>[], options?: OperationOptions): Promise<Uint8Array>;
  /**
   * Some large sums, one after another: what {@link Backend.msmG1} and {@link Backend.msmG2} give. A device sorts scalars that stand in
   * several once, and is read from once, at the end. For many sums of few terms, {@link Backend.msmManyG1}.
   */
  msmSums(jobs: SumJobs, options?: OperationOptions): Promise<GroupSums>;
  /** Element by element scalars_i·points_i. */
  scaleG1(points: G1Vector, scalars: FrVector, options?: OperationOptions): Promise<G1Vector>;
  /** Element by element scalars_i·points_i in G2. */
  scaleG2(points: G2Vector, scalars: FrVector, options?: OperationOptions): Promise<G2Vector>;
  /** left + x·right, element by element; 0 ≤ x < order. */
  foldG1(left: G1Vector, right: G1Vector, x: bigint, options?: OperationOptions): Promise<G1Vector>;
  /** left + x·right, element by element, in G2; 0 ≤ x < order. */
  foldG2(left: G2Vector, right: G2Vector, x: bigint, options?: OperationOptions): Promise<G2Vector>;
  /** left + x·right, element by element, in the scalar field. */
  foldFr(left: FrVector, right: FrVector, x: bigint, options?: OperationOptions): Promise<FrVector>;
  /** left·right, element by element, in the scalar field. */
  mulFr(left: FrVector, right: FrVector, options?: OperationOptions): Promise<FrVector>;
  /**
   * Number-theoretic transform of 2^k scalars, 0 ≤ k ≤ 24. Forward: the values of the polynomial with these coefficients at
   * s·ω^i for ascending i, where ω of order 2^k is the root that snarkjs uses (ntt/roots.ts). Inverse: the coefficients,
   * given those values. Throws LengthMismatchError for another number of scalars, OptionError for a shift out of range.
   */
  ntt(values: FrVector, options?: NttOptions): Promise<FrVector>;
  /**
   * Uploads a sparse matrix, laid out for {@link Backend.mulMatrix}; `values` may be disposed of afterwards. Throws
   * LengthMismatchError for lists of different length, OptionError for an entry outside the matrix or the values.
   */
  uploadMatrix(matrix: SparseMatrix, values: FrVector, options?: OperationOptions): Promise<FrMatrix>;
  /** matrix·vector: as many scalars as the matrix has rows. */
  mulMatrix(matrix: FrMatrix, vector: FrVector, options?: OperationOptions): Promise<FrVector>;
  /** [first, first·base, first·base², …] in the scalar field. */
  powersFr(base: bigint, count: number, first?: bigint): Promise<FrVector>;
  /**
   * Coefficients of (f(X) − f(point))/(X − point) for f = X^shift · Π_j (1 + factors_j·X^(2^j)): the quotient behind every
   * key opening. 2^(number of factors) + shift − 1 scalars.
   */
  openingQuotient(factors: readonly bigint[], shift: number, point: bigint): Promise<FrVector>;

  /**
   * Miller-loop products before the final exponentiation, one Fp12 element in memory form per product. Products are
   * given together because they share work: lines of a G2 element that stands in several are computed once.
   * Pairs with an infinite member count as 1.
   */
  millerProducts(products: readonly PairingProduct[], options?: OperationOptions): Promise<Uint8Array>;
  /** Final exponentiation of each Fp12 element; results are in GT. Elements must not be 0. */
  finalExponentiation(values: Uint8Array, options?: OperationOptions): Promise<Uint8Array>;
  /** Π bases_i^scalars_i in GT; bases are `gtBytes` each and in GT, scalars as in {@link Backend.uploadFr}. */
  gtMultiExp(bases: Uint8Array, scalars: Uint8Array, options?: OperationOptions): Promise<Uint8Array>;
  /** Product of Fp12 elements given pairwise: left_i · right_i. */
  gtMul(left: Uint8Array, right: Uint8Array): Promise<Uint8Array>;

  /** Compressed encodings (curve/compressed.ts, curve/torus.ts) of concatenated elements in memory form. */
  compressG1(points: Uint8Array, options?: OperationOptions): Promise<Uint8Array>;
  compressG2(points: Uint8Array, options?: OperationOptions): Promise<Uint8Array>;
  compressGt(values: Uint8Array, options?: OperationOptions): Promise<Uint8Array>;
  /**
   * Reads concatenated compressed elements, checking canonical form, curve and subgroup of each; returns memory form.
   * Throws the typed error of the first bad element, with its `index` in the context.
   */
  decompressG1(encoded: Uint8Array, options?: OperationOptions): Promise<Uint8Array>;
  decompressG2(encoded: Uint8Array, options?: OperationOptions): Promise<Uint8Array>;
  decompressGt(encoded: Uint8Array, options?: OperationOptions): Promise<Uint8Array>;
  /** Checks curve and subgroup of each point; throws the typed error of the first bad one, `index` in the context. */
  checkG1(points: Uint8Array, options?: OperationOptions): Promise<void>;
  checkG2(points: Uint8Array, options?: OperationOptions): Promise<void>;

  /** Frees everything the backend holds. */
  dispose(): Promise<void>;
}
