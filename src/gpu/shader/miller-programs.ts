/**
 * The steps of a Miller loop as programs of the field machine. A line at P is l0 + l1 + l2 with l0 = β, l1 = α·x_P and
 * l2 = δ·y_P, up to a factor in Fq2 that the final exponentiation takes away. On the D-twist of BN254 they stand at w³, w and 1;
 * on the M-twist of BLS12-381 at 1, w² and w³.
 */

import type { Curve, Fp2 } from '../../curve/curve.ts';
import { type PointStep, pairingParameters } from '../../wasm/pairing/parameters.ts';
import { frobeniusCoefficients } from '../../wasm/tower/frobenius.ts';
import { Assembler, type FieldEmitter, quadraticEmitter, type Registers } from './program.ts';
import { type Registers12, TowerEmitter, takeFq2, takeFq6, takeFq12 } from './tower-emitter.ts';

/** Names of the programs that make lines, by the step of the loop. */
export const LINE_PROGRAMS: Readonly<Record<PointStep, string>> = {
  double: 'double',
  addQ: 'add_q',
  subtractQ: 'subtract_q',
  addPsi: 'add_psi',
  subtractPsi2: 'subtract_psi2',
};

/** A register that holds the same value in every thread. */
interface Constant {
  readonly register: number;
  readonly value: bigint;
}

/** Programs that walk T along the loop of Q. */
export interface LinePrograms {
  readonly assembler: Assembler;
  /** First registers of T (X, Y, Z), of Q (x, y) and of the line (β, α, δ), each of coefficients in Fq2 one behind the other. */
  readonly point: number;
  readonly base: number;
  readonly line: number;
  readonly constants: readonly Constant[];
  /** Products of a step. */
  readonly products: Readonly<Partial<Record<PointStep, number>>>;
}

/** Takes registers that hold constants. */
class Constants {
  readonly list: Constant[] = [];
  readonly #assembler: Assembler;

  constructor(assembler: Assembler) {
    this.#assembler = assembler;
  }

  take(value: bigint): Registers {
    const registers = this.#assembler.register();
    this.list.push({ register: registers[0] as number, value });
    return registers;
  }

  take2({ c0, c1 }: Fp2): Registers {
    return [...this.take(c0), ...this.take(c1)];
  }
}

/**
 * Lines and T in homogeneous projective coordinates (Costello, Lange, Naehrig, PKC 2010), as in wasm/pairing/lines.ts but not
 * normalised: nothing is inverted.
 */
