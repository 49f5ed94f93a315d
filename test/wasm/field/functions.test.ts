import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mod, modInverse, modPow } from '../../../src/field/modular.ts';
import { fuzzRuns } from '../../helpers/fuzz.ts';
import { ALL_FORMS, edgeElements, elementOf, expectLanes, Sandbox } from './sandbox.ts';

/** Pairs tried at once: 128 pairs are 256 elements, each compared with bigint arithmetic. */
const PAIRS = 128;

describe.each(ALL_FORMS)('functions of $name', ({ form }) => {
  const { field } = form;
  const { modulus: p, byteLength } = field;
  const exponent = 0x1_0000_000fn;
  const sandbox = new Sandbox(form, (functions) => ({
    mul: functions.mul,
    sqr: functions.sqr,
    add: functions.add,
    sub: functions.sub,
    neg: functions.neg,
    double: functions.double,
    invert: functions.invert,
    power: functions.power(exponent),
    isZero: functions.isZero,
    equal: functions.equal,
    batchInvert: functions.batchInvert,
    fromBytes: functions.fromBytes(),
    toBytes: functions.toBytes(),
    fromMontgomery: functions.fromBytes('montgomery'),
    toMontgomery: functions.toBytes('montgomery'),
    importPairs: functions.importPairs(),
    exportPairs: functions.exportPairs('montgomery'),
    importSingles: functions.importSingles('montgomery'),
    exportSingles: functions.exportSingles(),
    squareDifference: functions.module.define(
      'squareDifference',
      ['i32', 'i32', 'i32'],
      'void',
      (f, o, a, b) => {
        f.aim = 'size';
        const ops = form.ops(f);
        const [sum, difference] = [f.frame(form.pairBytes), f.frame(form.pairBytes)];
        ops.store(sum, ops.add(ops.load(a), ops.load(b)), functions.factorRange);
        ops.store(difference, ops.sub(ops.load(a), ops.load(b)), functions.factorRange);
        f.run(functions.mul, o, sum.address, difference.address);
      },
    ),
    combination: functions.module.define('combination', ['i32', 'i32', 'i32'], 'void', (f, o, a, b) => {
      f.aim = 'size';
      const ops = form.ops(f);
      const sixfold = ops.reduce(ops.double(ops.triple(ops.load(a))));
      ops.store(o, ops.sub(ops.triple(sixfold), ops.triple(ops.load(b))));
    }),
  }));
  const edges = edgeElements(field);
  const edgePairs = edges.flatMap((x) => edges.map((y) => [x, y] as const));
  const lanesOf = (values: readonly bigint[], i: number): [bigint, bigint] => [
    values[2 * i] ?? 0n,
    values[2 * i + 1] ?? 0n,
  ];
  const manyElements = fc.array(elementOf(field), { minLength: 2 * PAIRS, maxLength: 2 * PAIRS });
  const out = sandbox.pair();
  const left = sandbox.pair();
  const right = sandbox.pair();
  const put = (at: number, lanes: readonly [bigint, bigint]): void =>
    sandbox.bytes.set(form.encodePair(...lanes), at);

  const binary = {
    mul: (x: bigint, y: bigint) => x * y,
    add: (x: bigint, y: bigint) => x + y,
    sub: (x: bigint, y: bigint) => x - y,
    squareDifference: (x: bigint, y: bigint) => x * x - y * y,
    combination: (x: bigint, y: bigint) => 18n * x - 3n * y,
  };
  it.each(Object.entries(binary))('%s', (name, reference) => {
    const check = (x: readonly [bigint, bigint], y: readonly [bigint, bigint]): void => {
      put(left, x);
      put(right, y);
      sandbox.call(name, out, left, right);
      const expected = [0, 1].map((l) => mod(reference(x[l] ?? 0n, y[l] ?? 0n), p));
      expectLanes(sandbox.readPair(out), expected);
    };
    for (const [x, y] of edgePairs) check([x, y], [y, x]);
    for (const [x, y] of edgePairs) check([x, x], [y, x]);
    fc.assert(
      fc.property(manyElements, manyElements, (xs, ys) => {
        for (let i = 0; i < PAIRS; i++) check(lanesOf(xs, i), lanesOf(ys, i));
      }),
      { numRuns: fuzzRuns(2) },
    );
  });

  const unary = {
    sqr: (x: bigint) => x * x,
    neg: (x: bigint) => -x,
    double: (x: bigint) => 2n * x,
    power: (x: bigint) => modPow(x, exponent, p),
    invert: (x: bigint) => (x === 0n ? 0n : modInverse(x, p)),
  };
  it.each(Object.entries(unary))('%s', (name, reference) => {
    const check = (x: readonly [bigint, bigint]): void => {
      put(left, x);
      sandbox.call(name, out, left);
      expectLanes(
        sandbox.readPair(out),
        x.map((lane) => mod(reference(lane), p)),
      );
    };
    for (const [x, y] of edgePairs) check([x, y]);
    fc.assert(
      fc.property(manyElements, (xs) => {
        for (let i = 0; i < PAIRS; i++) check(lanesOf(xs, i));
      }),
      { numRuns: fuzzRuns(1) },
    );
  });

  it('writes over its inputs', () => {
    fc.assert(
      fc.property(elementOf(field), elementOf(field), (x, y) => {
        for (const name of ['mul', 'add', 'sub']) {
          const reference = binary[name as keyof typeof binary];
          put(left, [x, y]);
          put(right, [y, y]);
          sandbox.call(name, left, left, right);
          expect(sandbox.readPair(left)).toEqual([mod(reference(x, y), p), mod(reference(y, y), p)]);
          put(left, [x, y]);
          sandbox.call(name, left, left, left);
          expect(sandbox.readPair(left)).toEqual([mod(reference(x, x), p), mod(reference(y, y), p)]);
        }
      }),
    );
  });

  it('tests for zero and equality lane by lane, whatever the representation', () => {
    const representations = (x: bigint): number[] => {
      const plain = sandbox.pair(x, x);
      const viaSub = sandbox.pair();
      sandbox.call('sub', viaSub, sandbox.pair(x + 5n, x + 5n), sandbox.pair(5n, 5n));
      const viaMul = sandbox.pair();
      sandbox.call('mul', viaMul, plain, sandbox.pair(1n, 1n));
      return [plain, viaSub, viaMul];
    };
    const zeros = representations(0n);
    const ones = representations(1n);
    for (const zero of zeros) expect(sandbox.call('isZero', zero)).toBe(3);
    for (const one of ones) expect(sandbox.call('isZero', one)).toBe(0);
    expect(sandbox.call('isZero', sandbox.pair(0n, p - 1n))).toBe(1);
    expect(sandbox.call('isZero', sandbox.pair(1n, 0n))).toBe(2);
    for (const a of ones) for (const b of ones) expect(sandbox.call('equal', a, b)).toBe(3);
    for (const a of ones) for (const b of zeros) expect(sandbox.call('equal', a, b)).toBe(0);
    expect(sandbox.call('equal', sandbox.pair(7n, 8n), sandbox.pair(7n, 9n))).toBe(1);
    expect(sandbox.call('equal', sandbox.pair(6n, 9n), sandbox.pair(7n, 9n))).toBe(2);
  });

  it('reads any bytes and writes canonical ones, at any alignment', () => {
    const limit = 1n << BigInt(8 * byteLength);
    const anyInteger = fc.oneof(
      fc.bigInt({ min: 0n, max: limit - 1n }),
      fc.constantFrom(0n, 1n, p - 1n, p, p + 1n, limit - 1n, limit - p),
    );
    const buffer = sandbox.allocate(2 * byteLength + 16);
    fc.assert(
      fc.property(anyInteger, anyInteger, fc.nat(7), (x, y, shift) => {
        const [at0, at1] = [buffer + shift, buffer + byteLength + 8];
        for (const [read, write, radix] of [
          ['fromBytes', 'toBytes', 1n],
          ['fromMontgomery', 'toMontgomery', limit],
        ] as const) {
          sandbox.writeInteger(at0, x, byteLength);
          sandbox.writeInteger(at1, y, byteLength);
          sandbox.call(read, out, at0, at1);
          expect(sandbox.readPair(out)).toEqual([x, y].map((v) => mod(v * modInverse(radix, p), p)));
          sandbox.bytes.fill(0xa5, buffer, buffer + 2 * byteLength + 16);
          sandbox.call(write, at0, at1, out);
          expect(sandbox.readInteger(at0, byteLength)).toBe(x % p);
          expect(sandbox.readInteger(at1, byteLength)).toBe(y % p);
        }
      }),
    );
  });

  it('imports and exports arrays of pairs and of singles', () => {
    const limit = 1n << BigInt(8 * byteLength);
    const bytes = sandbox.allocate(2 * PAIRS * byteLength);
    const pairs = sandbox.allocate(PAIRS * form.pairBytes);
    fc.assert(
      fc.property(manyElements, (xs) => {
        xs.forEach((x, i) => {
          sandbox.writeInteger(bytes + i * byteLength, x, byteLength);
        });
        sandbox.call('importPairs', pairs, bytes, PAIRS);
        for (let i = 0; i < PAIRS; i++) {
          expectLanes(sandbox.readPair(pairs + i * form.pairBytes), lanesOf(xs, i));
        }
        sandbox.call('exportPairs', bytes, pairs, PAIRS);
        xs.forEach((x, i) => {
          expect(sandbox.readInteger(bytes + i * byteLength, byteLength)).toBe(mod(x * limit, p));
        });
        sandbox.call('importSingles', pairs, bytes, PAIRS);
        xs.forEach((x, i) => {
          const at = pairs + i * form.singleBytes;
          expect(form.decodeSingle(sandbox.bytes.slice(at, at + form.singleBytes))).toBe(x);
        });
        sandbox.call('exportSingles', bytes, pairs, PAIRS);
        xs.forEach((x, i) => {
          expect(sandbox.readInteger(bytes + i * byteLength, byteLength)).toBe(x);
        });
      }),
      { numRuns: fuzzRuns(2) },
    );
    const before = sandbox.bytes.slice(pairs, pairs + form.pairBytes);
    sandbox.call('importPairs', pairs, bytes, 0);
    expect(sandbox.bytes.slice(pairs, pairs + form.pairBytes)).toEqual(before);
  });

  it('inverts batches, zeros in either lane included', () => {
    const data = sandbox.allocate(PAIRS * form.pairBytes);
    const scratch = sandbox.allocate(PAIRS * form.pairBytes);
    const values = fc.array(fc.oneof(fc.constant(0n), elementOf(field)), { maxLength: 2 * PAIRS });
    const check = (xs: readonly bigint[]): void => {
      const count = xs.length >> 1;
      for (let i = 0; i < count; i++) put(data + i * form.pairBytes, lanesOf(xs, i));
      sandbox.call('batchInvert', data, count, scratch);
      for (let i = 0; i < count; i++) {
        const expected = lanesOf(xs, i).map((x) => (x === 0n ? 0n : modInverse(x, p)));
        expectLanes(sandbox.readPair(data + i * form.pairBytes), expected);
      }
    };
    check([]);
    check([0n, 0n]);
    check([0n, 3n, 5n, 0n, 0n, 0n]);
    fc.assert(fc.property(values, check), { numRuns: fuzzRuns(10) });
  });
});
