/** Aborts, progress and many operations at once, for every operation that takes options. */

import { beforeAll, describe, expect, it } from 'vitest';
import type { Backend, BackendVector, MsmJob, OperationOptions } from '../../../src/backend/backend.ts';
import { packScalars } from '../../../src/curve/affine.ts';
import { gtToBytes } from '../../../src/curve/gt.ts';
import { AbortedError } from '../../../src/errors.ts';
import { joinBytes } from '../../../src/field/bytes.ts';
import { gtGenerator } from '../../curve/arbitraries.ts';
import { bytesOf, type Fixture, g1Case, g2Case, uploadScalars } from './fixture.ts';

type Operation = (
  backend: Backend,
  options?: OperationOptions,
  // biome-ignore lint/suspicious/noConfusingVoidType: checks resolve to nothing.
) => Promise<Uint8Array | BackendVector | void>;

const COUNT = 12;

const NAMES = [
  ...['msmG1', 'msmG2', 'msmManyG1', 'msmManyG2', 'msmSums', 'prepareG1', 'prepareG2'],
  ...['scaleG1', 'scaleG2', 'foldG1', 'foldG2', 'foldFr', 'mulFr', 'ntt'],
  ...['millerProducts', 'finalExponentiation', 'gtMultiExp'],
  ...['compressG1', 'compressG2', 'compressGt', 'decompressG1', 'decompressG2', 'decompressGt'],
  ...['checkG1', 'checkG2'],
];

async function operations(fixture: Fixture): Promise<Readonly<Record<string, Operation>>> {
  const { curve } = fixture;
  const backend = fixture.backend();
  const [first, second] = [g1Case(fixture), g2Case(fixture)];
  const p = first.progression(5n, 3n, COUNT);
  const q = second.progression(7n, 2n, COUNT);
  const [g1, g2] = [await first.upload(p), await second.upload(q)];
  const scalars = Array.from({ length: COUNT }, (_, i) => curve.order - 3n ** BigInt(i));
  const fr = await uploadScalars(fixture, scalars);
  const { Fp12 } = curve.fields;
  const gt = joinBytes(scalars.map((log) => gtToBytes(curve, Fp12.pow(gtGenerator(curve), log))));
  const frBytes = packScalars(curve, scalars);
  const [p0, q0, gt0] = [
    await backend.compressG1(p),
    await backend.compressG2(q),
    await backend.compressGt(gt),
  ];
  const x = curve.order - 12345n;
  const many = <K extends 'g1' | 'g2'>(bases: BackendVector<K>): MsmJob<K>[] => [
    { bases, scalars: fr },
    { bases: bases.slice(2, 7), scalars: fr.slice(0, 5) },
  ];
  return {
    msmG1: (on, options) => on.msmG1(g1, fr, options),
    msmG2: (on, options) => on.msmG2(g2, fr, options),
    msmManyG1: (on, options) => on.msmManyG1(many(g1), options),
    msmManyG2: (on, options) => on.msmManyG2(many(g2), options),
    msmSums: async (on, options) => {
      const sums = await on.msmSums({ g1: many(g1), g2: many(g2) }, options);
      return joinBytes([sums.g1, sums.g2]);
    },
    prepareG1: async (on, options) => on.msmG1(await on.prepareG1(g1, options), fr),
    prepareG2: async (on, options) => on.msmG2(await on.prepareG2(g2, options), fr),
    scaleG1: (on, options) => on.scaleG1(g1, fr, options),
    scaleG2: (on, options) => on.scaleG2(g2, fr, options),
    foldG1: (on, options) => on.foldG1(g1.slice(0, 6), g1.slice(6, 12), x, options),
    foldG2: (on, options) => on.foldG2(g2.slice(0, 6), g2.slice(6, 12), x, options),
    foldFr: (on, options) => on.foldFr(fr.slice(0, 6), fr.slice(6, 12), x, options),
    mulFr: (on, options) => on.mulFr(fr.slice(0, 6), fr.slice(6, 12), options),
    ntt: (on, options) => on.ntt(fr.slice(3, 11), options),
    millerProducts: async (on, options) =>
      // Miller products differ by factors that only the final exponentiation removes, run by run on some backends.
      on.finalExponentiation(
        await on.millerProducts([[{ g1, g2 }], [{ g1: g1.slice(0, 3), g2: g2.slice(2, 5) }]], options),
      ),
    finalExponentiation: (on, options) => on.finalExponentiation(gt, options),
    gtMultiExp: (on, options) => on.gtMultiExp(gt, frBytes, options),
    compressG1: (on, options) => on.compressG1(p, options),
    compressG2: (on, options) => on.compressG2(q, options),
    compressGt: (on, options) => on.compressGt(gt, options),
    decompressG1: (on, options) => on.decompressG1(p0, options),
    decompressG2: (on, options) => on.decompressG2(q0, options),
    decompressGt: (on, options) => on.decompressGt(gt0, options),
    checkG1: (on, options) => on.checkG1(p, options),
    checkG2: (on, options) => on.checkG2(q, options),
  };
}

