import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BN254 } from '../../../src/curve/curve.ts';
import { InputError, SrsError } from '../../../src/errors.ts';
import type { ByteSource } from '../../../src/field/byte-source.ts';
import { type FileSource, openFileSource } from '../../../src/node/file-source.ts';
import { aggregate } from '../../../src/recursion/aggregate.ts';
import { checkVerifierSrs } from '../../../src/recursion/srs/check-srs.ts';
import { contributeToSrs } from '../../../src/recursion/srs/contribute.ts';
import { importSrs } from '../../../src/recursion/srs/import-srs.ts';
import { readPtau, readPtauInfo } from '../../../src/recursion/srs/ptau.ts';
import type { Contribution, Srs, SrsProvenance } from '../../../src/recursion/srs/srs.ts';
import {
  decodeSrs,
  decodeVerifierSrs,
  encodeSrs,
  encodeVerifierSrs,
} from '../../../src/recursion/srs/srs-file.ts';
import { verify } from '../../../src/recursion/verify.ts';
import { backendOf } from '../../helpers/backends.ts';
import { encodedMultiple } from '../../helpers/group-elements.ts';
import { forAll } from '../../helpers/seeded.ts';
import { batchArbitrary, syntheticBatch } from '../../helpers/synthetic-groth16.ts';
import { describeWithVectors } from '../../helpers/vectors.ts';

const backend = backendOf(BN254);

/** Opens a file, and closes it when the work is done. */
async function withFile<T>(path: string, work: (source: FileSource) => Promise<T>): Promise<T> {
  const file = await openFileSource(path);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

describeWithVectors('the Hermez ceremony', (dir) => {
  const small = join(dir, 'ptau', 'powersOfTau28_hez_final_08.ptau');
  const large = join(dir, 'ptau', 'powersOfTau28_hez_final_11.ptau');

  it('says of its files what they are', async () => {
    for (const [path, power] of [
      [small, 8],
      [large, 11],
    ] as const) {
      expect(await withFile(path, readPtauInfo)).toEqual({
        curve: BN254,
        power,
        ceremonyPower: 28,
        maxSize: 2 ** (power - 1),
      });
    }
  });

  it('is one: its files begin alike, and do not make two strings', async () => {
    const [one, two] = await Promise.all(
      [small, large].map((path) => withFile(path, (file) => readPtau(file, 16))),
    );
    expect(one?.powers).toEqual(two?.powers);
    const both = withFile(small, (first) =>
      withFile(large, (second) => importSrs(backend, first, second, { size: 4 })),
    );
    await expect(both).rejects.toThrow(SrsError);
    await expect(both).rejects.toThrow(/same τ/);
  });

  it('is read no further than needed', async () => {
    await withFile(large, async (file) => {
      let bytes = 0;
      const counted: ByteSource = {
        name: file.name,
        size: file.size,
        read: (offset, length) => {
          bytes += length;
          return file.read(offset, length);
        },
      };
      await readPtau(counted, 16);
      // 32 powers in G1, 16 in G2, and tables that do not grow with the file.
      expect(bytes).toBeGreaterThanOrEqual(32 * 64 + 16 * 128);
      expect(bytes).toBeLessThan(32 * 64 + 16 * 128 + 1024);
      expect(file.size).toBeGreaterThan(2_000_000);
    });
  });

  describe('with a contribution', () => {
    let srs: Srs;
    beforeAll(async () => {
      srs = await withFile(small, (file) =>
        importSrs(backend, file, undefined, { size: 8, contribute: true, note: 'a test' }),
      );
    });

    it('makes a string that folds, is not marked insecure and is the same from its file', async () => {
      expect(srs).toMatchObject({
        insecure: false,
        provenance: {
          strings: [
            { kind: 'ptau', file: 'powersOfTau28_hez_final_08.ptau', power: 8, ceremonyPower: 28 },
            { kind: 'copy-of-first' },
          ],
          contributions: [{ note: 'a test' }],
        },
      });
      expect(srs.provenance.warning).toBeUndefined();
      const again = await decodeSrs(encodeSrs(srs), backend);
      expect(again).toEqual(srs);
      await forAll(batchArbitrary(BN254, { keyOf: [0, 1], inputCounts: [1, 1] }), 1, async (batch) => {
        const { members, keys } = syntheticBatch(BN254, batch);
        const { bytes, insecure, warnings } = await aggregate(members, { srs: again, backend });
        expect({ insecure, warnings }).toEqual({ insecure: false, warnings: [] });
        const verifierSrs = await decodeVerifierSrs(encodeVerifierSrs(srs), backend);
        expect(await verify(bytes, { keys, srs: verifierSrs, backend })).toMatchObject({ insecure: false });
      });
    });

    it('takes another secret each time, and more contributions on top', async () => {
      const other = await withFile(small, (file) =>
        importSrs(backend, file, undefined, { size: 8, contribute: true }),
      );
      expect(other.id).not.toBe(srs.id);
      expect(other.tau1).toEqual(srs.tau1);
      const more = await contributeToSrs(backend, srs);
      expect(more.provenance.contributions).toHaveLength(2);
      expect(more.id).not.toBe(srs.id);
      await expect(checkVerifierSrs(backend, more)).resolves.toBeUndefined();
      expect((await decodeSrs(encodeSrs(more), backend)).id).toBe(more.id);
    });

    it('is refused when the chain of contributions does not hold', async () => {
      const twice = await contributeToSrs(backend, srs);
      const [one, two] = twice.provenance.contributions as [Contribution, Contribution];
      const hex = (kind: 'g1' | 'g2', scalar: bigint): string =>
        Buffer.from(encodedMultiple(BN254, kind, scalar)).toString('hex');
      await forAll(fc.bigInt({ min: 2n, max: BN254.order - 1n }), 1, async (scalar) => {
        const chains: Readonly<Record<string, readonly Contribution[]>> = {
          none: [],
          'the first alone': [one],
          'the second alone': [two],
          'in the other order': [two, one],
          'one twice': [one, one, two],
          'another start': [{ ...one, before: hex('g1', scalar) }, two],
          'another end': [one, { ...two, after: hex('g1', scalar) }],
          'another link': [
            { ...one, after: hex('g1', scalar) },
            { ...two, before: hex('g1', scalar) },
          ],
          'another factor': [one, { ...two, factorG2: hex('g2', scalar) }],
          'no factor': [one, { ...two, factorG2: hex('g2', 0n) }],
          'factors exchanged': [
            { ...one, factorG2: two.factorG2 },
            { ...two, factorG2: one.factorG2 },
          ],
          'a step that changes nothing, with a factor that does': [
            one,
            two,
            { ...two, before: two.after, after: two.after },
          ],
        };
        for (const [title, contributions] of Object.entries(chains)) {
          const provenance: SrsProvenance = { ...twice.provenance, contributions };
          await expect(checkVerifierSrs(backend, { ...twice, provenance }), title).rejects.toThrow(SrsError);
          const file = encodeVerifierSrs({ ...twice, provenance });
          await expect(decodeVerifierSrs(file, backend), title).rejects.toThrow(SrsError);
        }
        for (const broken of ['', 'zz', '00', one.before.slice(2), `${one.before}00`]) {
          const provenance = { ...twice.provenance, contributions: [{ ...one, before: broken }, two] };
          await expect(
            decodeVerifierSrs(encodeVerifierSrs({ ...twice, provenance }), backend),
            broken,
          ).rejects.toThrow(InputError);
        }
      });
    });
  });
});
