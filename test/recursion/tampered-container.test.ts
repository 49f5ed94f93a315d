import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BN254 } from '../../src/curve/curve.ts';
import { EncodingError, KeyNotTrustedError, type SheafError, SrsError } from '../../src/errors.ts';
import { u32le, writeBigintBE } from '../../src/field/bytes.ts';
import type { VerificationKey } from '../../src/groth16/verification-key.ts';
import { aggregate } from '../../src/recursion/aggregate.ts';
import {
  type Composite,
  decodeComposite,
  encodeComposite,
  isComposite,
} from '../../src/recursion/composite-file.ts';
import { inspect } from '../../src/recursion/inspect.ts';
import { proofLayout } from '../../src/recursion/snarkpack/layout.ts';
import type { Srs } from '../../src/recursion/srs/srs.ts';
import type { Statement } from '../../src/recursion/statement.ts';
import { type VerifyOptions, verify } from '../../src/recursion/verify.ts';
import { backendOf } from '../helpers/backends.ts';
import { compositeFields, type Field } from '../helpers/composite-fields.ts';
import { fuzzRuns } from '../helpers/fuzz.ts';
import { refusalOf } from '../helpers/outcome.ts';
import { drawShared } from '../helpers/seeded.ts';
import { batchArbitrary, syntheticBatch, syntheticKey } from '../helpers/synthetic-groth16.ts';
import { syntheticSrs, tausArbitrary } from '../helpers/synthetic-srs.ts';

const backend = backendOf(BN254);
/** One bit of a byte. */
const mask = fc.integer({ min: 0, max: 7 }).map((bit) => 1 << bit);
const drawn = drawShared(
  fc.record({
    batch: batchArbitrary(BN254, {
      keyOf: [0, 1, 0],
      inputCounts: [2, 2],
      shared: ['gamma', 'delta'],
      uniformInputs: true,
    }),
    other: batchArbitrary(BN254, { keyOf: [0], inputCounts: [2] }),
    taus: tausArbitrary(BN254),
    context: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    masks: fc.array(mask, { minLength: 97, maxLength: 97 }),
  }),
);
const otherKey = drawn.other.keys.map((secrets) => syntheticKey(BN254, secrets))[0] as VerificationKey;

let keys: VerificationKey[];
let srs: Srs;
let plain: Uint8Array;
let carrying: Uint8Array;

beforeAll(async () => {
  const batch = syntheticBatch(BN254, drawn.batch);
  keys = batch.keys;
  srs = await syntheticSrs(backend, 4, drawn.taus);
  const options = { srs, backend, context: drawn.context };
  carrying = (await aggregate(batch.members, options)).bytes;
  plain = encodeComposite({ ...decodeComposite(carrying), carriedKeys: [] });
});

const run = (bytes: Uint8Array, options: Partial<VerifyOptions> = {}): ReturnType<typeof verify> =>
  verify(bytes, { keys: [...keys, otherKey], srs, backend, ...options });

function flip(bytes: Uint8Array, offset: number, mask: number): Uint8Array {
  const out = bytes.slice();
  out[offset] = (out[offset] as number) ^ mask;
  return out;
}

/** What a change of one bit in a field must lead to; undefined where `false` or any typed error will do. */
function demanded({ name }: Field): (new (...args: never[]) => SheafError) | undefined {
  if (name === 'SRS digest') return SrsError;
  if (/^key \d+, digest$/.test(name)) return KeyNotTrustedError;
  if (/^(magic|version|scheme|curve|capacity|number of)/.test(name) || / length$/.test(name))
    return EncodingError;
  return undefined;
}

