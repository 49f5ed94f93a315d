import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLS12_381, BN254, CURVES } from '../../../src/curve/curve.ts';
import {
  InputError,
  MixedCurvesError,
  OptionError,
  PointNotInSubgroupError,
  PointNotOnCurveError,
  SrsError,
} from '../../../src/errors.ts';
import { type ByteSource, blobSource, bytesSource } from '../../../src/field/byte-source.ts';
import { importSrs } from '../../../src/recursion/srs/import-srs.ts';
import { readPtauInfo } from '../../../src/recursion/srs/ptau.ts';
import type { Srs } from '../../../src/recursion/srs/srs.ts';
import { backendOf } from '../../helpers/backends.ts';
import { g1Times, g2Times, scalarArbitrary } from '../../helpers/group-elements.ts';
import { type PtauContents, ptauFile, ptauPoints, ptauSections } from '../../helpers/ptau-file.ts';
import { drawShared } from '../../helpers/seeded.ts';
import {
  addG1,
  addG2,
  beyondField,
  offG1Curve,
  offG2Curve,
  outsideG1Subgroup,
  outsideG2Subgroup,
  smallOrderG2,
} from '../../helpers/strange-points.ts';
import { powersOf } from '../../helpers/synthetic-srs.ts';

/** 2^3 powers in G2, which serve 4 slots: 8 powers in G1 are read, and 4 in G2. */
const POWER = 3;
const SIZE = 4;

const drawn = drawShared(
  fc.record({
    taus: fc.tuple(scalarArbitrary(BN254), scalarArbitrary(BN254)),
    other: scalarArbitrary(BN254),
  }),
);
const [tau1, tau2] = drawn.taus;
const firstPoints = ptauPoints(BN254, POWER, tau1);
const first: PtauContents = { ...firstPoints, power: POWER, ceremonyPower: 28 };
const firstFile = ptauFile(BN254, first);
const secondFile = ptauFile(BN254, { ...ptauPoints(BN254, POWER, tau2), power: POWER });
const backend = backendOf(BN254);

const source = (file: Uint8Array, name = 'some.ptau'): ByteSource => bytesSource(name, file);
const importFiles = (one: Uint8Array, two: Uint8Array | undefined, contribute = false): Promise<Srs> =>
  importSrs(backend, source(one, 'one.ptau'), two && source(two, 'two.ptau'), { size: SIZE, contribute });

/** The first file with one point replaced. */
function withPoint(group: 'g1' | 'g2', index: number, bytes: Uint8Array): Uint8Array {
  const points = [...first[group]];
  points[index] = bytes;
  return ptauFile(BN254, { ...first, [group]: points });
}

describe.each(CURVES)('files of two ceremonies on $name', (curve) => {
  it('become a string that is not marked insecure, with what was read of each', async () => {
    const own = backendOf(curve);
    const files = [3n, 5n].map((tau) =>
      ptauFile(curve, { ...ptauPoints(curve, 2, tau), power: 2, ceremonyPower: 28 }),
    ) as [Uint8Array, Uint8Array];
    const [one, two] = files;
    const srs = await importSrs(own, source(one, 'one.ptau'), source(two, 'two.ptau'), { size: 2 });
    expect(srs).toMatchObject({ curve, size: 2, insecure: false });
    expect(srs.tau1).toEqual(await powersOf(own, 2, 3n));
    expect(srs.tau2).toEqual(await powersOf(own, 2, 5n));
    expect(srs.provenance).toEqual({
      strings: files.map((file, i) => {
        const sections = ptauSections(file);
        const hash = createHash('sha256');
        for (const [id, length] of [
          [1, undefined],
          [2, 4 * curve.g1Bytes],
          [3, 2 * curve.g2Bytes],
        ] as const) {
          const { offset, length: all } = sections.get(id) as { offset: number; length: number };
          hash.update(file.subarray(offset, offset + (length ?? all)));
        }
        return {
          kind: 'ptau',
          file: ['one.ptau', 'two.ptau'][i],
          power: 2,
          ceremonyPower: 28,
          prefixSha256: hash.digest('hex'),
        };
      }),
      contributions: [],
    });
  });
});

