import type { Curve, Fp12, G1Point, G2Point } from '../../../src/curve/curve.ts';
import type { FieldForm } from '../../../src/wasm/field/index.ts';
import { emitPairing } from '../../../src/wasm/pairing/emit-pairing.ts';
import type { MillerJob, PairingLayout } from '../../../src/wasm/pairing/pairing-layout.ts';
import { Workbench } from '../tower/workbench.ts';

/** The pairing engine of one curve in one form, running. */
export class PairingBench extends Workbench {
  readonly layout: PairingLayout;

  constructor(kernel: { curve: Curve; form: FieldForm }) {
    let layout: PairingLayout | undefined;
    super(kernel, (module) => {
      layout = emitPairing(module, kernel.form, kernel.curve);
      return undefined;
    });
    if (!layout) throw new Error('nothing was emitted');
    this.layout = layout;
  }

  #singles(point: { is0(): boolean }, count: number, coordinates: () => readonly bigint[]): number {
    const { singleBytes } = this.form;
    const at = this.allocate(count * singleBytes);
    this.bytes.fill(0, at, at + count * singleBytes);
    if (point.is0()) return at;
    for (const [i, c] of coordinates().entries())
      this.bytes.set(this.form.encodeSingle(c), at + i * singleBytes);
    return at;
  }

  /** An affine G1 point as singles. */
  g1(point: G1Point): number {
    return this.#singles(point, 2, () => {
      const { x, y } = point.toAffine();
      return [x, y];
    });
  }

  /** An affine G2 point as singles. */
  g2(point: G2Point): number {
    return this.#singles(point, 4, () => {
      const { x, y } = point.toAffine();
      return [x.c0, x.c1, y.c0, y.c1];
    });
  }

  /** Prepared lines of two points. */
  prepare(q0: number, q1: number): number {
    const lines = this.allocate(this.layout.linesBytes);
    this.call('prepareLines', lines, q0, q1, this.allocate(this.layout.prepareScratchBytes));
    return lines;
  }

  /** Runs a job; the address of the results. */
  run(job: Omit<MillerJob, 'out'>): number {
    const out = this.allocate(Math.ceil(job.products / 2) * this.layout.gtPairBytes);
    const scratch = this.allocate(this.layout.millerScratchBytes(job));
    const at = this.allocate(this.layout.millerJobBytes(job));
    this.bytes.set(this.layout.encodeMillerJob({ ...job, out }, at, scratch), at);
    this.call('millerProducts', at);
    return out;
  }

  /** The final exponentiation of packed products, all lanes. */
  finish(at: number, products: number): Fp12[] {
    const count = Math.ceil(products / 2);
    this.call('finalExponentiation', at, at, count);
    return Array.from({ length: count }, (_, i) => this.readFp12(at + i * this.layout.gtPairBytes)).flat();
  }

  /** Products of pairings, finished. */
  products(list: readonly { readonly pairs: readonly (readonly [G1Point, G2Point])[] }[]): Fp12[] {
    const factors = list.flatMap(({ pairs }, product) => {
      const halves = Array.from({ length: Math.ceil(pairs.length / 2) }, (_, i) =>
        pairs.slice(2 * i, 2 * i + 2),
      );
      return halves.map(([a, b]) => ({
        product,
        g1: [a ? this.g1(a[0]) : 0, b ? this.g1(b[0]) : 0] as const,
        g2: [a ? this.g2(a[1]) : 0, b ? this.g2(b[1]) : 0] as const,
      }));
    });
    const out = this.run({
      products: list.length,
      sources: factors.map(({ g2 }) => ({ points: g2 })),
      uses: factors.map(({ product, g1 }, source) => ({
        source,
        products: [product, product] as const,
        points: g1,
      })),
    });
    return this.finish(out, list.length).slice(0, list.length);
  }
}
