import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { BN254 } from '../../../src/curve/curve.ts';
import { StoreError } from '../../../src/errors.ts';
import { toHex } from '../../../src/field/bytes.ts';
import type { BatchMember } from '../../../src/groth16/proof.ts';
import type * as VerificationKeys from '../../../src/groth16/verification-key.ts';
import { type Accumulator, createAccumulator } from '../../../src/recursion/accumulator/accumulator.ts';
import { readJournal } from '../../../src/recursion/accumulator/journal.ts';
import { createMemoryStore } from '../../../src/recursion/accumulator/store.ts';
import { aggregate } from '../../../src/recursion/aggregate.ts';
import type { Srs } from '../../../src/recursion/srs/srs.ts';
import { backendOf } from '../../helpers/backends.ts';
import { fuzzRuns } from '../../helpers/fuzz.ts';
import { drawShared } from '../../helpers/seeded.ts';
import { batchArbitrary, syntheticBatch } from '../../helpers/synthetic-groth16.ts';
import { syntheticSrs, tausArbitrary } from '../../helpers/synthetic-srs.ts';

// A journal is read here two thousand times over, and reading its keys is most of the work: the same bytes give the same key.
vi.mock('../../../src/groth16/verification-key.ts', async (importOriginal) => {
  const original = await importOriginal<typeof VerificationKeys>();
  const known = new Map<string, VerificationKeys.VerificationKey>();
  return {
    ...original,
    decodeVerificationKey: (encoded: Uint8Array) => {
      const id = toHex(encoded);
      const key = known.get(id) ?? original.decodeVerificationKey(encoded);
      known.set(id, key);
      return key;
    },
  };
});

const backend = backendOf(BN254);
const drawn = drawShared(
  fc.record({
    batch: batchArbitrary(BN254, { keyOf: [1, 0, 1], inputCounts: [0, 1], uniformInputs: true }),
    taus: tausArbitrary(BN254),
  }),
);
const members = syntheticBatch(BN254, drawn.batch).members.map((member, i) => ({
  ...member,
  origin: { file: `é${i}.json`, index: i },
}));

let srs: Srs;
/** A whole journal of three proofs under two keys, added out of order. */
let log: Uint8Array;
/** Where each append ends: header, then key with proof, key with proof, proof. */
let appends: number[];
const SLOTS = [1, 0, 2];

const open = (store: ReturnType<typeof createMemoryStore>): Promise<Accumulator> =>
  createAccumulator({ srs, backend, store, trusted: true });

async function addFrom(accumulator: Accumulator, start: number): Promise<void> {
  for (const [i, slot] of SLOTS.entries()) {
    if (i >= start) await accumulator.add(members[slot] as BatchMember, { slot });
  }
}

beforeAll(async () => {
  srs = await syntheticSrs(backend, 4, drawn.taus);
  const store = createMemoryStore();
  const accumulator = await open(store);
  appends = [store.bytes().length];
  for (const slot of SLOTS) {
    await accumulator.add(members[slot] as BatchMember, { slot });
    appends.push(store.bytes().length);
  }
  log = store.bytes();
});

/** Ends of the records, from the lengths that stand before them. */
function recordEnds(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const ends: number[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    offset += 4 + view.getUint32(offset, true) + 32;
    ends.push(offset);
  }
  return ends;
}

const header = (): Parameters<typeof readJournal>[1] => ({
  curve: BN254,
  capacity: 4,
  srsDigest: srs.digest,
});

function flipped(bytes: Uint8Array, at: number, mask = 1): Uint8Array {
  const out = bytes.slice();
  out[at] = (out[at] as number) ^ mask;
  return out;
}

