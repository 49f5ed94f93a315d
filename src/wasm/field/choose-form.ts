import { OptionError } from '../../errors.ts';
import { enableRelaxedSimd } from '../pool/runtime.ts';
import type { FormName } from './field-form.ts';
import { type ProbedOperation, probeModule } from './probe-modules.ts';

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
    simd: () => validates('extmulLowI32x4S'),
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

function validates(operation: ProbedOperation): boolean {
  return WebAssembly.validate(probeModule(operation));
}

/**
 * "Relaxed" lets an engine round after the multiplication too, and leaves the choice to it; the fma form is wrong there. The
 * operands come from memory, so that the answer is the machine's and not a compiler's constant folding.
 */
function hasFusedMultiplyAdd(enable: () => void): boolean {
  const operations: readonly ProbedOperation[] = ['relaxedMadd', 'relaxedNmadd'];
  if (!validates('relaxedMadd')) {
    try {
      enable();
    } catch {
      return false;
    }
    if (!validates('relaxedMadd')) return false;
  }
  return operations.every((operation) => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const sp = new WebAssembly.Global({ value: 'i32', mutable: true }, 65536);
    const instance = new WebAssembly.Instance(new WebAssembly.Module(probeModule(operation)), {
      env: { memory, sp },
    });
    const run = instance.exports.run as (at: number) => void;
    return ROUNDING_CASES.every(({ a, b, c, fused }) => {
      const x = operation === 'relaxedNmadd' ? -a : a;
      const lanes = new Float64Array(memory.buffer, 0, 8);
      lanes.set([x, b, b, x, c, c]);
      run(0);
      return lanes[6] === fused && lanes[7] === fused;
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
