import { afterEach, describe, expect, it, vi } from 'vitest';
import { OptionError } from '../../../src/errors.ts';
import { chooseForm, type FormName } from '../../../src/wasm/field/index.ts';

const RELAXED_MADD = [0xfd, 0x87, 0x02];

function contains(bytes: BufferSource, pattern: readonly number[]): boolean {
  const all = bytes as Uint8Array;
  return all.some((_, i) => pattern.every((byte, k) => all[i + k] === byte));
}

/** Makes the engine look older: `validate` refuses what `isMissing` says. */
function withoutFeature(isMissing: (bytes: BufferSource) => boolean): void {
  const validate = WebAssembly.validate.bind(WebAssembly);
  vi.spyOn(WebAssembly, 'validate').mockImplementation((bytes) => !isMissing(bytes) && validate(bytes));
}

/** Stands in for the probe on an engine without FMA hardware: multiplies, rounds, adds, rounds. */
class UnfusedInstance {
  readonly exports: { run: () => void };

  constructor(_module: WebAssembly.Module, imports: { env: { memory: WebAssembly.Memory } }) {
    const run = (): void => {
      const operand = (index: number, lane: number): number =>
        new Float64Array(imports.env.memory.buffer)[2 * index + lane] ?? 0;
      const results = [0, 1].map((lane) => operand(0, lane) * operand(1, lane) + operand(2, lane));
      new Float64Array(imports.env.memory.buffer, 48, 2).set(results);
    };
    this.exports = { run };
  }
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('chooseForm', () => {
  it('takes the form that is forced, if it is one that runs', () => {
    expect(chooseForm({ force: 'simd' })).toBe('simd');
    expect(chooseForm({ force: 'scalar' })).toBe('scalar');
    expect(() => chooseForm({ force: 'gpu' as FormName })).toThrow(OptionError);
    expect(() => chooseForm({ force: 'toString' as FormName })).toThrow(OptionError);
  });

  it('takes multiply-add where it is there and fused', () => {
    // Every engine the suite runs on has relaxed SIMD; x64 and arm64 hardware of the last decade fuses.
    expect(chooseForm()).toBe('fma');
  });

  it('falls back to integer SIMD, then to scalars', () => {
    withoutFeature((bytes) => contains(bytes, RELAXED_MADD));
    expect(chooseForm()).toBe('simd');
    expect(() => chooseForm({ force: 'fma' })).toThrow(/relaxed SIMD/);
    vi.restoreAllMocks();
    withoutFeature(() => true);
    expect(chooseForm()).toBe('scalar');
    expect(() => chooseForm({ force: 'simd' })).toThrow(OptionError);
  });

  it('switches relaxed SIMD on through the hook, once, and survives a hook that cannot', () => {
    let enabled = false;
    withoutFeature((bytes) => !enabled && contains(bytes, RELAXED_MADD));
    const enable = vi.fn(() => {
      enabled = true;
    });
    expect(chooseForm({ enableRelaxedSimd: enable })).toBe('fma');
    expect(enable).toHaveBeenCalledTimes(1);
    expect(chooseForm({ enableRelaxedSimd: enable })).toBe('fma');
    expect(enable).toHaveBeenCalledTimes(1);
    enabled = false;
    const refuse = (): never => {
      throw new Error('too late');
    };
    expect(chooseForm({ enableRelaxedSimd: refuse })).toBe('simd');
  });

  it("sets the flag of Node 20 by itself, and no other version's", () => {
    let enabled = false;
    let refused = false;
    const flags: string[] = [];
    const v8 = {
      setFlagsFromString: (flag: string): void => {
        flags.push(flag);
        if (refused) throw new Error('refused');
        enabled = true;
      },
    };
    const runAs = (node: string | undefined): void => {
      const getBuiltinModule = (name: string): unknown => (name === 'node:v8' ? v8 : undefined);
      vi.stubGlobal('process', node === undefined ? undefined : { versions: { node }, getBuiltinModule });
    };
    withoutFeature((bytes) => !enabled && contains(bytes, RELAXED_MADD));
    for (const other of ['22.12.0', '200.1.0', undefined]) {
      runAs(other);
      expect(chooseForm()).toBe('simd');
    }
    expect(flags).toEqual([]);
    runAs('20.19.0');
    refused = true;
    expect(chooseForm()).toBe('simd');
    refused = false;
    expect(chooseForm()).toBe('fma');
    expect(chooseForm()).toBe('fma');
    const flag = '--experimental-wasm-relaxed-simd';
    expect(flags).toEqual([flag, flag]);
  });

  it('refuses a multiply-add that rounds twice', () => {
    vi.stubGlobal('WebAssembly', Object.assign(Object.create(WebAssembly), { Instance: UnfusedInstance }));
    expect(chooseForm()).toBe('simd');
  });
});
