/**
 * What every {@link Backend} must do, whatever it runs on: each method against oracles that do not use it, on random
 * and on edge inputs. A backend's own test file calls this with a way to make the backend.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import { packScalars } from '../../src/curve/affine.ts';
import { CURVES, type Curve } from '../../src/curve/curve.ts';
import { encodingContract } from './contract/encodings.ts';
import { type Fixture, g1Case } from './contract/fixture.ts';
import { groupContract } from './contract/groups.ts';
import { linesContract } from './contract/lines.ts';
import { matrixContract } from './contract/matrices.ts';
import { nttContract } from './contract/ntt.ts';
import { optionContract } from './contract/options.ts';
import { pairingContract } from './contract/pairings.ts';
import { scalarContract } from './contract/scalars.ts';
import { vectorContract } from './contract/vectors.ts';

type CreateBackend = (curve: Curve) => Backend | Promise<Backend>;

function lifeContract(curve: Curve, fixture: Fixture, createBackend: CreateBackend): void {
  describe('life', () => {
    it('knows its curve, its name and how many threads it has', () => {
      const { name, threads, curve: own } = fixture.backend();
      expect(own).toBe(curve);
      expect(name).toMatch(/^[a-z]+$/);
      expect(Number.isInteger(threads) && threads >= 1).toBe(true);
    });

    it('two of one kind live side by side, and the end of one is not the end of the other', async () => {
      const other = await createBackend(curve);
      const own = g1Case(fixture);
      const others = g1Case({ curve, backend: () => other });
      const mine = await own.upload(own.points([2n, 3n]));
      const theirs = await others.upload(others.points([5n, 7n]));
      const scalars = packScalars(curve, [10n, 100n]);
      expect(await other.msmG1(theirs, await other.uploadFr(scalars))).toEqual(own.points([750n]));
      await other.dispose();
      const backend = fixture.backend();
      expect(await backend.msmG1(mine, await backend.uploadFr(scalars))).toEqual(own.points([320n]));
    });

    it('is made and given up many times over', async () => {
      for (let i = 0; i < 3; i++) {
        const backend = await createBackend(curve);
        const vector = await backend.powersFr(2n, 4);
        expect(await backend.read(vector)).toEqual(packScalars(curve, [1n, 2n, 4n, 8n]));
        await backend.dispose();
      }
    });
  });
}

/**
 * Declares the contract's tests.
 *
 * @param name how the backend is called in the report
 * @param createBackend makes a fresh backend; the tests dispose of it
 * @param curves the curves it works on
 */
export function backendContract(
  name: string,
  createBackend: CreateBackend,
  curves: readonly Curve[] = CURVES,
): void {
  describe.each(curves)(`${name} backend on $name`, (curve) => {
    let created: Backend | undefined;
    const fixture: Fixture = {
      curve,
      backend: () => {
        if (!created) throw new Error('the backend is made in a hook; use it inside tests');
        return created;
      },
    };
    beforeAll(async () => {
      created = await createBackend(curve);
    });
    afterAll(async () => {
      await created?.dispose();
    });

    lifeContract(curve, fixture, createBackend);
    vectorContract(fixture);
    scalarContract(fixture);
    nttContract(fixture);
    matrixContract(fixture);
    groupContract(fixture);
    pairingContract(fixture);
    linesContract(fixture);
    encodingContract(fixture);
    optionContract(fixture);
  });
}
