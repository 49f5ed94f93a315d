/**
 * Vectors that live on a device, on the CPU backend, or both: each side gets them when it first needs them. A vector outlives the
 * device it is on: it has its bytes, or knows from which vectors it was computed.
 */

import { DisposedError, InternalError } from '../../errors.ts';
import { type Segment, sliceSegments } from '../../gpu/segments.ts';
import type { Placement } from '../auto/cost-model.ts';
import type { Backend, BackendVector, Encoding, VectorKind } from '../backend.ts';
import type { GpuEngine } from './engine.ts';
import { isGpuFailure } from './gpu-failures.ts';

/** Uploaded bytes beyond which no copy is kept on the host once they are on the device. */
const KEEP_BYTES = 2 ** 28;

/** The backend that a vector belongs to, and what a vector needs of it. */
export interface VectorHome {
  readonly cpu: Backend;
  /** Puts elements on a device. */
  upload(engine: GpuEngine, kind: VectorKind, bytes: Uint8Array, encoding: Encoding): Promise<Segment[]>;
  /** Elements of a device in memory form. */
  download(engine: GpuEngine, kind: VectorKind, segments: readonly Segment[]): Promise<Uint8Array>;
  /** Told of a failure of the GPU that a vector gets over. */
  onFault(error: unknown): void;
}

/** Elements on one device. */
export interface Residence {
  readonly engine: GpuEngine;
  readonly segments: readonly Segment[];
}

/** Hands the bytes of a vector to the CPU backend. */
function uploadToCpu<K extends VectorKind>(
  cpu: Backend,
  kind: K,
  bytes: Uint8Array,
  encoding: Encoding,
): Promise<BackendVector<K>> {
  const upload = { fr: cpu.uploadFr, g1: cpu.uploadG1, g2: cpu.uploadG2 }[kind];
  return upload(bytes, { encoding }) as Promise<BackendVector> as Promise<BackendVector<K>>;
}

/** Where a new vector's elements are. */
export interface VectorSource<K extends VectorKind> {
  /** The elements' bytes, not shared with anybody, and how they hold them. */
  readonly bytes?: Uint8Array | undefined;
  readonly encoding?: Encoding | undefined;
  readonly residence?: Residence | undefined;
  readonly mirror?: BackendVector<K> | undefined;
  /** Computes the vector anew on the CPU. */
  readonly recompute?: (() => Promise<BackendVector<K>>) | undefined;
}

/** A handle of the WebGPU backend: a whole vector or a view of one. */
export abstract class HybridVector<K extends VectorKind> implements BackendVector<K> {
  readonly home: VectorHome;
  readonly kind: K;
  readonly length: number;

  protected constructor(home: VectorHome, kind: K, length: number) {
    this.home = home;
    this.kind = kind;
    this.length = length;
  }

  slice(start: number, end: number): HybridVector<K> {
    if (start < 0 || end < start || end > this.length) {
      throw new InternalError(`Slice ${start}..${end} of a vector of ${this.length} elements.`);
    }
    return new VectorView(this, start, end);
  }

  /** Whether its elements are given back; they can be recovered still. */
  abstract get isDisposed(): boolean;
  /** The segments on a device; puts them there first where they are not. */
  abstract onDevice(engine: GpuEngine): Promise<readonly Segment[]>;
  /** The vector on the CPU backend; kept there for further uses. */
  abstract onCpu(): Promise<BackendVector<K>>;
  /** As {@link HybridVector.onCpu}, also when this handle was disposed of since. */
  abstract recover(): Promise<BackendVector<K>>;
  /** Elements `start` up to `end` in memory form; all of them where these are left out. */
  abstract bytes(start?: number, end?: number): Promise<Uint8Array>;
  /** Where the elements are now. */
  abstract placement(): Placement;
  abstract dispose(): void;
}

/** A vector that owns its elements. */
export class OwnVector<K extends VectorKind> extends HybridVector<K> {
  #bytes: Uint8Array | undefined;
  #encoding: Encoding;
  #residence: Promise<Residence> | undefined;
  #mirror: Promise<BackendVector<K>> | undefined;
  readonly #recompute: (() => Promise<BackendVector<K>>) | undefined;
  #isDisposed = false;