describe('a ptau file', () => {
  it('is the same from a Blob, with its sections in another order and with others between', async () => {
    const srs = await importFiles(firstFile, secondFile);
    const blob = blobSource('blob.ptau', new Blob([new Uint8Array(firstFile)]));
    const fromBlob = await importSrs(backend, blob, source(secondFile), { size: SIZE });
    expect(fromBlob.tau1).toEqual(srs.tau1);
    const mixed = ptauFile(BN254, { ...first, sections: [4, 3, 1, 4, 2] });
    expect((await importFiles(mixed, secondFile)).tau1).toEqual(srs.tau1);
    expect(await readPtauInfo(source(firstFile))).toEqual({
      curve: BN254,
      power: 3,
      ceremonyPower: 28,
      maxSize: 4,
    });
  });

  it('is read no further than its header and the powers that are needed', async () => {
    const sections = ptauSections(firstFile);
    const start = (id: number): number => (sections.get(id) as { offset: number }).offset;
    const reads: [number, number][] = [];
    const watched: ByteSource = {
      name: 'watched.ptau',
      size: firstFile.length,
      read: async (offset, length) => {
        reads.push([offset, length]);
        return firstFile.slice(offset, offset + length);
      },
    };
    await importSrs(backend, watched, source(secondFile), { size: 2 });
    const allowed: [number, number][] = [
      [0, 12],
      [12, 12],
      [start(2) - 12, 12],
      [start(3) - 12, 12],
      [start(1), 44],
      [start(2), 4 * 64],
      [start(3), 2 * 128],
    ];
    for (const read of reads) expect(allowed).toContainEqual(read);
    expect(reads.reduce((sum, [, length]) => sum + length, 0)).toBeLessThanOrEqual(
      allowed.reduce((sum, [, length]) => sum + length, 0),
    );
    reads.length = 0;
    await readPtauInfo(watched);
    expect(reads.reduce((sum, [, length]) => sum + length, 0)).toBeLessThanOrEqual(12 + 3 * 12 + 128);
  });

  it('serves half as many slots as it has G2 powers, a power of two', async () => {
    const run = (size: number): Promise<Srs> =>
      importSrs(backend, source(firstFile), source(secondFile), { size });
    await expect(run(8)).rejects.toThrow(SrsError);
    for (const size of [0, 3, -4, 1.5, 2 ** 28]) await expect(run(size)).rejects.toThrow(OptionError);
    expect((await run(1)).size).toBe(1);
  });

  it('is one of two, unless a contribution is asked for', async () => {
    await expect(importFiles(firstFile, undefined)).rejects.toThrow(SrsError);
    const srs = await importFiles(firstFile, undefined, true);
    expect(srs.insecure).toBe(false);
    expect(srs.provenance.strings[1]).toEqual({ kind: 'copy-of-first' });
    expect(srs.provenance.contributions).toHaveLength(1);
  });

  it('is refused as the second of the same ceremony, or of its negative', async () => {
    const negative = ptauFile(BN254, { ...ptauPoints(BN254, POWER, BN254.order - tau1), power: POWER });
    for (const second of [firstFile, negative]) {
      await expect(importFiles(firstFile, second)).rejects.toThrow(SrsError);
      await expect(importFiles(firstFile, second)).rejects.toThrow(/same τ/);
    }
    expect(await importFiles(firstFile, firstFile, true)).toMatchObject({ insecure: false });
  });

  it('is refused without a contribution, when τ is known to be 1 or −1', async () => {
    for (const tau of [1n, BN254.order - 1n]) {
      const file = ptauFile(BN254, { ...ptauPoints(BN254, POWER, tau), power: POWER });
      await expect(importFiles(file, secondFile)).rejects.toThrow(SrsError);
      await expect(importFiles(secondFile, file)).rejects.toThrow(/±1/);
    }
  });

  it('is refused on another curve than the backend', async () => {
    const bls = ptauFile(BLS12_381, { ...ptauPoints(BLS12_381, 2, 3n), power: 2 });
    await expect(importSrs(backend, source(firstFile), source(bls), { size: 2 })).rejects.toThrow(
      MixedCurvesError,
    );
  });
});