describe('the file', () => {
  it('verifies as it was made, with and without carried keys', async () => {
    for (const bytes of [plain, carrying]) {
      expect(isComposite(bytes)).toBe(true);
      expect(await run(bytes, { context: drawn.context })).toMatchObject({ context: drawn.context });
      const fields = compositeFields(bytes);
      expect(fields.reduce((sum, { length }) => sum + length, 0)).toBe(bytes.length);
    }
  });

  it('is refused when any byte of the header or of the keys is changed', async () => {
    for (const field of compositeFields(plain)) {
      if (field.name === 'proof' || / input \d+$/.test(field.name)) continue;
      for (let at = 0; at < field.length; at++) {
        const bit = drawn.masks[(field.offset + at) % drawn.masks.length] as number;
        const changed = flip(plain, field.offset + at, bit);
        const what = `${field.name}, byte ${at}, bit ${bit}`;
        const refusal = await refusalOf(what, () => run(changed));
        const error = demanded(field);
        if (error) expect(refusal, what).toBeInstanceOf(error);
      }
    }
  });

  it('is refused when any byte of a carried key is changed, though nobody relies on it', async () => {
    for (const field of compositeFields(carrying).filter(({ name }) => / carried( length)?$/.test(name))) {
      for (let at = 0; at < field.length; at += field.length > 4 ? 11 : 1) {
        const bit = drawn.masks[(field.offset + at) % drawn.masks.length] as number;
        const changed = flip(carrying, field.offset + at, bit);
        expect(await refusalOf(`${field.name}, byte ${at}`, () => run(changed))).not.toBe(false);
      }
    }
  });

  it('is false when a public input is another one', async () => {
    const places = compositeFields(plain).filter(({ name }) => / input \d+$/.test(name));
    expect(places).toHaveLength(6);
    for (const { name, offset } of places) {
      const lowest = flip(plain, offset + 31, 1);
      expect(await refusalOf(name, () => run(lowest)), name).toBe(false);
    }
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), fc.nat(31), mask, async ({ name, offset }, at, bit) => {
        await refusalOf(name, () => run(flip(plain, offset + at, bit)));
      }),
      { numRuns: fuzzRuns(8), endOnFailure: true },
    );
  });

  it('is refused when a public input is written as itself plus the order', async () => {
    for (const [i, { inputs }] of drawn.batch.proofs.entries()) {
      for (const [j, input] of inputs.entries()) {
        const name = `proof ${i}, input ${j}`;
        const field = compositeFields(plain).find((own) => own.name === name) as Field;
        const changed = plain.slice();
        writeBigintBE(input + BN254.order, changed, field.offset, 32);
        await expect(run(changed), name).rejects.toThrow(EncodingError);
        expect(() => decodeComposite(changed)).toThrow(/not below the group order/);
      }
    }
  });

  it('is refused when cut off anywhere, or longer', async () => {
    const layout = proofLayout(BN254, 2, 2);
    for (const bytes of [plain, carrying]) {
      const proofStart = bytes.length - layout.length;
      // Carried keys are read again for every cut behind them, so of the proof few borders do there.
      const slots = bytes === plain ? layout.slots : layout.slots.slice(-1);
      const borders = [
        ...compositeFields(bytes).map(({ offset }) => offset),
        ...slots.map(({ offset }) => proofStart + offset),
      ];
      const cuts = new Set(borders.flatMap((end) => [end - 1, end, end + 1]).filter((end) => end >= 0));
      for (const end of cuts) {
        const what = `the first ${end} of ${bytes.length} bytes`;
        expect(await refusalOf(what, () => run(bytes.slice(0, end))), what).toBeInstanceOf(EncodingError);
        if (bytes === plain) expect(() => inspect(bytes.slice(0, end)), what).toThrow(EncodingError);
      }
      for (const extra of [1, 32, 192, 4096]) {
        const longer = new Uint8Array(bytes.length + extra);
        longer.set(bytes);
        expect(await refusalOf(`${extra} more bytes`, () => run(longer))).toBeInstanceOf(EncodingError);
      }
    }
  });

  it('is refused when it is something else altogether', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), fc.boolean(), async (junk, pretend) => {
        const bytes = pretend ? Uint8Array.from([...plain.subarray(0, 16), ...junk]) : junk;
        await refusalOf('junk', () => run(bytes));
      }),
      { numRuns: fuzzRuns(200) },
    );
  });

  it('is refused after any random change', async () => {
    const change = fc.record({
      at: fc.nat(carrying.length - 1),
      drop: fc.integer({ min: 0, max: 40 }),
      insert: fc.uint8Array({ maxLength: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('plain', 'carrying'), change, async (which, { at, drop, insert }) => {
        const bytes = which === 'plain' ? plain : carrying;
        const changed = Uint8Array.from([...bytes.subarray(0, at), ...insert, ...bytes.subarray(at + drop)]);
        fc.pre(changed.length !== bytes.length || changed.some((byte, i) => byte !== bytes[i]));
        await refusalOf('a random change', () => run(changed));
      }),
      { numRuns: fuzzRuns(60), endOnFailure: true },
    );
  });
});

