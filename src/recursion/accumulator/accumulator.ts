/**
 * Taking proofs one by one as they arrive. The commitments of a composite are, for a fixed capacity, sums over slots: each
 * proof is added when it comes, in any order, and the sums are kept in a journal with it, so that nothing that was
 * acknowledged is lost with the process.
 */

import type { Backend } from '../../backend/backend.ts';
import { resolveBackend } from '../../backend/create-backend.ts';
import type { RunOptions } from '../../backend/progress.ts';
import { gtToBytes } from '../../curve/gt.ts';
import {
  CapacityError,
  FalseProofError,
  MixedCurvesError,
  OptionError,
  StoreError,
  throwIfAborted,
} from '../../errors.ts';
import { concatBytes } from '../../field/bytes.ts';
import { GatheredChecks } from '../../groth16/point-checks.ts';
import { type BatchMember, isSystemName, statementId } from '../../groth16/proof.ts';
import { verifyBatch } from '../../groth16/verify-batch.ts';
import { type AggregateOptions, type AggregateResult, aggregateWith } from '../aggregate.ts';
import { type CommitmentKeys, commitmentProducts, uploadCommitmentKeys } from '../snarkpack/commitments.ts';
import type { LineStore } from '../srs/line-store.ts';
import { nextPowerOfTwo } from '../srs/size.ts';
import type { Srs } from '../srs/srs.ts';
import { type JournalEntry, type JournalHeader, JournalWriter, readJournal } from './journal.ts';
import { type AccumulatorStore, createMemoryStore } from './store.ts';

/** Options of {@link createAccumulator}. */
export interface AccumulatorOptions extends Pick<RunOptions, 'backend' | 'signal'> {
  readonly srs: Srs;
  /** Slots N, a power of two, fixed from the start because the commitment keys depend on it. Default: the string's size. */
  readonly capacity?: number | undefined;
  /** Where the journal is kept; a store that holds one already is continued. Default: memory. */
  readonly store?: AccumulatorStore | undefined;
  /** Keeps lines of the reference string, which adding a proof and closing both use. See AggregateOptions.lines. */
  readonly lines?: LineStore | undefined;
  /**
   * What to do with a statement that is already in: `keep` folds it again, `skip` acknowledges it without (for queues that
   * deliver at least once). Default `keep`.
   */
  readonly duplicates?: 'keep' | 'skip' | undefined;
  /** Take proofs without verifying each. A false one then makes `close` fail. Default false. */
  readonly trusted?: boolean | undefined;
}

/** Answer to one {@link Accumulator.add}. When it comes, the proof is in the store. */
export interface Acknowledgement {
  /** Where the proof stands in the composite. */
  readonly slot: number;
  /** Identity of what it claims. */
  readonly statementId: string;
  /** True when the same statement was there before. */
  readonly duplicate: boolean;
}

/** A composite in the making. */
export interface Accumulator {
  readonly capacity: number;
  /** Proofs acknowledged so far. */
  readonly size: number;
  /** Proofs found in the store at the start, and bytes of a half-written record that were cut off. */
  readonly recovered: { readonly proofs: number; readonly tornBytes: number };
  /** Acknowledged members in slot order. */
  members(): BatchMember[];
  /**
   * Adds a proof, by default in the lowest free slot. Calls may overlap; they are taken in order. Rejects, with nothing
   * recorded, with FalseProofError, CapacityError, MixedCurvesError, StoreError or AbortedError.
   */
  add(
    member: BatchMember,
    options?: { readonly slot?: number; readonly signal?: AbortSignal },
  ): Promise<Acknowledgement>;
  /**
   * Folds what is there: the same bytes as `aggregate` on the same members with the same capacity. May be called again, also
   * after more proofs.
   */
  close(
    options?: Omit<AggregateOptions, 'srs' | 'capacity' | 'scheme' | 'backend' | 'lines'>,
  ): Promise<AggregateResult>;
}