describe('powers that are not', () => {
  const cases: readonly {
    readonly title: string;
    readonly group: 'g1' | 'g2';
    readonly from: number;
    readonly replace: (original: Uint8Array) => Uint8Array;
    readonly error: new (...args: never[]) => InputError;
  }[] = [
    {
      title: 'another point',
      group: 'g1',
      from: 0,
      replace: () => g1Times(BN254, drawn.other),
      error: SrsError,
    },
    {
      title: 'another point',
      group: 'g2',
      from: 0,
      replace: () => g2Times(BN254, drawn.other),
      error: SrsError,
    },
    { title: 'infinity', group: 'g1', from: 0, replace: () => new Uint8Array(64), error: SrsError },
    { title: 'infinity', group: 'g2', from: 0, replace: () => new Uint8Array(128), error: SrsError },
    {
      title: 'no point of the curve',
      group: 'g1',
      from: 2,
      replace: () => offG1Curve(BN254),
      error: PointNotOnCurveError,
    },
    {
      title: 'no point of the curve',
      group: 'g2',
      from: 1,
      replace: () => offG2Curve(BN254),
      error: PointNotOnCurveError,
    },
    {
      title: 'a point outside the subgroup',
      group: 'g2',
      from: 1,
      replace: (original) => addG2(BN254, original, outsideG2Subgroup(BN254)),
      error: PointNotInSubgroupError,
    },
    {
      title: 'the power plus a point of small order',
      group: 'g2',
      from: 1,
      replace: (original) => addG2(BN254, original, smallOrderG2(BN254)),
      error: PointNotInSubgroupError,
    },
    { title: 'no field elements', group: 'g1', from: 0, replace: () => beyondField(BN254), error: SrsError },
  ];

  it.each(cases)('are refused: $title in $group', async ({ group, from, replace, error }) => {
    const read = group === 'g1' ? 2 * SIZE : SIZE;
    for (let index = from; index < read; index++) {
      const file = withPoint(group, index, replace(first[group][index] as Uint8Array));
      await expect(importFiles(file, secondFile), `power ${index}`).rejects.toThrow(error);
      await expect(importFiles(secondFile, file), `power ${index}`).rejects.toThrow(error);
    }
  });

  it('are refused on BLS12-381 outside the subgroup of G1, where the curve has more points than that', async () => {
    const points = ptauPoints(BLS12_381, 2, 3n);
    const own = backendOf(BLS12_381);
    const good = ptauFile(BLS12_381, { ...ptauPoints(BLS12_381, 2, 5n), power: 2 });
    for (const index of [1, 3]) {
      const g1 = [...points.g1];
      g1[index] = addG1(BLS12_381, g1[index] as Uint8Array, outsideG1Subgroup(BLS12_381));
      const file = ptauFile(BLS12_381, { ...points, g1, power: 2 });
      await expect(importSrs(own, source(file), source(good), { size: 2 })).rejects.toThrow(
        PointNotInSubgroupError,
      );
    }
  });

  it('are refused when the two groups have different τ', async () => {
    const { g2 } = ptauPoints(BN254, POWER, tau2);
    await expect(importFiles(ptauFile(BN254, { ...first, g2 }), secondFile)).rejects.toThrow(SrsError);
  });

  it('are of no concern behind those that are read', async () => {
    for (const file of [
      withPoint('g1', 2 * SIZE, new Uint8Array(64)),
      withPoint('g2', SIZE, g2Times(BN254, drawn.other)),
    ]) {
      expect(await importFiles(file, secondFile)).toMatchObject({ size: SIZE });
    }
  });
});