describe('a statement that was not proven', () => {
  /** The same proof under a statement changed by `edit`. */
  function altered(edit: (statement: Statement) => Partial<Statement>): Uint8Array {
    const composite = decodeComposite(plain);
    return encodeComposite({
      ...composite,
      statement: { ...composite.statement, ...edit(composite.statement) },
    });
  }

  const isFalse: Readonly<Record<string, (statement: Statement) => Partial<Statement>>> = {
    'digests of two keys exchanged': ({ keys: [first, second] }) => ({ keys: [second, first] as never }),
    'two keys exchanged, and the map with them': ({ keys: [first, second] }) => ({
      keys: [second, first] as never,
      keyOf: [0, 1, 1],
    }),
    'one proof under the other key': () => ({ keyOf: [0, 1, 1] }),
    'all keys the other way about': () => ({ keyOf: [0, 0, 1] }),
    'another key in the place of one': ({ keys: [, second] }) => ({
      keys: [{ digest: otherKey.digest, inputCount: 2, system: 'synthetic' }, second] as never,
    }),
    'inputs of two proofs exchanged': ({ inputs: [a, b, c] }) => ({ inputs: [c, b, a] as never }),
    'inputs of one proof for both of a key': ({ inputs: [a, b] }) => ({ inputs: [a, b, a] as never }),
    'the two inputs of a proof exchanged': ({ inputs: [a, b, c] }) => ({
      inputs: [
        Uint8Array.from([...(a as Uint8Array).slice(32), ...(a as Uint8Array).slice(0, 32)]),
        b,
        c,
      ] as never,
    }),
    'one proof fewer': ({ keyOf, inputs }) => ({ keyOf: keyOf.slice(0, 2), inputs: inputs.slice(0, 2) }),
    'one proof more, a copy': ({ keyOf, inputs }) => ({
      keyOf: [...keyOf, 0],
      inputs: [...inputs, inputs[0] as Uint8Array],
    }),
    'another system name': ({ keys: [first, second] }) => ({
      keys: [{ ...first, system: 'risc0' }, second] as never,
    }),
    'no context': () => ({ context: new Uint8Array(0) }),
    'another context': ({ context }) => ({ context: flip(context, 3, 4) }),
    'a longer context': ({ context }) => ({ context: Uint8Array.from([...context, 0]) }),
  };

  it.each(Object.keys(isFalse))('is false: %s', async (title) => {
    const before = decodeComposite(plain).statement;
    const bytes = altered(isFalse[title] as (typeof isFalse)[string]);
    expect(decodeComposite(bytes).statement).not.toEqual(before);
    expect(await refusalOf(title, () => run(bytes))).toBe(false);
  });

  it('is false when the inputs of a proof are cut to fewer than its key takes', async () => {
    const bytes = altered(({ keys: [first, second], inputs: [a, b, c] }) => ({
      keys: [{ ...first, inputCount: 1 }, second] as never,
      inputs: [(a as Uint8Array).slice(0, 32), b, (c as Uint8Array).slice(0, 32)] as never,
    }));
    expect(await refusalOf('fewer inputs', () => run(bytes))).toBe(false);
  });

  const isMalformed: Readonly<Record<string, (statement: Statement) => Partial<Statement>>> = {
    'half the slots': () => ({ capacity: 2 }),
    'twice the slots': () => ({ capacity: 8 }),
    'the most slots': () => ({ capacity: 2 ** 27 }),
    'more slots than can be': () => ({ capacity: 2 ** 28 }),
    'more proofs than slots': ({ keyOf, inputs }) => ({
      keyOf: [...keyOf, 0, 0],
      inputs: [...inputs, ...inputs.slice(0, 2)],
    }),
    'no proofs': () => ({ keyOf: [], inputs: [], keys: [] }),
    'a key that no proof uses': ({ keys: own }) => ({
      keys: [...own, { digest: otherKey.digest, inputCount: 2, system: 'synthetic' }],
    }),
    'one key listed twice': ({ keys: [first] }) => ({ keys: [first, first] as never }),
    'keys not in the order of their first use': () => ({ keyOf: [1, 0, 1] }),
    'a proof under a key that is not there': () => ({ keyOf: [0, 1, 2] }),
    'a system without a name': ({ keys: [first, second] }) => ({
      keys: [{ ...first, system: '' }, second] as never,
    }),
    'a system name that is not one': ({ keys: [first, second] }) => ({
      keys: [{ ...first, system: 'Risc Zero' }, second] as never,
    }),
    'an endless context': () => ({ context: new Uint8Array(65_537) }),
  };

  it.each(Object.keys(isMalformed))('is refused: %s', async (title) => {
    const bytes = altered(isMalformed[title] as (typeof isMalformed)[string]);
    expect(await refusalOf(title, () => run(bytes))).toBeInstanceOf(EncodingError);
  });

  it('is refused under a scheme or container version that is not known', async () => {
    const composite = decodeComposite(plain);
    for (const scheme of ['snarkpack-2', 'snarkpac', 'plonk']) {
      const error = await refusalOf(scheme, () => run(encodeComposite({ ...composite, scheme })));
      expect(error).toBeInstanceOf(EncodingError);
      expect((error as EncodingError).message).toContain(scheme);
    }
    for (const scheme of ['', 'Snarkpack', 'snark pack', 'x'.repeat(33)]) {
      expect(() => decodeComposite(encodeComposite({ ...composite, scheme }))).toThrow(EncodingError);
    }
    for (const version of [0, 2, 255]) {
      const changed = plain.slice();
      changed[5] = version;
      expect(await refusalOf(`version ${version}`, () => run(changed))).toBeInstanceOf(EncodingError);
    }
  });

  it('is refused on the other curve', async () => {
    const field = compositeFields(plain).find(({ name }) => name === 'curve') as Field;
    const changed = plain.slice();
    changed[field.offset] = 2;
    expect(await refusalOf('curve 2', () => run(changed))).toBeInstanceOf(SrsError);
  });

  it('is refused with counts that no file of this length can hold', async () => {
    for (const name of ['number of proofs', 'number of keys', 'context length', 'key 0, carried length']) {
      const { offset } = compositeFields(plain).find((own) => own.name === name) as Field;
      for (const count of [0xffff_ffff, 0x7fff_ffff, 1 << 27, 0]) {
        const changed = plain.slice();
        changed.set(u32le(count), offset);
        if (changed.every((byte, i) => byte === plain[i])) continue;
        expect(await refusalOf(`${name} ${count}`, () => run(changed))).toBeInstanceOf(EncodingError);
      }
    }
  });
});

describe('a carried key', () => {
  it('is refused where it is not the one that its digest names', () => {
    const composite = decodeComposite(carrying);
    const [first, second] = composite.carriedKeys;
    const wrong: Composite['carriedKeys'][] = [
      [second, first],
      [otherKey, second],
      [first, first],
    ];
    for (const carriedKeys of wrong) {
      expect(() => decodeComposite(encodeComposite({ ...composite, carriedKeys }))).toThrow(EncodingError);
    }
  });

  it('may be dropped: it is no part of the statement', async () => {
    const composite = decodeComposite(carrying);
    const [first] = composite.carriedKeys;
    for (const carriedKeys of [[], [first]]) {
      expect(await run(encodeComposite({ ...composite, carriedKeys }))).not.toBe(false);
    }
  });
});
