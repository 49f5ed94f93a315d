import { describe, expect, it } from 'vitest';
import { InternalError, OptionError } from '../../../src/errors.ts';
import {
  ConstantPool,
  type FunctionBuilder,
  i32,
  i64,
  lanesToBytes,
  load,
  ModuleBuilder,
  store,
  unreachable,
} from '../../../src/wasm/emit/index.ts';
import { instantiate, STACK_TOP } from './instantiate.ts';

const building = (body: (f: FunctionBuilder) => void): (() => void) => {
  const module = new ModuleBuilder({ minPages: 1, constantBase: 0 });
  return () => void module.define('f', [], 'void', body);
};

describe('control flow', () => {
  it('loops, branches and returns', () => {
    const { call } = instantiate((module) => ({
      // Sum of the odd numbers below n, by every construct at once; 1000 for n = 13, by an early return.
      sum: module.define('sum', ['i32'], 'i32', (f, n) => {
        const [sum, i] = [f.let(i32.const(0)), f.let(i32.const(0))];
        f.if(i32.eq(n, i32.const(13)), () => f.return(i32.const(1000)));
        f.while(
          () => i32.ltS(i, n),
          () => {
            f.block((skip) => {
              f.brIf(skip, i32.eqz(i32.and(i, i32.const(1))));
              f.set(sum, i32.add(sum, i));
            });
            f.set(i, i32.add(i, i32.const(1)));
          },
        );
        return sum;
      }),
      repeat: module.define('repeat', ['i32'], 'i32', (f, n) => {
        const count = f.let(i32.const(0));
        f.repeat(n, () => f.set(count, i32.add(count, i32.const(1))));
        return i32.sub(count, n);
      }),
      sign: module.define('sign', ['i32'], 'i32', (f, x) => {
        const result = f.local('i32');
        f.if(
          i32.ltS(x, i32.const(0)),
          () => f.set(result, i32.const(-1)),
          () =>
            f.if(
              x,
              () => f.set(result, i32.const(1)),
              () => f.set(result, i32.const(0)),
            ),
        );
        return result;
      }),
      nested: module.define('nested', ['i32'], 'i32', (f, n) => {
        const count = f.let(i32.const(0));
        f.block((exit) => {
          f.loop((outer) => {
            f.loop((inner) => {
              f.set(count, i32.add(count, i32.const(1)));
              f.brIf(exit, i32.geS(count, n));
              f.brIf(inner, i32.and(count, i32.const(3)));
            });
            f.br(outer);
          });
        });
        return count;
      }),
      trap: module.define('trap', [], 'void', (f) => f.emit(unreachable())),
    }));
    expect(call('sum', 10)).toBe(25);
    expect(call('sum', 0)).toBe(0);
    expect(call('sum', 13)).toBe(1000);
    expect(call('repeat', 0)).toBe(0);
    expect(call('repeat', 5)).toBe(5);
    expect([-7, 0, 9].map((x) => call('sign', x))).toEqual([-1, 0, 1]);
    expect(call('nested', 10)).toBe(10);
    expect(() => call('trap')).toThrow(WebAssembly.RuntimeError);
  });

  it('calls forward, backward and itself', () => {
    const { call } = instantiate((module) => {
      const isOdd = module.declare('isOdd', ['i32'], 'i32');
      const isEven = module.define('isEven', ['i32'], 'i32', (f, n) => {
        f.if(i32.eqz(n), () => f.return(i32.const(1)));
        return f.call(isOdd, i32.sub(n, i32.const(1)));
      });
      module.implement(isOdd, (f, n) => {
        f.if(i32.eqz(n), () => f.return(i32.const(0)));
        return f.call(isEven, i32.sub(n, i32.const(1)));
      });
      const put = module.define('put', ['i32', 'i64'], 'void', (f, at, x) => f.emit(store.i64(at, 0, x)));
      const run = module.define('run', [], 'i64', (f) => {
        f.run(put, i32.const(64), i64.const(99));
        f.drop(f.call(isEven, i32.const(3)));
        return load.i64(i32.const(64));
      });
      return { isEven, run };
    });
    expect([0, 1, 7, 10].map((n) => call('isEven', n))).toEqual([1, 0, 0, 1]);
    expect(call('run')).toBe(99n);
  });
});

describe('locals', () => {
  it('reuses locals of the same type after their scope, and keeps those asked for', () => {
    const indices: number[] = [];
    building((f) => {
      const first = f.scope(() => {
        const a = f.local('i32');
        f.local('i64');
        return a.index;
      });
      const second = f.local('i32');
      const kept = f.scope(() => {
        const inner = f.local('i32');
        f.keep(inner);
        return inner;
      });
      const third = f.local('i32');
      indices.push(first, second.index, kept.index, third.index);
    })();
    const [first, second, kept, third] = indices;
    expect(second).toBe(first);
    expect(new Set([second, kept, third]).size).toBe(3);
  });

  it('releases early, but neither twice nor inside a loop what was made outside', () => {
    building((f) => {
      const a = f.local('v128');
      f.release(a);
      expect(f.local('v128').index).toBe(a.index);
    })();
    const twice = building((f) => {
      const a = f.local('i32');
      f.release(a);
      f.release(a);
    });
    expect(twice).toThrow(InternalError);
    const inLoop = building((f) => {
      const a = f.local('i32');
      f.loop(() => f.release(a));
    });
    expect(inLoop).toThrow(InternalError);
  });
});