describe('a journal', () => {
  it('is opened as it was left', async () => {
    const store = createMemoryStore(log);
    const accumulator = await open(store);
    expect(accumulator.recovered).toEqual({ proofs: 3, tornBytes: 0 });
    expect(accumulator.members()).toEqual(members);
    expect(store.bytes()).toEqual(log);
    expect((await accumulator.close()).bytes).toEqual(
      (await aggregate(members, { srs, backend, capacity: 4 })).bytes,
    );
  });

  it('has a record for the header, each key and each proof', () => {
    const ends = recordEnds(log);
    expect(ends).toHaveLength(6);
    expect(ends.at(-1)).toBe(log.length);
    for (const end of appends) expect(ends).toContain(end);
  });

  it('cut off at any record, or a byte beside, holds what was acknowledged by then and goes on from there', async () => {
    const cuts = new Set([0, 1, ...recordEnds(log).flatMap((end) => [end - 1, end, end + 1])]);
    for (const cut of [...cuts].filter((end) => end <= log.length)) {
      const acknowledged = appends.slice(1).filter((end) => end <= cut).length;
      const store = createMemoryStore(log.slice(0, cut));
      const accumulator = await open(store);
      expect(accumulator.recovered.proofs, `cut at ${cut}`).toBe(acknowledged);
      expect(accumulator.size).toBe(acknowledged);
      expect(accumulator.members()).toEqual(
        SLOTS.slice(0, acknowledged)
          .sort()
          .map((slot) => members[slot]),
      );
      const whole = recordEnds(log).filter((end) => end <= cut);
      expect(accumulator.recovered.tornBytes).toBe(cut - (whole.at(-1) ?? 0));
      await addFrom(accumulator, acknowledged);
      const finished = await open(store);
      expect(finished.recovered).toEqual({ proofs: 3, tornBytes: 0 });
      expect(finished.members()).toEqual(members);
      // A key that was recorded without its proof stays; nothing is recorded twice.
      expect(store.bytes(), `cut at ${cut}`).toEqual(log);
    }
  });

  it('cut off at any byte of its last append holds everything before it', () => {
    // The first proof with its key stands in for any append: fewer records before it are read again each time.
    const [start, end] = appends as [number, number];
    const [, keyEnd] = recordEnds(log) as [number, number];
    for (let cut = start; cut <= end; cut++) {
      const { entries, keys, wholeBytes, tornBytes } = readJournal(log.subarray(0, cut), header());
      const whole = cut === end ? end : cut >= keyEnd ? keyEnd : start;
      expect({ entries: entries.length, keys: keys.length, wholeBytes, tornBytes }).toEqual({
        entries: cut === end ? 1 : 0,
        keys: cut >= keyEnd ? 1 : 0,
        wholeBytes: whole,
        tornBytes: cut - whole,
      });
    }
  });

  it('whose last append was left with bytes not yet written holds everything before it', async () => {
    const start = appends[2] as number;
    const variants = {
      'zeros in full length': log.map((byte, i) => (i < start ? byte : 0)),
      'zeros from within': log.map((byte, i) => (i < start + 700 ? byte : 0)),
      'a page of zeros within': log.map((byte, i) => (i < start + 64 || i >= start + 576 ? byte : 0)),
      'zeros beyond its length': Uint8Array.from([...log.subarray(0, start), ...new Uint8Array(9000)]),
    };
    for (const [title, bytes] of Object.entries(variants)) {
      const store = createMemoryStore(bytes);
      const accumulator = await open(store);
      expect(accumulator.recovered, title).toEqual({ proofs: 2, tornBytes: bytes.length - start });
      await addFrom(accumulator, 2);
      expect(store.bytes(), title).toEqual(log);
    }
  });
});

describe('damage before the last record', () => {
  const refused = async (bytes: Uint8Array, what: string): Promise<void> => {
    const store = createMemoryStore(bytes);
    await expect(open(store), what).rejects.toThrow(StoreError);
    expect(store.bytes(), what).toEqual(bytes);
  };

  it('in a payload or hash is told, and nothing is cut off', async () => {
    const ends = recordEnds(log);
    const places = ends.slice(0, -1).flatMap((end, i) => {
      const start = ends[i - 1] ?? 0;
      return [start + 4, start + 5, (start + end) >> 1, end - 33, end - 32, end - 1];
    });
    for (const at of places) await refused(flipped(log, at), `byte ${at}`);
    await fc.assert(
      fc.asyncProperty(fc.nat((ends.at(-2) as number) - 1), fc.nat(7), async (at, bit) => {
        fc.pre(!ends.slice(0, -1).some((_, i) => at >= (ends[i - 1] ?? 0) && at < (ends[i - 1] ?? 0) + 4));
        await refused(flipped(log, at, 1 << bit), `byte ${at}, bit ${bit}`);
      }),
      { numRuns: fuzzRuns(15), endOnFailure: true },
    );
  });

  it('in the length of a record is told, and nothing is cut off', async () => {
    const ends = recordEnds(log);
    for (const start of [0, ...ends.slice(0, -2)]) {
      for (let byte = 0; byte < 4; byte++) {
        for (const mask of [0x01, 0x80]) {
          await refused(flipped(log, start + byte, mask), `length at ${start}, byte ${byte}, mask ${mask}`);
        }
      }
    }
  });

  it('by leaving out, repeating or moving records is told', async () => {
    const ends = [0, ...recordEnds(log)];
    const records = ends.slice(1).map((end, i) => log.subarray(ends[i], end));
    const [head, key0, proof0, key1, proof1, proof2] = records as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const orders: Uint8Array[][] = [
      [head, key0, key1, proof1, proof2],
      [head, key0, proof0, proof0, key1, proof1, proof2],
      [head, key1, proof1, key0, proof0, proof2],
      [head, proof0, key0, key1, proof1, proof2],
      [key0, proof0, key1, proof1, proof2],
      [head, head, key0, proof0, key1, proof1, proof2],
    ];
    for (const [i, order] of orders.entries()) {
      await refused(Uint8Array.from(order.flatMap((bytes) => [...bytes])), `order ${i}`);
    }
  });

  it.each([
    ['JSON', '{"proof": {"pi_a": ["1", "2", "1"]}}'],
    ['text', 'Notes that somebody would miss.\n'.repeat(200)],
    ['a composite', `sheaf\u0001\u0009snarkpack${'x'.repeat(300)}`],
  ])('by not being a journal at all is told: %s is not overwritten', async (_, content) => {
    await refused(new TextEncoder().encode(content), content.slice(0, 20));
  });
});