describe('a file that is no whole ptau', () => {
  const wrong: Readonly<Record<string, Uint8Array>> = {
    'of another magic': ptauFile(BN254, { ...first, magic: 'zkey' }),
    'of another version': ptauFile(BN254, { ...first, version: 2 }),
    'of an unknown curve': ptauFile(BN254, { ...first, modulus: BN254.modulus - 2n }),
    'of a field of other size': ptauFile(BN254, { ...first, fieldBytes: 48 }),
    'of power 0': ptauFile(BN254, { ...first, power: 0 }),
    'of power 29': ptauFile(BN254, { ...first, power: 29 }),
    'of a larger power than it has points for': ptauFile(BN254, { ...first, power: 4 }),
    'of a smaller power than it has points for': ptauFile(BN254, { ...first, power: 2 }),
    'without a header': ptauFile(BN254, { ...first, sections: [2, 3] }),
    'without G1': ptauFile(BN254, { ...first, sections: [1, 3] }),
    'without G2': ptauFile(BN254, { ...first, sections: [1, 2] }),
    'with a G1 point too few': ptauFile(BN254, { ...first, g1: first.g1.slice(1) }),
    'with a G2 point too few': ptauFile(BN254, { ...first, g2: first.g2.slice(1) }),
    'with no sections': ptauFile(BN254, { ...first, sections: [] }),
    'that is empty': new Uint8Array(0),
    'that is text': new TextEncoder().encode('ptau is a village in the far north'),
  };

  it.each(Object.entries(wrong))('is refused: %s', async (_, file) => {
    const error = await importFiles(file, secondFile).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SrsError);
    expect((error as SrsError).message).toContain('one.ptau');
  });

  it('is refused when it ends before the powers that are read', async () => {
    const sections = ptauSections(firstFile);
    const { offset: g1 } = sections.get(2) as { offset: number };
    const { offset: g2 } = sections.get(3) as { offset: number };
    const needed = g2 + SIZE * 128;
    for (const end of [0, 3, 4, 11, 12, 20, 24, 60, g1 - 1, g1, g1 + 64, g2 - 13, g2 - 1, g2, needed - 1]) {
      await expect(importFiles(firstFile.slice(0, end), secondFile), `${end} bytes`).rejects.toThrow(
        SrsError,
      );
    }
    expect(await importFiles(firstFile.slice(0, needed), secondFile)).toMatchObject({ size: SIZE });
  });

  it('is refused with a typed error whatever else is wrong with it', async () => {
    const small = ptauFile(BN254, { ...ptauPoints(BN254, 1, tau1), power: 1 });
    await fc.assert(
      fc.asyncProperty(fc.nat(small.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const file = small.slice();
        file[at] = (file[at] as number) ^ change;
        const sections = ptauSections(small);
        const read = [0, 1, 2, 3].map((id): [number, number] => {
          if (id === 0) return [0, 12];
          const { offset, length } = sections.get(id) as { offset: number; length: number };
          return [offset - 12, offset + (id === 2 ? 128 : length)];
        });
        // The ceremony's power is informative, and so is a number of sections larger than there are; everything else
        // that is read must be right.
        const { offset: header } = sections.get(1) as { offset: number };
        const count = new DataView(file.buffer).getUint32(8, true);
        const informative = at >= 8 && at < 12 ? count > 3 : at >= header + 40 && at < header + 44;
        const run = importSrs(backend, source(file), source(secondFile), { size: 1 });
        if (informative || !read.some(([start, end]) => at >= start && at < end)) {
          expect(await run).toMatchObject({ size: 1 });
          return;
        }
        const error = await run.catch((thrown: unknown) => thrown);
        expect(error, `byte ${at}`).toBeInstanceOf(InputError);
      }),
      { numRuns: 80 },
    );
  });
});