export function optionContract(fixture: Fixture): void {
  describe('options', () => {
    let table: Readonly<Record<string, Operation>>;
    const expected = new Map<string, Uint8Array>();
    const run = async (name: string, options?: OperationOptions): Promise<Uint8Array> => {
      const backend = fixture.backend();
      return bytesOf(backend, await (table[name] as Operation)(backend, options));
    };

    beforeAll(async () => {
      table = await operations(fixture);
      for (const name of NAMES) expected.set(name, await run(name));
    });

    it('are tried on every operation that takes them', () => {
      expect(Object.keys(table).sort()).toEqual([...NAMES].sort());
    });

    it.each(NAMES)('%s rejects with AbortedError when the signal has fired before', async (name) => {
      const reason = new Error('changed my mind');
      const aborted = run(name, { signal: AbortSignal.abort(reason) });
      await expect(aborted).rejects.toThrow(AbortedError);
      await expect(aborted).rejects.toMatchObject({ code: 'ABORTED', cause: reason });
    });

    it.each(NAMES)(
      '%s aborted on the way gives AbortedError or, when it was done, the result',
      async (name) => {
        const controller = new AbortController();
        const running = run(name, { signal: controller.signal });
        controller.abort('enough');
        const outcome = await running.catch((error: unknown) => error);
        if (outcome instanceof AbortedError) expect(outcome.cause).toBe('enough');
        else expect(outcome).toEqual(expected.get(name));
        expect(await run(name)).toEqual(expected.get(name));
      },
    );

    it.each(NAMES)('%s ignores a signal that never fires, or fires afterwards', async (name) => {
      const controller = new AbortController();
      expect(await run(name, { signal: controller.signal })).toEqual(expected.get(name));
      controller.abort();
      expect(await run(name)).toEqual(expected.get(name));
    });

    it.each(NAMES)(
      '%s reports progress that only grows, from 0 to 1, and none once it is done',
      async (name) => {
        const fractions: number[] = [];
        const result = await run(name, { onProgress: (fraction) => fractions.push(fraction) });
        const reported = fractions.length;
        expect(result).toEqual(expected.get(name));
        expect(fractions.every((fraction) => fraction >= 0 && fraction <= 1)).toBe(true);
        expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
        await new Promise((resolve) => setTimeout(resolve, 5));
        expect(fractions).toHaveLength(reported);
      },
    );

    it('do not mix up operations that run at the same time', async () => {
      const twice = [...NAMES, ...[...NAMES].reverse()];
      const results = await Promise.all(twice.map((name) => run(name)));
      for (const [i, name] of twice.entries()) expect(results[i], name).toEqual(expected.get(name));
    });

    it('one aborted operation leaves those beside it alone', async () => {
      const controller = new AbortController();
      const beside = NAMES.map((name) => run(name));
      const aborted = NAMES.map((name) => run(name, { signal: controller.signal }).catch(() => undefined));
      controller.abort();
      await Promise.all(aborted);
      const results = await Promise.all(beside);
      for (const [i, name] of NAMES.entries()) expect(results[i], name).toEqual(expected.get(name));
    });
  });
}
