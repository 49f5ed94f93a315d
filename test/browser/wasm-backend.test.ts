/** The WebAssembly backend in a real browser, bundled: with threads where the page may share memory, without where not. */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWasmBackend } from '../../src/backend/wasm/wasm-backend.ts';
import type { NamedFile } from '../../src/coprocessors/batch.ts';
import { readBatch } from '../../src/coprocessors/read-batch.ts';
import { packScalars } from '../../src/curve/affine.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { readInputs } from '../../src/groth16/public-input-sums.ts';
import { aggregate } from '../../src/recursion/aggregate.ts';
import { decodeComposite, encodeComposite } from '../../src/recursion/composite-file.ts';
import { encodeSrs } from '../../src/recursion/srs/srs-file.ts';
import { g1Case, scalarList } from '../backend/contract/fixture.ts';
import { folderFiles } from '../coprocessors/real-proofs.ts';
import { launchChromium } from '../helpers/headless-chromium.ts';
import { bundlePage } from '../helpers/page-bundle.ts';
import { type PageServer, servePages } from '../helpers/page-server.ts';
import { drawShared } from '../helpers/seeded.ts';
import { syntheticSrs, tausArbitrary } from '../helpers/synthetic-srs.ts';
import { describeWithVectors } from '../helpers/vectors.ts';
import type { Death, SheafPage } from './page/main.ts';

/** Real proofs of three systems under three keys. */
const SETS: readonly { readonly set: string; readonly proofs: number }[] = [
  { set: 'risc0/groth16', proofs: 2 },
  { set: 'sp1/v6.1.0', proofs: 2 },
  { set: 'nebra-upa/vk00-4pub', proofs: 1 },
];

/** The first proofs of a set with what lies beside them. */
function firstProofs(dir: string, set: string, proofs: number): NamedFile[] {
  const files = folderFiles(join(dir, set));
  const isProof = ({ name }: NamedFile): boolean => !name.startsWith('verification_key');
  return [...files.filter((file) => !isProof(file)), ...files.filter(isProof).slice(0, proofs)].map(
    ({ name, bytes }) => ({ name: `${set}/${name}`, bytes }),
  );
}

/** Terms of a sum, and the sum. */
interface Sum {
  readonly points: Uint8Array;
  readonly scalars: Uint8Array;
  readonly expected: Uint8Array;
}

/** What the pages are given, and what Node makes of it. */
interface Material {
  readonly files: readonly NamedFile[];
  readonly keys: readonly Uint8Array[];
  readonly srs: Uint8Array;
  readonly claims: { system: string; inputs: bigint[] }[];
  readonly composite: Uint8Array;
  readonly altered: Uint8Array;
  readonly sums: readonly Sum[];
  /** Of so many terms that a worker is at it for a while. */
  readonly longSum: Sum;
}

/** Chromium ends workers that sleep only after two seconds. */
const SOON = { timeout: 20_000 };

const unused = (): never => {
  throw new Error('Points are made without a backend.');
};

