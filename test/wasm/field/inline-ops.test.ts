import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mod } from '../../../src/field/modular.ts';
import { type FunctionBuilder, i32, type Ptr, toPtr } from '../../../src/wasm/emit/index.ts';
import type { FieldForm, FieldOps, SingleLayout } from '../../../src/wasm/field/index.ts';
import { fuzzRuns } from '../../helpers/fuzz.ts';
import { ALL_FORMS, elementOf, Sandbox } from './sandbox.ts';

/** Defines functions (o, a, b, bits) that run inline code, and exports them under their names. */
function inlineSandbox(
  form: FieldForm,
  bodies: Record<string, (ops: FieldOps, o: Ptr, a: Ptr, b: Ptr, f: FunctionBuilder) => void>,
): Sandbox {
  return new Sandbox(form, ({ module }) =>
    Object.fromEntries(
      Object.entries(bodies).map(([name, body]) => [
        name,
        module.define(name, ['i32', 'i32', 'i32'], 'void', (f, o, a, b) =>
          body(form.ops(f), toPtr(o), toPtr(a), toPtr(b), f),
        ),
      ]),
    ),
  );
}

type Lanes = [bigint, bigint];

describe.each(ALL_FORMS)('inline operations of $name', ({ form }) => {
  const { field } = form;
  const p = field.modulus;
  const lanes = fc.tuple(elementOf(field), elementOf(field));
  const runs = { numRuns: fuzzRuns(30) };

  it('moves lanes', () => {
    const sandbox = inlineSandbox(form, {
      swap: (ops, o, a) => ops.store(o, ops.swapLanes(ops.load(a))),
      splat0: (ops, o, a) => ops.store(o, ops.splatLane(ops.load(a), 0)),
      splat1: (ops, o, a) => ops.store(o, ops.splatLane(ops.load(a), 1)),
      blend: (ops, o, a, b) => ops.store(o, ops.blendLanes(ops.load(a), ops.load(b))),
      copy: (ops, o, a) => ops.copy(o, a),
    });
    const out = sandbox.pair();
    fc.assert(
      fc.property(lanes, lanes, ([a0, a1], [b0, b1]) => {
        const [a, b] = [sandbox.pair(a0, a1), sandbox.pair(b0, b1)];
        const expected: Record<string, Lanes> = {
          swap: [a1, a0],
          splat0: [a0, a0],
          splat1: [a1, a1],
          blend: [a0, b1],
          copy: [a0, a1],
        };
        for (const [name, value] of Object.entries(expected)) {
          sandbox.call(name, out, a, b);
          expect(sandbox.readPair(out), name).toEqual(value);
        }
      }),
      runs,
    );
  });

  it.each<SingleLayout>(['single', 'lane'])('loads and stores singles laid out as %s', (layout) => {
    const sandbox = inlineSandbox(form, {
      gather: (ops, o, a, b) => ops.store(o, ops.loadSingles(a, b, layout)),
      scatter: (ops, o, a, b) => ops.storeSingles(a, b, ops.load(o), layout),
      scatter0: (ops, o, a) => ops.storeSingle(a, ops.load(o), 0, layout),
      scatter1: (ops, o, a) => ops.storeSingle(a, ops.load(o), 1, layout),
    });
    const [out, a, b] = [sandbox.pair(), sandbox.pair(), sandbox.pair()];
    /** Addresses of two elements that lie in `a` and `b` in the given layout, neither at the start of its pair. */
    const shift = layout === 'single' ? form.singleBytes : form.laneBytes;
    const read = (at: number): bigint =>
      layout === 'single'
        ? form.decodeSingle(sandbox.bytes.slice(at + shift, at + shift + form.singleBytes))
        : sandbox.readPair(at)[1];
    const write = (at: number, value: bigint): void => {
      if (layout === 'lane') sandbox.bytes.set(form.encodePair(0n, value), at);
      else sandbox.bytes.set(form.encodeSingle(value), at + shift);
    };
    fc.assert(
      fc.property(lanes, lanes, ([x, y], [z, t]) => {
        write(a, x);
        write(b, y);
        sandbox.call('gather', out, a + shift, b + shift);
        expect(sandbox.readPair(out)).toEqual([x, y]);
        const source = sandbox.pair(z, t);
        sandbox.call('scatter', source, a + shift, b + shift);
        expect([read(a), read(b)]).toEqual([z, t]);
        sandbox.call('scatter0', out, a + shift, 0);
        sandbox.call('scatter1', out, b + shift, 0);
        expect([read(a), read(b)]).toEqual([x, y]);
      }),
      runs,
    );
  });

  it('leaves the other lane alone when it stores one', () => {
    const sandbox = inlineSandbox(form, {
      into0: (ops, o, a) => ops.storeSingle(o, ops.load(a), 1, 'lane'),
      into1: (ops, o, a) => ops.storeSingle(o.plus(form.laneBytes), ops.load(a), 0, 'lane'),
    });
    const pair = sandbox.pair(1n, 2n);
    const other = sandbox.pair(3n, 4n);
    sandbox.call('into0', pair, other, 0);
    expect(sandbox.readPair(pair)).toEqual([4n, 2n]);
    sandbox.call('into1', pair, other, 0);
    expect(sandbox.readPair(pair)).toEqual([4n, 3n]);
  });

  it('selects by masks, and computes with masks', () => {
    const sandbox = new Sandbox(form, ({ module }) => ({
      select: module.define('select', ['i32', 'i32', 'i32', 'i32'], 'void', (f, o, a, b, bits) => {
        const ops = form.ops(f);
        ops.store(o, ops.select(ops.maskFromBits(bits), ops.load(a), ops.double(ops.load(b))));
      }),
      masks: module.define('masks', ['i32', 'i32'], 'i32', (f, x, y) => {
        const ops = form.ops(f);
        const [a, b] = [ops.maskFromBits(x), ops.maskFromBits(y)];
        const part = (bits: ReturnType<typeof ops.maskBits>, shift: number) =>
          i32.shl(bits, i32.const(shift));
        const results = [ops.maskAnd(a, b), ops.maskOr(a, b), ops.maskNot(a), a];
        return results.map((mask, i) => part(ops.maskBits(mask), 2 * i)).reduce(i32.or);
      }),
    }));
    const out = sandbox.pair();
    fc.assert(
      fc.property(lanes, lanes, fc.nat(3), ([a0, a1], [b0, b1], bits) => {
        sandbox.call('select', out, sandbox.pair(a0, a1), sandbox.pair(b0, b1), bits);
        const expected = [bits & 1 ? a0 : mod(2n * b0, p), bits & 2 ? a1 : mod(2n * b1, p)];
        expect(sandbox.readPair(out)).toEqual(expected);
      }),
      runs,
    );
    for (let x = 0; x < 4; x++) {
      for (let y = 0; y < 4; y++) {
        expect(sandbox.call('masks', x, y)).toBe((x & y) | ((x | y) << 2) | ((~x & 3) << 4) | (x << 6));
      }
    }
  });

  it('makes constants, per lane too', () => {
    const sandbox = inlineSandbox(form, {
      zero: (ops, o) => ops.store(o, ops.zero()),
      one: (ops, o) => ops.store(o, ops.one()),
      two: (ops, o) => ops.store(o, ops.constant(-5n, p + 7n)),
      sum: (ops, o) => ops.store(o, ops.mul(ops.constant(3n, 4n), ops.sub(ops.zero(), ops.constant(p - 2n)))),
    });
    const out = sandbox.pair();
    const expected: Record<string, Lanes> = {
      zero: [0n, 0n],
      one: [1n, 1n],
      two: [p - 5n, 7n],
      sum: [6n, 8n],
    };
    for (const [name, value] of Object.entries(expected)) {
      sandbox.call(name, out, 0, 0);
      expect(sandbox.readPair(out), name).toEqual(value);
    }
  });

  it('takes memory of zero bytes for 0', () => {
    const at = new Uint8Array(form.pairBytes);
    expect(form.decodePair(at)).toEqual([0n, 0n]);
    expect(form.decodeSingle(at.subarray(0, form.singleBytes))).toBe(0n);
  });

  it('carries variables around a loop and keeps elements beyond their scope', () => {
    // Horner's rule: o = Σ_i a·b^i over `count` terms, in both constant policies.
    const sandbox = new Sandbox(form, ({ module }) =>
      Object.fromEntries(
        (['inline', 'hoist'] as const).map((policy) => [
          policy,
          module.define(policy, ['i32', 'i32', 'i32', 'i32'], 'void', (f, o, a, b, count) => {
            f.constantPolicy = policy;
            const ops = form.ops(f);
            const sum = ops.variable();
            ops.assign(sum, ops.zero());
            const kept = f.scope(() => ops.keep(ops.add(ops.load(a), ops.zero())));
            const overwriting = f.scope(() => ops.add(ops.load(b), ops.one()));
            ops.store(o, overwriting);
            f.repeat(count, () => {
              f.scope(() => ops.assign(sum, ops.add(ops.mul(sum, ops.load(b)), kept)));
            });
            ops.store(o, sum);
          }),
        ]),
      ),
    );
    const out = sandbox.pair();
    fc.assert(
      fc.property(lanes, lanes, fc.nat(9), (a, b, count) => {
        const expected = [0, 1].map((lane) => {
          let sum = 0n;
          for (let i = 0; i < count; i++) sum = mod(sum * (b[lane] ?? 0n) + (a[lane] ?? 0n), p);
          return sum;
        });
        for (const policy of ['inline', 'hoist']) {
          sandbox.call(policy, out, sandbox.pair(...a), sandbox.pair(...b), count);
          expect(sandbox.readPair(out), policy).toEqual(expected);
        }
      }),
      runs,
    );
  });
});
