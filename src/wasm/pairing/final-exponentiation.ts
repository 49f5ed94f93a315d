/** The final exponentiation, two elements at once. */

import type { FunctionBuilder, I32, Ptr } from '../emit/index.ts';
import type { UnaryFunction } from '../field/field-functions.ts';
import { cyclotomicPower, cyclotomicSqr } from '../tower/cyclotomic.ts';
import { fp12Conjugate, fp12Invert, fp12Mul } from '../tower/fp12.ts';
import { fp12Frobenius } from '../tower/frobenius.ts';
import type { Tower } from '../tower/tower.ts';
import { pairingParameters } from './parameters.ts';

/**
 * (o, a): o = a^E for a ≠ 0; E is a multiple of (p¹² − 1)/r, the same as the reference backend's, so results are equal and not just
 * proportional. BN254: E·r/(p¹² − 1) = 2u(6u² + 3u + 1) (Fuentes-Castañeda–Knapp–Rodríguez-Henríquez, SAC 2011, section 5);
 * BLS12-381: 3 (Ghammam–Fouotsa, ePrint 2016/130, as by Hayashida–Hayasaka–Teruya, ePrint 2020/875).
 */
export function finalExponentiation(tower: Tower): UnaryFunction {
  return tower.define('finalExponentiation', ['i32', 'i32'], (f, o, a) => {
    const g = new GtCalls(tower, f);
    const r = g.temporary();
    const t = g.temporary();
    // Easy part: r = a^((p⁶ − 1)(p² + 1)), in the cyclotomic subgroup from here on.
    f.run(fp12Invert(tower), t.address, a);
    f.run(fp12Conjugate(tower), r.address, a);
    g.mul(r, r, t);
    g.frobenius(t, r, 2);
    g.mul(r, r, t);
    if (tower.curve.name === 'bn254') hardPartBn(g, o, r, t);
    else hardPartBls(g, o, r, t);
  });
}

/** Emits calls on GT elements in the frame. */
class GtCalls {
  readonly #tower: Tower;
  readonly #f: FunctionBuilder;

  constructor(tower: Tower, f: FunctionBuilder) {
    this.#tower = tower;
    this.#f = f;
  }

  temporary(): Ptr {
    return this.#f.frame(this.#tower.fp12Bytes);
  }

  mul(o: Ptr | I32, a: Ptr, b: Ptr): void {
    this.#f.run(fp12Mul(this.#tower), address(o), a.address, b.address);
  }

  sqr(o: Ptr, a: Ptr): void {
    this.#f.run(cyclotomicSqr(this.#tower), o.address, a.address);
  }

  conjugate(o: Ptr, a: Ptr): void {
    this.#f.run(fp12Conjugate(this.#tower), o.address, a.address);
  }

  frobenius(o: Ptr, a: Ptr, power: 1 | 2 | 3): void {
    this.#f.run(fp12Frobenius(this.#tower, power), o.address, a.address);
  }

  /** o = a^u, or a^−u for `negated`; o apart from a. */
  powerU(o: Ptr, a: Ptr, negated = false): void {
    const { parameter, negative } = pairingParameters(this.#tower.curve);
    this.#f.run(cyclotomicPower(this.#tower, parameter), o.address, a.address);
    if (negative !== negated) this.conjugate(o, o);
  }
}

function address(at: Ptr | I32): I32 {
  return 'base' in at ? at.address : at;
}

/** o = r^(1 + 6u + 12u² + 12u³ + (4u + 6u² + 12u³)p + (6u + 6u² + 12u³)p² + (−1 + 4u + 6u² + 12u³)p³), three powers of u. */
function hardPartBn(g: GtCalls, o: I32, r: Ptr, t: Ptr): void {
  const [y1, y2, y4, y6, y8] = [0, 1, 2, 3, 4].map(() => g.temporary()) as [Ptr, Ptr, Ptr, Ptr, Ptr];
  // y1 = r^(−2u), y2 = r^(−6u), y4 = r^(6u²), y6 = r^(−12u³).
  g.powerU(t, r, true);
  g.sqr(y1, t);
  g.sqr(y2, y1);
  g.mul(y2, y2, y1);
  g.powerU(y4, y2, true);
  g.sqr(t, y4);
  g.powerU(y6, t, true);
  // y8 = r^(6u + 6u² + 12u³), y1 = y9 = r^(4u + 6u² + 12u³).
  g.conjugate(y6, y6);
  g.conjugate(y2, y2);
  g.mul(y8, y6, y4);
  g.mul(y8, y8, y2);
  g.mul(y1, y8, y1);
  g.mul(y4, y8, y4);
  g.mul(y4, y4, r);
  g.frobenius(t, y1, 1);
  g.mul(y4, y4, t);
  g.frobenius(t, y8, 2);
  g.mul(y4, y4, t);
  g.conjugate(r, r);
  g.mul(t, r, y1);
  g.frobenius(t, t, 3);
  g.mul(o, t, y4);
}

/** o = r^((u − 1)²(u + p)(u² + p² − 1) + 3), five powers of u. */
function hardPartBls(g: GtCalls, o: I32, r: Ptr, t: Ptr): void {
  const [x, y] = [g.temporary(), g.temporary()];
  const conjugate = g.temporary();
  // x = r^((u − 1)²).
  g.powerU(x, r);
  g.conjugate(conjugate, r);
  g.mul(x, x, conjugate);
  g.powerU(y, x);
  g.conjugate(x, x);
  g.mul(x, y, x);
  // y = x^(u + p).
  g.powerU(y, x);
  g.frobenius(x, x, 1);
  g.mul(y, y, x);
  // x = y^(u² + p² − 1).
  g.powerU(t, y);
  g.powerU(x, t);
  g.frobenius(t, y, 2);
  g.mul(x, x, t);
  g.conjugate(y, y);
  g.mul(x, x, y);
  g.sqr(t, r);
  g.mul(t, t, r);
  g.mul(o, x, t);
}