describeWithVectors('in a browser', (dir) => {
  const drawn = drawShared(
    fc.record({
      taus: tausArbitrary(BN254),
      scalars: scalarList(BN254, 2 ** 14),
    }),
  );
  let browser: Browser;
  let files: Readonly<Record<string, string>>;
  let material: Material;

  /** A sum over multiples of the generator from the −1-fold on, infinity and an opposite pair among them. */
  function sumOf(count: number): Sum {
    const group = g1Case({ curve: BN254, backend: unused });
    const scalars = drawn.scalars.slice(0, count);
    const log = scalars.reduce((sum, scalar, i) => sum + scalar * BigInt(i - 1), 0n);
    return {
      points: group.progression(-1n, 1n, count),
      scalars: packScalars(BN254, scalars),
      expected: group.points([log]),
    };
  }

  async function prepare(): Promise<Material> {
    const backend = await createWasmBackend(BN254);
    try {
      const proofs = SETS.flatMap(({ set, proofs }) => firstProofs(dir, set, proofs));
      const { members } = await readBatch(proofs, { backend: () => backend });
      const srs = await syntheticSrs(backend, 8, drawn.taus);
      const { bytes, composite } = await aggregate(members, { srs, backend });
      const { statement } = composite;
      const inputs = statement.inputs.map((own, i) =>
        i === 1
          ? packScalars(
              BN254,
              readInputs(own).map((value, k) => (k === 0 ? value ^ 1n : value)),
            )
          : own,
      );
      const keys = [...new Map(members.map(({ key }) => [key.id, key.encoded])).values()];
      return {
        files: proofs,
        keys,
        srs: encodeSrs(srs),
        claims: members.map(({ system, inputs }) => ({ system, inputs: [...readInputs(inputs)] })),
        composite: bytes,
        altered: encodeComposite({ ...decodeComposite(bytes), statement: { ...statement, inputs } }),
        sums: [0, 1, 2, 33, 256, 1025].map(sumOf),
        longSum: sumOf(2 ** 14),
      };
    } finally {
      await backend.dispose();
    }
  }

  beforeAll(async () => {
    browser = await launchChromium();
    files = await bundlePage(fileURLToPath(new URL('page', import.meta.url)));
    material = await prepare();
  });
  afterAll(() => browser.close());

  describe.each([
    { isolated: true, threads: 3, workers: 3 },
    { isolated: false, threads: 1, workers: 0 },
  ])('on a page that is cross-origin isolated: $isolated', ({ isolated, threads, workers }) => {
    let server: PageServer;
    let page: Page;
    const complaints: string[] = [];

    /** A fresh page with a backend, asked for three threads. */
    async function open(): Promise<Page> {
      const fresh = await browser.newPage();
      fresh.on('pageerror', (error) => complaints.push(String(error)));
      fresh.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      await fresh.goto(server.url);
      expect(await fresh.evaluate(() => sheafPage.open(3))).toEqual({ threads, workers });
      await fresh.evaluate((file) => sheafPage.useSrs(file), material.srs);
      return fresh;
    }

    beforeAll(async () => {
      server = await servePages(files, { isolated });
      page = await open();
    });
    afterAll(async () => {
      await page.close();
      await server.close();
      expect(complaints).toEqual([]);
    });

    it('has threads as the page may', async () => {
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(isolated);
      expect(page.workers()).toHaveLength(workers);
      const other = await browser.newPage();
      await other.goto(server.url);
      const cores = await other.evaluate(() => navigator.hardwareConcurrency);
      expect(await other.evaluate(() => sheafPage.open(undefined))).toEqual({
        threads: isolated ? cores : 1,
        workers: isolated ? cores : 0,
      });
      await other.close();
    });

    it('folds real proofs into the bytes that Node makes of them', async () => {
      const all = isolated ? [1, 2, 3] : [];
      let seen: number[] = [];
      // On a busy machine a worker may come too late to one fold.
      for (let round = 0; round === 0 || (round < 10 && seen.length < all.length); round++) {
        const { composite, lanes } = await page.evaluate((files) => sheafPage.fold(files), material.files);
        expect(composite).toEqual(material.composite);
        seen = lanes;
      }
      expect(seen).toEqual(all);
    });

    it('verifies a composite, and not for an altered claim', async () => {
      const verify = (composite: Uint8Array): ReturnType<SheafPage['verify']> =>
        page.evaluate(([file, keys]) => sheafPage.verify(file, keys), [composite, material.keys] as const);
      expect(await verify(material.composite)).toEqual(material.claims);
      expect(await verify(material.altered)).toBe(false);
    });

    /** Sums of all sizes come out right. */
    async function expectRightSums(): Promise<void> {
      for (const sum of [...material.sums, material.longSum]) {
        expect(await page.evaluate(({ points, scalars }) => sheafPage.msm(points, scalars), sum)).toEqual(
          sum.expected,
        );
      }
    }

    it('multiplies points as the reference does', expectRightSums);

    it('cancels folding in its midst and goes on', async () => {
      const { outcome, fraction } = await page.evaluate(
        (files) => sheafPage.foldAndCancel(files),
        material.files,
      );
      expect(outcome).toBe('ABORTED');
      expect(fraction).toBeLessThan(0.9);
      await expectRightSums();
    });

    if (isolated) {
      it.each<Death>(['throws', 'closes', 'hangs'])(
        'fails a sum with a typed error when a worker dies in it (it %s), and replaces the worker',
        async (death) => {
          const { points, scalars, expected } = material.longSum;
          const { failed, next } = await page.evaluate(
            ([points, scalars, death]) => sheafPage.msmWithDeath(points, scalars, death),
            [points, scalars, death] as const,
          );
          expect(failed).toBe('WORKER_FAILED');
          expect(next).toEqual(expected);
        },
      );

      it('replaces workers that died idle', async () => {
        await page.evaluate(() => sheafPage.endAllWorkers());
        await expectRightSums();
        await expect.poll(() => page.workers().length, SOON).toBe(0);
        await expectRightSums();
        await expect.poll(() => page.workers().length, SOON).toBe(workers);
      });
    }

    it('lets go of its workers when it is disposed of', async () => {
      const other = await open();
      await other.evaluate(() => sheafPage.dispose());
      await expect.poll(() => other.workers().length, SOON).toBe(0);
      expect(
        await other.evaluate(({ points, scalars }) => sheafPage.msm(points, scalars), material.longSum),
      ).toBe('DISPOSED');
      await other.close();
    });

    it('lets the page be left in mid-job', async () => {
      const other = await open();
      await other.evaluate((files) => sheafPage.foldInBackground(files), material.files);
      await other.goto('about:blank');
      await expect.poll(() => other.workers().length, SOON).toBe(0);
      await other.close();
    });
  });
});
