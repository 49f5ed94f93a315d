import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modInverse } from '../../../src/field/modular.ts';
import { createForm, FIELD_SPECS } from '../../../src/wasm/field/index.ts';
import { integerInverse } from '../../../src/wasm/field/integer-inverse.ts';
import { fuzzRuns } from '../../helpers/fuzz.ts';
import { edgeElements, elementOf, Sandbox } from './sandbox.ts';

describe.each(FIELD_SPECS)('integer inversion mod $name', (field) => {
  const { modulus: p, byteLength } = field;
  const sandbox = new Sandbox(createForm(field, 'scalar'), ({ module }) => ({
    inverse: integerInverse(module, field),
  }));
  const at = sandbox.allocate(byteLength);
  const check = (x: bigint): void => {
    sandbox.writeInteger(at, x, byteLength);
    sandbox.call('inverse', at);
    expect(sandbox.readInteger(at, byteLength)).toBe(x === 0n ? 0n : modInverse(x, p));
  };

  it('inverts random elements and edges', () => {
    for (const x of edgeElements(field)) check(x);
    fc.assert(fc.property(elementOf(field), check), { numRuns: fuzzRuns(300) });
  });

  it('inverts powers of two, their neighbours and their multiples of the modulus', () => {
    const bits = p.toString(2).length;
    for (let i = 0; i < bits; i++) {
      for (const x of [
        1n << BigInt(i),
        (1n << BigInt(i)) - 1n,
        (1n << BigInt(i)) + 1n,
        p >> BigInt(i),
        p - (p >> BigInt(i)),
      ]) {
        if (x > 0n && x < p) check(x);
      }
    }
  });

  it('touches no byte beyond its operand', () => {
    const wide = sandbox.allocate(3 * byteLength);
    sandbox.writeInteger(wide + byteLength, 3n, byteLength);
    const before = sandbox.bytes.slice(wide, wide + 3 * byteLength);
    sandbox.call('inverse', wide + byteLength);
    const after = sandbox.bytes.slice(wide, wide + 3 * byteLength);
    expect(after.subarray(0, byteLength)).toEqual(before.subarray(0, byteLength));
    expect(after.subarray(2 * byteLength)).toEqual(before.subarray(2 * byteLength));
  });
});
