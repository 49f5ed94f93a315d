import { OptionError } from '../../errors.ts';
import {
  doubleBits,
  f64x2,
  i64x2,
  lanesToBytes,
  load,
  ModuleBuilder,
  store,
  type V128,
} from '../emit/index.ts';
import { enableRelaxedSimd } from '../pool/runtime.ts';
import type { FormName } from './field-form.ts';

/** What {@link chooseForm} may be told. */
export interface ChooseFormOptions {
  /** Take this form, or throw if the engine cannot run it. */
  force?: FormName;
  /**
   * Called when relaxed SIMD is missing, to switch it on where that is possible at run time; when it throws, it is not. Default:
   * what the runtime has for it ({@link enableRelaxedSimd}).
   */
  enableRelaxedSimd?: () => void;
}

/**
 * The fastest form that this engine runs correctly: `fma` if it has relaxed SIMD and its multiply-add rounds once, `simd` if it
 * has integer SIMD, else `scalar`. The answer holds for the calling thread's engine; worker threads of one process agree.
 */
export function chooseForm(options: ChooseFormOptions = {}): FormName {
  const supported: Record<FormName, () => boolean> = {
    fma: () => hasFusedMultiplyAdd(options.enableRelaxedSimd ?? enableRelaxedSimd),
    simd: () => validates((a, b) => i64x2.extmulLowI32x4S(a, b)),
    scalar: () => true,
  };
  const { force } = options;
  if (force !== undefined) {
    if (!Object.hasOwn(supported, force)) {
      throw new OptionError(`Kernel form "${force}" is unknown: expected fma, simd or scalar.`, {
        field: 'form',
      });
    }
    if (!supported[force]()) {
      throw new OptionError(
        `Kernel form "${force}" does not run here: ${force === 'fma' ? 'relaxed SIMD with fused multiply-add' : 'WebAssembly SIMD'} is missing. Leave the form out to take the best one that runs.`,
        { field: 'form' },
      );
    }
    return force;
  }
  if (supported.fma()) return 'fma';
  return supported.simd() ? 'simd' : 'scalar';
}

type Probe = (a: V128, b: V128, c: V128) => V128;

/** A module whose `run` stores `probe` of the three vectors at 0, 16 and 32 at 48. */
function probeModule(probe: Probe): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder({ minPages: 1, constantBase: 1024 });
  const run = module.define('run', ['i32'], 'void', (f, at) => {
    f.emit(store.v128(at, 48, probe(load.v128(at, 0), load.v128(at, 16), load.v128(at, 32))));
  });
  module.export('run', run);
  return module.toBytes();
}

function validates(probe: Probe): boolean {
  return WebAssembly.validate(probeModule(probe));
}

/**
 * "Relaxed" lets an engine round after the multiplication too, and leaves the choice to it; the fma form is wrong there. The
 * operands come from memory, so that the answer is the machine's and not a compiler's constant folding.
 */
function hasFusedMultiplyAdd(enable: () => void): boolean {
  const probes: readonly Probe[] = [f64x2.relaxedMadd, f64x2.relaxedNmadd];
  if (!validates(f64x2.relaxedMadd)) {
    try {
      enable();
    } catch {
      return false;
    }
    if (!validates(f64x2.relaxedMadd)) return false;
  }
  return probes.every((probe) => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const sp = new WebAssembly.Global({ value: 'i32', mutable: true }, 65536);
    const instance = new WebAssembly.Instance(new WebAssembly.Module(probeModule(probe)), {
      env: { memory, sp },
    });
    const run = instance.exports.run as (at: number) => void;
    return ROUNDING_CASES.every(({ a, b, c, fused }) => {
      const x = probe === f64x2.relaxedNmadd ? -a : a;
      const bytes = new Uint8Array(memory.buffer);
      bytes.set(lanesToBytes(doubleBits(x), doubleBits(b)), 0);
      bytes.set(lanesToBytes(doubleBits(b), doubleBits(x)), 16);
      bytes.set(lanesToBytes(doubleBits(c)), 32);
      run(0);
      const result = new Float64Array(memory.buffer, 48, 2);
      return result[0] === fused && result[1] === fused;
    });
  });
}

/** Cases of a·b + c that a second rounding gets wrong, and two ties of the kind the kernel's proof leans on. */
const ROUNDING_CASES: readonly { a: number; b: number; c: number; fused: number }[] = [
  { a: 1 + 2 ** -30, b: 1 - 2 ** -30, c: -1, fused: -(2 ** -60) },
  { a: 2 ** 50 + 1, b: 2 ** 50 - 1, c: -(2 ** 100), fused: -1 },
  { a: 2 ** 50, b: 1, c: 3 * 2 ** 102, fused: 3 * 2 ** 102 },
  { a: 2 ** 50, b: 3, c: 3 * 2 ** 102, fused: 3 * 2 ** 102 + 2 ** 52 },
];