  constructor(home: VectorHome, kind: K, length: number, source: VectorSource<K>) {
    super(home, kind, length);
    this.#bytes = source.bytes;
    this.#encoding = source.encoding ?? 'canonical';
    this.#residence = source.residence && Promise.resolve(source.residence);
    this.#mirror = source.mirror && Promise.resolve(source.mirror);
    this.#recompute = source.recompute;
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  #assertAlive(): void {
    if (this.#isDisposed) throw new DisposedError(`A ${this.kind} vector`);
  }

  async onDevice(engine: GpuEngine): Promise<readonly Segment[]> {
    this.#assertAlive();
    const residence = await this.#residence;
    if (residence?.engine === engine) return residence.segments;
    const created = this.#settle(engine);
    this.#residence = created;
    try {
      return (await created).segments;
    } catch (error) {
      if (this.#residence === created) this.#residence = undefined;
      throw error;
    }
  }

  async #settle(engine: GpuEngine): Promise<Residence> {
    const own = this.#bytes;
    const bytes = own ?? (await this.home.cpu.read(await this.recover()));
    const segments = await this.home.upload(engine, this.kind, bytes, own ? this.#encoding : 'canonical');
    if (!own && this.kind === 'fr') {
      // Scalars may be secret: the CPU has them, and nothing else needs a copy.
      bytes.fill(0);
    } else if (bytes.length > KEEP_BYTES) {
      this.#bytes = undefined;
    } else if (!own) {
      // What was computed from these points may need them after the end of this handle.
      this.#bytes = bytes;
      this.#encoding = 'canonical';
    }
    return { engine, segments };
  }

  onCpu(): Promise<BackendVector<K>> {
    this.#assertAlive();
    return this.recover();
  }

  recover(): Promise<BackendVector<K>> {
    if (!this.#mirror) {
      const mirror = this.#makeMirror();
      this.#mirror = mirror;
      mirror.catch(() => {
        if (this.#mirror === mirror) this.#mirror = undefined;
      });
    }
    return this.#mirror;
  }

  async #makeMirror(): Promise<BackendVector<K>> {
    const { cpu } = this.home;
    if (this.#bytes) return uploadToCpu(cpu, this.kind, this.#bytes, this.#encoding);
    const residence = this.#isDisposed ? undefined : await this.#residence;
    const bytes = residence && (await this.#download(residence));
    if (bytes) return uploadToCpu(cpu, this.kind, bytes, 'canonical');
    if (!this.#recompute) throw new DisposedError(`A ${this.kind} vector`);
    return this.#recompute();
  }

  async bytes(start = 0, end: number = this.length): Promise<Uint8Array> {
    this.#assertAlive();
    if (this.#bytes && this.#encoding === 'canonical') {
      const size = this.#bytes.length / Math.max(this.length, 1);
      return this.#bytes.slice(start * size, end * size);
    }
    const residence = this.#mirror ? undefined : await this.#residence;
    const bytes = residence && (await this.#download(residence, start, end));
    return bytes ?? this.home.cpu.read((await this.recover()).slice(start, end));
  }

  /** Elements from a device; undefined where that does not give them any more and they can be computed anew. */
  async #download(
    { engine, segments }: Residence,
    start = 0,
    end: number = this.length,
  ): Promise<Uint8Array | undefined> {
    if (engine.device.isLost && this.#recompute) return undefined;
    try {
      return await this.home.download(engine, this.kind, sliceSegments(segments, start, end));
    } catch (error) {
      if (!this.#recompute || !isGpuFailure(error)) throw error;
      this.home.onFault(error);
      return undefined;
    }
  }

  placement(): Placement {
    const { cpu } = this.home;
    const size = { fr: cpu.curve.frBytes, g1: cpu.curve.g1Bytes, g2: cpu.curve.g2Bytes }[this.kind];
    return {
      owner: this,
      bytes: this.length * size,
      onHost: this.#bytes !== undefined,
      onCpu: this.#mirror !== undefined,
      onGpu: this.#residence !== undefined,
    };
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    const release = ({ engine, segments }: Residence): void => {
      for (const { buffer } of segments) {
        if (this.kind === 'fr') {
          // Scalars may be secret, and their digits with them.
          engine.digits.drop(buffer);
          engine.device.releaseSecret(buffer);
        } else buffer.release();
      }
    };
    void this.#residence?.then(release, () => {});
    void this.#mirror?.then(
      (mirror) => mirror.dispose(),
      () => {},
    );
    // What was computed from this vector may have to be computed again: that starts from bytes or a recipe.
    this.#mirror = undefined;
    this.#residence = undefined;
  }
}

/** Elements `start` up to `end` of another vector. */
class VectorView<K extends VectorKind> extends HybridVector<K> {
  readonly #parent: HybridVector<K>;
  readonly #start: number;

  constructor(parent: HybridVector<K>, start: number, end: number) {
    super(parent.home, parent.kind, end - start);
    this.#parent = parent;
    this.#start = start;
  }

  get isDisposed(): boolean {
    return this.#parent.isDisposed;
  }

  async onDevice(engine: GpuEngine): Promise<readonly Segment[]> {
    return sliceSegments(await this.#parent.onDevice(engine), this.#start, this.#start + this.length);
  }

  async onCpu(): Promise<BackendVector<K>> {
    return (await this.#parent.onCpu()).slice(this.#start, this.#start + this.length);
  }

  async recover(): Promise<BackendVector<K>> {
    return (await this.#parent.recover()).slice(this.#start, this.#start + this.length);
  }

  bytes(start = 0, end: number = this.length): Promise<Uint8Array> {
    return this.#parent.bytes(this.#start + start, this.#start + end);
  }

  placement(): Placement {
    return this.#parent.placement();
  }

  /** A view has no storage of its own. */
  dispose(): void {}
}

/** Unwraps a handle, refusing one that another backend made. */
export function hybridOf<K extends VectorKind>(vector: BackendVector<K>, home: VectorHome): HybridVector<K> {
  if (!(vector instanceof HybridVector) || vector.home !== home) {
    throw new InternalError('A vector of another backend was given.');
  }
  return vector;
}