describe('the shadow stack', () => {
  it('gives every activation its own frame and gives it back, on early return too', () => {
    const { call, sp } = instantiate((module) => {
      // n! by recursion, each level keeping n in its frame across the call.
      const factorial = module.declare('factorial', ['i32'], 'i32');
      module.implement(factorial, (f, n) => {
        const slot = f.frame(4);
        const unused = f.frame(20);
        f.emit(store.i32(slot, 0, n));
        f.emit(store.i32(unused, 16, i32.const(-1)));
        f.if(i32.leS(n, i32.const(1)), () => f.return(i32.const(1)));
        const below = f.let(f.call(factorial, i32.sub(n, i32.const(1))));
        return i32.mul(load.i32(slot), below);
      });
      const depth = module.define('depth', [], 'i32', (f) => f.frame(1).address);
      return { factorial, depth };
    });
    expect(call('factorial', 10)).toBe(3628800);
    expect(sp.value).toBe(STACK_TOP);
    expect(call('depth')).toBe(STACK_TOP - 16);
    expect(sp.value).toBe(STACK_TOP);
  });
});

describe('constants', () => {
  it('reads the same constant inline and hoisted', () => {
    const { call } = instantiate((module) =>
      Object.fromEntries(
        (['inline', 'hoist'] as const).map((policy) => [
          policy,
          module.define(policy, ['i32'], 'i64', (f, n) => {
            f.constantPolicy = policy;
            f.repeat(n, () => {
              f.emit(store.v128(i32.const(64), 0, f.constant(lanesToBytes(5n, 6n))));
              f.emit(store.v128(i32.const(80), 0, f.constant(lanesToBytes(7n), 'hoist')));
            });
            return i64.add(load.i64(i32.const(72)), load.i64(i32.const(80)));
          }),
        ]),
      ),
    );
    for (const policy of ['inline', 'hoist']) expect(call(policy, 2)).toBe(13n);
  });

  it('shares equal constants, aligns them and refuses to overflow', () => {
    const pool = new ConstantPool(64, 48);
    const first = pool.add(Uint8Array.of(1, 2, 3));
    expect(first).toBe(64);
    expect(pool.add(Uint8Array.of(4))).toBe(80);
    expect(pool.add(Uint8Array.of(1, 2, 3))).toBe(first);
    expect(pool.size).toBe(32);
    expect(pool.toBytes()).toEqual(
      Uint8Array.from([1, 2, 3, ...new Array(13).fill(0), 4, ...new Array(15).fill(0)]),
    );
    pool.add(lanesToBytes(1n));
    expect(() => pool.add(lanesToBytes(2n))).toThrow(InternalError);
    expect(() => new ConstantPool(8, 16)).toThrow(OptionError);
  });

  it('places tables where constantAddress says', () => {
    const { call } = instantiate((module) => ({
      at: module.define('at', ['i32'], 'i32', (f, i) => {
        const table = f.constantAddress(Uint8Array.of(11, 22, 33));
        return load.i32From8U(i32.add(table.address, i));
      }),
    }));
    expect([0, 1, 2].map((i) => call('at', i))).toEqual([11, 22, 33]);
  });
});

describe('ModuleBuilder', () => {
  const options = { minPages: 1, constantBase: 0 };

  it('makes a library function once', () => {
    const module = new ModuleBuilder(options);
    const make = () => module.once('f', [], 'i32', () => i32.const(1));
    expect(make()).toBe(make());
  });

  it('refuses functions without a body, with two, or of another module', () => {
    const module = new ModuleBuilder(options);
    const ref = module.declare('f', [], 'i32');
    expect(() => module.toBytes()).toThrow(/never given a body/);
    module.implement(ref, () => i32.const(1));
    expect(() => module.implement(ref, () => i32.const(2))).toThrow(InternalError);
    expect(() => new ModuleBuilder(options).implement(ref, () => i32.const(1))).toThrow(InternalError);
    expect(WebAssembly.validate(module.toBytes())).toBe(true);
  });

  it('refuses calls with wrong arguments', () => {
    const module = new ModuleBuilder(options);
    const callee = module.define('callee', ['i32', 'i64'], 'void', () => {});
    const calling = (...args: unknown[]) =>
      module.define('caller', [], 'void', (f) => f.run(callee, ...(args as [never, never])));
    expect(() => calling(i32.const(1), i32.const(2))).toThrow(InternalError);
    expect(() => calling(i32.const(1))).toThrow(InternalError);
  });

  it('needs a greatest size for shared memory', () => {
    expect(() => new ModuleBuilder({ ...options, shared: true }).toBytes()).toThrow(InternalError);
    const shared = new ModuleBuilder({ ...options, shared: true, maxPages: 300 });
    expect(WebAssembly.validate(shared.toBytes())).toBe(true);
  });
});