export function linePrograms(curve: Curve): LinePrograms {
  const assembler = new Assembler();
  const take = (): Registers => takeFq2(assembler);
  const [x, y, z] = [take(), take(), take()];
  const [qx, qy] = [take(), take()];
  const [beta, alpha, delta] = [take(), take(), take()];
  const [ox, oy] = [take(), take()];
  const [s, t, u, v] = [take(), take(), take(), take()];
  const constants = new Constants(assembler);
  const [zero = 0] = constants.take(0n);
  const f = quadraticEmitter(assembler);
  const timesThreeB = threeB(curve, assembler, f, constants);

  const products: Partial<Record<PointStep, number>> = {};
  products.double = assembler.program(LINE_PROGRAMS.double, () => {
    // A = Y², E = 3b'Z², H = 2YZ: β = E − A, α = 3X², δ = −H; X' = 2(A − 3E)·XY, Y' = (A + 3E)² − 12E², Z' = 4A·H.
    f.square(s, y);
    f.square(t, z);
    timesThreeB(t, u);
    f.multiply(u, y, z);
    f.add(u, u, u);
    f.multiply(v, x, y);
    f.subtract(beta, t, s);
    f.square(alpha, x);
    f.add(delta, alpha, alpha);
    f.add(alpha, alpha, delta);
    f.multiply(z, s, u);
    f.add(z, z, z);
    f.add(z, z, z);
    f.subtract(delta, s, s);
    f.subtract(delta, delta, u);
    f.square(u, t);
    f.add(y, u, u);
    f.add(u, y, u);
    f.add(u, u, u);
    f.add(u, u, u);
    f.add(x, t, t);
    f.add(t, x, t);
    f.subtract(x, s, t);
    f.add(x, x, x);
    f.multiply(x, x, v);
    f.add(y, s, t);
    f.square(y, y);
    f.subtract(y, y, u);
  });

  // θ = Y − y·Z, λ = X − x·Z: β = θ·x − λ·y, α = −θ, δ = λ; with t = λ³ − 2λ²X + θ²Z: X' = λ·t, Y' = (λ²X − t)·θ − λ³·Y, Z' = λ³·Z.
  const add = (px: Registers, py: Registers): void => {
    f.multiply(s, py, z);
    f.subtract(s, y, s);
    f.multiply(delta, px, z);
    f.subtract(delta, x, delta);
    f.multiply(beta, s, px);
    f.multiply(u, delta, py);
    f.subtract(beta, beta, u);
    f.subtract(alpha, s, s);
    f.subtract(alpha, alpha, s);
    f.square(u, delta);
    f.multiply(v, u, delta);
    f.multiply(u, u, x);
    f.square(t, s);
    f.multiply(t, t, z);
    f.add(t, t, v);
    f.subtract(t, t, u);
    f.subtract(t, t, u);
    f.multiply(x, delta, t);
    f.subtract(u, u, t);
    f.multiply(u, u, s);
    f.multiply(y, v, y);
    f.subtract(y, u, y);
    f.multiply(z, z, v);
  };
  const negate = (result: Registers, value: Registers): void => f.subtract(result, [zero, zero], value);
  products.addQ = assembler.program(LINE_PROGRAMS.addQ, () => add(qx, qy));
  products.subtractQ = assembler.program(LINE_PROGRAMS.subtractQ, () => {
    negate(oy, qy);
    add(qx, oy);
  });
  if (pairingParameters(curve).frobeniusLines) {
    // ψ(x, y) = (γ₂·x̄, γ₃·ȳ); twice applied, x is multiplied by a γ in Fq and y by −1, so that −ψ² leaves y.
    const [once, twice] = [frobeniusCoefficients({ curve }, 1), frobeniusCoefficients({ curve }, 2)];
    const [gamma2, gamma3] = [constants.take2(once[2] as Fp2), constants.take2(once[3] as Fp2)];
    const [gammaSquare = 0] = constants.take((twice[2] as Fp2).c0);
    products.addPsi = assembler.program(LINE_PROGRAMS.addPsi, () => {
      for (const [o, q, gamma] of [
        [ox, qx, gamma2],
        [oy, qy, gamma3],
      ] as const) {
        assembler.emit('add', o[0] as number, q[0] as number, zero);
        assembler.emit('subtract', o[1] as number, zero, q[1] as number);
        f.multiply(o, o, gamma);
      }
      add(ox, oy);
    });
    products.subtractPsi2 = assembler.program(LINE_PROGRAMS.subtractPsi2, () => {
      for (const [i, register] of ox.entries())
        assembler.emit('multiply', register, qx[i] as number, gammaSquare);
      add(ox, qy);
    });
  }
  return {
    assembler,
    point: x[0] as number,
    base: qx[0] as number,
    line: beta[0] as number,
    constants: constants.list,
    products,
  };
}

/** Emits value = 3b'·value for the coefficient b' of the twist; a second element is overwritten. */
function threeB(
  curve: Curve,
  assembler: Assembler,
  f: FieldEmitter,
  constants: Constants,
): (value: Registers, spare: Registers) => void {
  const { Fp2 } = curve.fields;
  const factor = Fp2.mul(curve.g2.CURVE().b, 3n);
  if (factor.c0 !== factor.c1 || factor.c0 > 16n) {
    const registers = constants.take2(factor);
    return (value) => f.multiply(value, value, registers);
  }
  // k(1 + u).
  return (value, spare) => {
    const [c0 = 0, c1 = 0] = value;
    assembler.emit('subtract', spare[0] as number, c0, c1);
    assembler.emit('add', spare[1] as number, c0, c1);
    let current = spare;
    for (const bit of factor.c0.toString(2).slice(1)) {
      f.add(value, current, current);
      if (bit === '1') f.add(value, value, spare);
      current = value;
    }
  };
}