class JournaledAccumulator implements Accumulator {
  readonly capacity: number;
  readonly recovered: Accumulator['recovered'];
  readonly #options: AccumulatorOptions;
  readonly #backend: Backend;
  readonly #keys: CommitmentKeys;
  readonly #store: AccumulatorStore;
  readonly #writer: JournalWriter;
  readonly #slots: Map<number, BatchMember>;
  readonly #keyIndex = new Map<string, number>();
  readonly #statements = new Map<string, number>();
  #commitments: Uint8Array;
  #queue: Promise<unknown> = Promise.resolve();
  #failed: unknown;

  constructor(
    options: AccumulatorOptions,
    parts: {
      capacity: number;
      backend: Backend;
      keys: CommitmentKeys;
      store: AccumulatorStore;
      contents: ReturnType<typeof readJournal>;
    },
  ) {
    const { contents } = parts;
    this.#options = options;
    this.capacity = parts.capacity;
    this.#backend = parts.backend;
    this.#keys = parts.keys;
    this.#store = parts.store;
    this.#writer = new JournalWriter(contents.wholeBytes === 0 ? undefined : contents.hash);
    this.recovered = { proofs: contents.entries.length, tornBytes: contents.tornBytes };
    this.#slots = new Map(contents.entries.map(({ slot, member }) => [slot, member]));
    for (const key of contents.keys) this.#keyIndex.set(key.id, this.#keyIndex.size);
    for (const { slot, member } of contents.entries) this.#statements.set(statementId(member), slot);
    const { curve } = parts.backend;
    const one = gtToBytes(curve, curve.fields.Fp12.ONE);
    this.#commitments = contents.entries.at(-1)?.commitments ?? concatBytes(one, one, one, one);
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Writes the header of a new journal, or cuts off what a crash left half-written. */
  async begin(header: JournalHeader, contents: ReturnType<typeof readJournal>): Promise<void> {
    if (contents.tornBytes > 0) await this.#store.truncate(contents.wholeBytes);
    if (contents.wholeBytes > 0) return;
    const { bytes, commit } = this.#writer.header(header);
    await this.#store.append(bytes);
    commit();
  }

  members(): BatchMember[] {
    return [...this.#slots].sort(([a], [b]) => a - b).map(([, member]) => member);
  }

  add(
    member: BatchMember,
    options: { readonly slot?: number; readonly signal?: AbortSignal } = {},
  ): Promise<Acknowledgement> {
    return this.#enqueue(() => this.#add(member, options));
  }

  close(
    options: Omit<AggregateOptions, 'srs' | 'capacity' | 'scheme' | 'backend' | 'lines'> = {},
  ): Promise<AggregateResult> {
    return this.#enqueue(() => {
      for (let slot = 0; slot < this.size; slot++) {
        if (!this.#slots.has(slot)) {
          throw new CapacityError(
            `Slot ${slot} is empty while later ones are taken; add its proof before closing.`,
            { field: 'slot' },
          );
        }
      }
      return aggregateWith(this.members(), this.#commitments, {
        ...options,
        srs: this.#options.srs,
        lines: this.#options.lines,
        backend: this.#backend,
        capacity: this.capacity,
      });
    });
  }

  /** One thing at a time, in the order of the calls; a failure of one does not stop the next. */
  #enqueue<T>(work: () => Promise<T> | T): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => {});
    return result;
  }

  #freeSlot(): number {
    for (let slot = 0; ; slot++) if (!this.#slots.has(slot)) return slot;
  }

  async #add(
    member: BatchMember,
    { slot: wanted, signal }: { readonly slot?: number; readonly signal?: AbortSignal },
  ): Promise<Acknowledgement> {
    if (this.#failed) {
      throw new StoreError(
        'An earlier write to the store failed; open the accumulator again to continue.',
        {},
        this.#failed,
      );
    }
    throwIfAborted(signal);
    const { curve } = this.#backend;
    if (member.key.curve !== curve)
      throw new MixedCurvesError(curve.name, member.key.curve.name, { ...member.origin });
    if (!isSystemName(member.system)) {
      throw new OptionError(
        `System name ${JSON.stringify(member.system)} must be 1 to 32 characters of a-z, 0-9, ".", "_" and "-".`,
      );
    }
    const id = statementId(member);
    const earlier = this.#statements.get(id);
    if (earlier !== undefined && this.#options.duplicates === 'skip') {
      return { slot: earlier, statementId: id, duplicate: true };
    }
    const slot = wanted ?? this.#freeSlot();
    if (!Number.isInteger(slot) || slot < 0 || slot >= this.capacity) {
      throw new CapacityError(`Slot ${slot} is outside the ${this.capacity} slots of this accumulator.`, {
        field: 'slot',
      });
    }
    if (this.#slots.has(slot)) throw new CapacityError(`Slot ${slot} is taken already.`, { field: 'slot' });
    if (!this.#options.trusted && !(await verifyBatch([member], { backend: this.#backend, signal }))) {
      throw new FalseProofError('The proof is false for its key and public inputs; nothing was recorded.', {
        ...member.origin,
      });
    }
    const commitments = await this.#commitmentsWith(member, slot, signal);
    const entry: JournalEntry = { slot, member, commitments };
    const known = this.#keyIndex.get(member.key.id);
    const { bytes, commit } = this.#writer.proof(
      entry,
      known ?? this.#keyIndex.size,
      known === undefined ? member.key : undefined,
    );
    try {
      await this.#store.append(bytes);
    } catch (error) {
      this.#failed = error;
      throw new StoreError('The proof could not be stored and is not acknowledged.', {}, error);
    }
    commit();
    if (known === undefined) this.#keyIndex.set(member.key.id, this.#keyIndex.size);
    this.#slots.set(slot, member);
    this.#statements.set(id, slot);
    this.#commitments = commitments;
    return { slot, statementId: id, duplicate: earlier !== undefined };
  }

  async #commitmentsWith(
    member: BatchMember,
    slot: number,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array> {
    const backend = this.#backend;
    const { a, b, c } = member.proof;
    const proofs = {
      a: await backend.uploadG1(a),
      b: await backend.uploadG2(b),
      c: await backend.uploadG1(c),
    };
    const products = await commitmentProducts(backend, this.#keys, slot, proofs, { signal });
    for (const vector of Object.values(proofs)) vector.dispose();
    return backend.gtMul(this.#commitments, products);
  }
}

/**
 * Opens an accumulator, continuing what its store holds. Throws StoreError when the store belongs to another one,
 * CapacityError for a capacity the string does not serve.
 */
export async function createAccumulator(options: AccumulatorOptions): Promise<Accumulator> {
  throwIfAborted(options.signal);
  const { srs } = options;
  const capacity = options.capacity ?? srs.size;
  if (
    !Number.isInteger(capacity) ||
    capacity < 1 ||
    capacity > srs.size ||
    nextPowerOfTwo(capacity) !== capacity
  ) {
    throw new CapacityError(
      `Capacity must be a power of two from 1 to ${srs.size} (the reference string's size), got ${capacity}.`,
      {
        field: 'capacity',
      },
    );
  }
  const backend = await resolveBackend(srs.curve, options.backend);
  const store = options.store ?? createMemoryStore();
  const header: JournalHeader = { curve: srs.curve, capacity, srsDigest: srs.digest };
  const log = await store.read();
  const checks = new GatheredChecks();
  const contents = await checks.settled(
    () => readJournal(log, header, checks),
    () => backend,
    { signal: options.signal },
  );
  const keys = await uploadCommitmentKeys(backend, srs, capacity, options.lines, { signal: options.signal });
  const accumulator = new JournaledAccumulator(options, { capacity, backend, keys, store, contents });
  await accumulator.begin(header, contents);
  return accumulator;
}
