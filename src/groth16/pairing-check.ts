/** Collects terms c·e(P, Q), merging those with the same Q, into one product of Miller loops and one final exponentiation. */

import type { Backend, G1Vector, G2Vector, OperationOptions, PairingTerm } from '../backend/backend.ts';
import { packScalars } from '../curve/affine.ts';
import { joinBytes, toHex } from '../field/bytes.ts';
import { mod } from '../field/modular.ts';

/** A sum of pairings under construction. */
export class PairingCheck {
  readonly #backend: Backend;
  readonly #byG2 = new Map<string, { q: Uint8Array; points: Uint8Array[]; scalars: bigint[] }>();
  readonly #terms: PairingTerm[] = [];

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Adds scalar·e(p, q); points in memory form, the scalar any integer. */
  add(p: Uint8Array, q: Uint8Array, scalar: bigint): void {
    const id = toHex(q);
    let entry = this.#byG2.get(id);
    if (!entry) {
      entry = { q, points: [], scalars: [] };
      this.#byG2.set(id, entry);
    }
    entry.points.push(p);
    entry.scalars.push(mod(scalar, this.#backend.curve.order));
  }

  /** Adds Σ_i e(g1_i, g2_i) of vectors already on the backend. */
  addTerm(g1: G1Vector, g2: G2Vector): void {
    this.#terms.push({ g1, g2 });
  }

  /** The sum of everything added, a GT element in memory form. */
  async finish(options: OperationOptions = {}): Promise<Uint8Array> {
    const backend = this.#backend;
    const entries = [...this.#byG2.values()];
    const bases = await backend.uploadG1(joinBytes(entries.flatMap(({ points }) => points)));
    const weights = await backend.uploadFr(
      packScalars(
        backend.curve,
        entries.flatMap(({ scalars }) => scalars),
      ),
    );
    let end = 0;
    const jobs = entries.map(({ points }) => {
      const start = end;
      end += points.length;
      return { bases: bases.slice(start, end), scalars: weights.slice(start, end) };
    });
    const g1 = await backend.uploadG1(await backend.msmManyG1(jobs, { signal: options.signal }));
    bases.dispose();
    weights.dispose();
    const g2 = await backend.uploadG2(joinBytes(entries.map(({ q }) => q)));
    const miller = await backend.millerProducts([[...this.#terms, { g1, g2 }]], options);
    g1.dispose();
    g2.dispose();
    return backend.finalExponentiation(miller, { signal: options.signal });
  }
}