/** Programs on an accumulator in Fq12. */
export interface AccumulatorPrograms {
  readonly assembler: Assembler;
  /** First of the twelve registers of the accumulator and of the other factor, in tower order. */
  readonly accumulator: number;
  readonly factor: number;
  /** First registers of a line (β, α, δ) and of a point of G1 (x, y). */
  readonly line: number;
  readonly point: number;
  /** Register of the factor that `scale` multiplies by. */
  readonly scale: number;
  /** Products of a program. */
  readonly products: Readonly<Record<'line' | 'square' | 'multiply' | 'scale', number>>;
}

/**
 * Programs `line` (accumulator times the line at the point), `square`, `multiply` (accumulator times the factor), `conjugate` and
 * `scale` (all coefficients times one: out of Montgomery form).
 */
export function accumulatorPrograms(curve: Curve): AccumulatorPrograms {
  const assembler = new Assembler();
  const accumulator: Registers12 = takeFq12(assembler);
  const [f0, f1] = accumulator;
  const other = takeFq12(assembler);
  const [s, t] = [takeFq6(assembler), takeFq6(assembler)];
  const [scale = 0] = assembler.register();
  const tower = new TowerEmitter(assembler, curve);
  const { fq2 } = tower;

  // A line and its point take the place of the other factor.
  const [[beta, alpha, delta], [point]] = other;
  const sum = other[1][1];
  const isDivisive = pairingParameters(curve).linePower === 1;
  const line = assembler.program('line', () => {
    const [px = 0, py = 0] = point;
    for (const register of alpha) assembler.emit('multiply', register, register, px);
    for (const register of delta) assembler.emit('multiply', register, register, py);
    tower.add6(s, f0, f1);
    // (f0 + f1·w)(l0 + l1·w) for l0, l1 in Fq6, by three products of which one has two terms less.
    if (isDivisive) {
      fq2.add(sum, delta, alpha);
      tower.multiplyBy01(s, s, sum, beta);
      tower.multiplyBy0(f0, f0, delta);
      tower.multiplyBy01(f1, f1, alpha, beta);
    } else {
      fq2.add(sum, alpha, delta);
      tower.multiplyBy01(s, s, beta, sum);
      tower.multiplyBy01(f0, f0, beta, alpha);
      tower.multiplyBy1(f1, f1, delta);
    }
    finish();
  });

  // f0 = f0 + v·f1 and f1 = s − f0 − f1, from the products of the halves and of their sums.
  function finish(): void {
    tower.subtract6(s, s, f0);
    tower.addTimesV(f0, f1);
    tower.subtract6(f1, s, f1);
  }

  const square = assembler.program('square', () => {
    // With t = f0·f1: f0 = (f0 + f1)(f0 + v·f1) − t − v·t, f1 = 2t.
    tower.add6(s, f0, f1);
    tower.multiply6(t, f0, f1);
    tower.addTimesV(f0, f1);
    tower.multiply6(f0, f0, s);
    tower.subtract6(f0, f0, t);
    tower.subtractTimesV(f0, t);
    tower.add6(f1, t, t);
  });
  const multiply = assembler.program('multiply', () => {
    tower.add6(s, f0, f1);
    tower.add6(t, other[0], other[1]);
    tower.multiply6(s, s, t);
    tower.multiply6(f0, f0, other[0]);
    tower.multiply6(f1, f1, other[1]);
    finish();
  });
  assembler.program('conjugate', () => {
    tower.subtract6(s, f1, f1);
    tower.subtract6(f1, s, f1);
  });
  const scaleProducts = assembler.program('scale', () => {
    for (const register of accumulator.flat(2)) assembler.emit('multiply', register, register, scale);
  });
  return {
    assembler,
    accumulator: f0[0][0] as number,
    factor: other[0][0][0] as number,
    line: beta[0] as number,
    point: point[0] as number,
    scale,
    products: { line, square, multiply, scale: scaleProducts },
  };
}
