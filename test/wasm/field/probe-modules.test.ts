import { expect, it } from 'vitest';
import { f64x2, i64x2, load, ModuleBuilder, store, type V128 } from '../../../src/wasm/emit/index.ts';
import { type ProbedOperation, probeModule } from '../../../src/wasm/field/probe-modules.ts';

const OPERATIONS: Readonly<Record<ProbedOperation, (a: V128, b: V128, c: V128) => V128>> = {
  relaxedMadd: f64x2.relaxedMadd,
  relaxedNmadd: f64x2.relaxedNmadd,
  extmulLowI32x4S: (a, b) => i64x2.extmulLowI32x4S(a, b),
};

it.each(Object.entries(OPERATIONS))('is what the generator writes: %s', (name, operation) => {
  const module = new ModuleBuilder({ minPages: 1, constantBase: 1024 });
  const run = module.define('run', ['i32'], 'void', (f, at) => {
    f.emit(store.v128(at, 48, operation(load.v128(at, 0), load.v128(at, 16), load.v128(at, 32))));
  });
  module.export('run', run);
  expect(probeModule(name as ProbedOperation)).toEqual(module.toBytes());
});
