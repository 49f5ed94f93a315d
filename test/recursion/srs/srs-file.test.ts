import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BLS12_381, BN254, CURVES } from '../../../src/curve/curve.ts';
import { EncodingError, InputError, SrsError } from '../../../src/errors.ts';
import { concatBytes, u32le, utf8 } from '../../../src/field/bytes.ts';
import { checkPowers, checkVerifierSrs } from '../../../src/recursion/srs/check-srs.ts';
import { contributeToSrs } from '../../../src/recursion/srs/contribute.ts';
import { createDevSrs } from '../../../src/recursion/srs/dev-srs.ts';
import {
  createVerifierSrs,
  INSECURE_WARNING,
  type Srs,
  type VerifierSrs,
} from '../../../src/recursion/srs/srs.ts';
import {
  decodeSrs,
  decodeVerifierSrs,
  encodeSrs,
  encodeVerifierSrs,
  srsFileCurve,
} from '../../../src/recursion/srs/srs-file.ts';
import { backendOf } from '../../helpers/backends.ts';
import { fuzzRuns } from '../../helpers/fuzz.ts';
import { g1Times, g2Times, scalarArbitrary } from '../../helpers/group-elements.ts';
import { drawShared } from '../../helpers/seeded.ts';
import {
  addG2,
  beyondField,
  offG1Curve,
  offG2Curve,
  outsideG2Subgroup,
} from '../../helpers/strange-points.ts';
import { powersOf, syntheticSrs, tausArbitrary } from '../../helpers/synthetic-srs.ts';

const backend = backendOf(BN254);
const SIZE = 2;
const drawn = drawShared(fc.record({ taus: tausArbitrary(BN254), other: scalarArbitrary(BN254) }));

let srs: Srs;
let ceremony: Srs;
let file: Uint8Array;
beforeAll(async () => {
  srs = await syntheticSrs(backend, SIZE, drawn.taus);
  ceremony = await syntheticSrs(backend, SIZE, drawn.taus, 'ceremony');
  file = encodeSrs(srs);
});

/** Where the parts of a file on BN254 stand, by the format's description. */
function parts(bytes: Uint8Array) {
  const provenance = new DataView(bytes.buffer, bytes.byteOffset).getUint32(15, true);
  const points = 19 + provenance;
  const checksum = points + 2 * 64 + 2 * 128;
  return { version: 8, curve: 9, kind: 10, size: 11, provenance: 15, points, checksum, body: checksum + 32 };
}

/** The head with a change, and a checksum that agrees with it. */
function withHead(bytes: Uint8Array, change: (head: Uint8Array) => void): Uint8Array {
  const { checksum, body } = parts(bytes);
  const head = bytes.slice(0, checksum);
  change(head);
  const hash = new Uint8Array(createHash('sha256').update(head).digest());
  return concatBytes(head, hash, bytes.subarray(body));
}

describe.each(CURVES)('a file on $name', (curve) => {
  it('is read back as it was written, whole and the verifier’s part alone', async () => {
    const own = backendOf(curve);
    for (const kind of ['development', 'ceremony'] as const) {
      for (const size of [1, 4]) {
        const written = await syntheticSrs(own, size, [3n, 5n], kind);
        const bytes = encodeSrs(written);
        expect(srsFileCurve(bytes)).toBe(curve);
        expect(await decodeSrs(bytes, own)).toEqual(written);
        const { size: _, tau1, tau2, ...part } = written;
        expect(tau1).not.toEqual(tau2);
        const head = encodeVerifierSrs(written);
        expect(head.length).toBeLessThan(1536);
        expect(await decodeVerifierSrs(head, own)).toEqual(part);
        expect(await decodeVerifierSrs(bytes, own)).toEqual(part);
        // A prefix that holds the head is enough for a verifier.
        expect(await decodeVerifierSrs(bytes.slice(0, bytes.length - 7), own)).toEqual(part);
        expect(encodeVerifierSrs(await decodeVerifierSrs(head, own))).toEqual(head);
        await expect(decodeSrs(head, own)).rejects.toThrow(SrsError);
      }
    }
  });
});

describe('a development string', () => {
  it('is marked in the answer, in the file for the eye, and in the digest', async () => {
    const made = await createDevSrs(backend, SIZE);
    for (const own of [made, srs, await contributeToSrs(backend, made)]) {
      expect(own.insecure).toBe(true);
      expect(own.provenance.warning).toBe(INSECURE_WARNING);
      for (const bytes of [encodeSrs(own), encodeVerifierSrs(own)]) {
        expect(Buffer.from(bytes).toString('latin1')).toContain(INSECURE_WARNING);
        expect(Buffer.from(bytes).toString('latin1')).toContain('"kind":"development"');
        expect(await decodeVerifierSrs(bytes, backend)).toMatchObject({
          insecure: true,
          provenance: { warning: INSECURE_WARNING },
        });
      }
    }
    expect(srs.tau1G1).toEqual(ceremony.tau1G1);
    expect(srs.tau2G2).toEqual(ceremony.tau2G2);
    expect(srs.id).not.toBe(ceremony.id);
    expect(Buffer.from(encodeSrs(ceremony)).toString('latin1')).not.toContain('INSECURE');
  });

  it('is drawn anew each time, of two secrets', async () => {
    const [one, two] = [await createDevSrs(backend, 1), await createDevSrs(backend, 1)];
    expect(new Set([one, two].flatMap(({ tau1G1, tau2G1 }) => [tau1G1, tau2G1].map(String))).size).toBe(4);
    for (const made of [one, two]) {
      await checkPowers(backend, made.tau1, 'first');
      await checkPowers(backend, made.tau2, 'second');
      await checkVerifierSrs(backend, made);
    }
  });

  it('has a power of two of slots', async () => {
    for (const size of [0, 3, -1, 0.5, Number.NaN, 2 ** 28]) {
      await expect(createDevSrs(backend, size)).rejects.toMatchObject({ code: 'OPTION' });
    }
  });

  it('cannot be passed off as a ceremony’s by the byte that says so alone', async () => {
    const relabelled = withHead(file, (head) => {
      head[parts(file).kind] = 0;
    });
    await expect(decodeSrs(relabelled, backend)).rejects.toThrow(InputError);
    await expect(decodeVerifierSrs(relabelled, backend)).rejects.toThrow(InputError);
  });
});

describe('a damaged file', () => {
  it('is refused whichever byte is changed', async () => {
    const { checksum, body } = parts(file);
    const places = [
      ...Array.from({ length: 24 }, (_, at) => at),
      ...Array.from({ length: 24 }, (_, i) => 24 + Math.floor(((body - 24) * i) / 24)),
      checksum - 1,
      checksum,
      body - 1,
      body,
      body + 1,
      file.length - 33,
      file.length - 32,
      file.length - 1,
    ];
    const change = fc.tuple(fc.oneof(fc.constantFrom(...places), fc.nat(file.length - 1)), fc.nat(7));
    for (const at of places) {
      const bytes = file.slice();
      bytes[at] = (bytes[at] as number) ^ 1;
      await expect(decodeSrs(bytes, backend), `byte ${at}`).rejects.toThrow(InputError);
    }
    await fc.assert(
      fc.asyncProperty(change, async ([at, bit]) => {
        const bytes = file.slice();
        bytes[at] = (bytes[at] as number) ^ (1 << bit);
        await expect(decodeSrs(bytes, backend)).rejects.toThrow(InputError);
        if (at < body) await expect(decodeVerifierSrs(bytes, backend)).rejects.toThrow(InputError);
      }),
      { numRuns: fuzzRuns(60) },
    );
  });

  it('is refused when cut off, and whole with bytes behind it', async () => {
    const { points, checksum, body } = parts(file);
    for (const end of [
      0,
      1,
      7,
      8,
      9,
      10,
      11,
      14,
      15,
      18,
      19,
      40,
      points,
      checksum,
      body - 1,
      body,
      file.length - 1,
    ]) {
      const cut = file.slice(0, end);
      await expect(decodeSrs(cut, backend), `${end} bytes`).rejects.toThrow(EncodingError);
      if (end < body) await expect(decodeVerifierSrs(cut, backend)).rejects.toThrow(EncodingError);
    }
    await expect(decodeSrs(concatBytes(file, Uint8Array.of(0)), backend)).rejects.toThrow(EncodingError);
  });

  it('is refused when it is something else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (junk, pretend) => {
        const bytes = pretend ? concatBytes(utf8('sheafsrs'), junk) : junk;
        await expect(decodeSrs(bytes, backend)).rejects.toThrow(InputError);
        await expect(decodeVerifierSrs(bytes, backend)).rejects.toThrow(InputError);
        expect(() => srsFileCurve(bytes)).toThrow(InputError);
      }),
      { numRuns: fuzzRuns(100) },
    );
  });
});

describe('a file with right checksums', () => {
  it.each([
    ['another version', 'version', Uint8Array.of(2)],
    ['an unknown curve', 'curve', Uint8Array.of(3)],
    ['the other curve', 'curve', Uint8Array.of(2)],
    ['an unknown kind', 'kind', Uint8Array.of(2)],
    ['another size', 'size', u32le(4)],
    ['half its size', 'size', u32le(1)],
    ['a size that is no power of two', 'size', u32le(3)],
    ['a size beyond all', 'size', u32le(0xffff_ffff)],
    ['a longer provenance', 'provenance', u32le(0xffff_fff0)],
  ] as const)('is refused with %s', async (_, field, bytes) => {
    const changed = withHead(file, (head) => head.set(bytes, parts(file)[field]));
    await expect(decodeSrs(changed, backend)).rejects.toThrow(InputError);
  });

  it.each([
    ['text', 'no provenance'],
    ['an empty object', '{}'],
    ['null', 'null'],
    ['one string', '{"strings":[{"kind":"development"}],"contributions":[]}'],
    ['an unknown source', '{"strings":[{"kind":"dream"},{"kind":"dream"}],"contributions":[]}'],
    [
      'contributions of another form',
      '{"strings":[{"kind":"development"},{"kind":"development"}],"contributions":[{}]}',
    ],
  ])('is refused where the provenance is %s', async (_, text) => {
    const { points } = parts(file);
    const head = concatBytes(
      file.subarray(0, 15),
      u32le(utf8(text).length),
      utf8(text),
      file.subarray(points),
    );
    await expect(
      decodeVerifierSrs(
        withHead(head, () => {}),
        backend,
      ),
    ).rejects.toThrow(EncodingError);
  });

  it('is refused where the provenance is not UTF-8', async () => {
    const changed = withHead(file, (head) => {
      head[25] = 0xff;
    });
    await expect(decodeVerifierSrs(changed, backend)).rejects.toThrow(EncodingError);
  });

  it('is refused where the four points contradict each other or are no points', async () => {
    const [tau1, tau2] = drawn.taus;
    const { other } = drawn;
    const variants: Readonly<Record<string, Partial<VerifierSrs>>> = {
      'τ₁ in G1': { tau1G1: g1Times(BN254, other) },
      'τ₁ in G2': { tau1G2: g2Times(BN254, other) },
      'τ₂ in G1': { tau2G1: g1Times(BN254, other) },
      'τ₂ in G2': { tau2G2: g2Times(BN254, other) },
      'strings exchanged in G2 alone': { tau1G2: srs.tau2G2, tau2G2: srs.tau1G2 },
      'errors that cancel in an unweighted sum': {
        tau1G1: g1Times(BN254, tau1 + other),
        tau2G1: g1Times(BN254, tau2 - other),
      },
      'both strings the same': { tau2G1: srs.tau1G1, tau2G2: srs.tau1G2 },
      'one the negative of the other': { tau2G1: g1Times(BN254, -tau1), tau2G2: g2Times(BN254, -tau1) },
      'τ₁ = 1': { tau1G1: g1Times(BN254, 1n), tau1G2: g2Times(BN254, 1n) },
      'τ₂ = −1': { tau2G1: g1Times(BN254, -1n), tau2G2: g2Times(BN254, -1n) },
      'τ₁ = 0': { tau1G1: new Uint8Array(64), tau1G2: new Uint8Array(128) },
      'off the curve in G1': { tau1G1: offG1Curve(BN254) },
      'off the curve in G2': { tau2G2: offG2Curve(BN254) },
      'outside the subgroup': { tau2G2: addG2(BN254, srs.tau2G2, outsideG2Subgroup(BN254)) },
    };
    for (const [title, points] of Object.entries(variants)) {
      const all = {
        tau1G1: srs.tau1G1,
        tau2G1: srs.tau2G1,
        tau1G2: srs.tau1G2,
        tau2G2: srs.tau2G2,
        ...points,
      };
      const forged = createVerifierSrs(BN254, all, true, srs.provenance);
      await expect(decodeVerifierSrs(encodeVerifierSrs(forged), backend), title).rejects.toThrow(InputError);
      await expect(checkVerifierSrs(backend, forged), title).rejects.toThrow(InputError);
    }
    const beyond = withHead(encodeVerifierSrs(srs), (head) =>
      head.set(beyondField(BN254), parts(file).points),
    );
    await expect(decodeVerifierSrs(beyond, backend)).rejects.toThrow(InputError);
  });

  it('is refused where the powers are not those of the points in its head', async () => {
    const [tau1] = drawn.taus;
    const foreign = await powersOf(backend, SIZE, drawn.other);
    const head = encodeSrs(srs).subarray(0, parts(file).body);
    for (const [first, second] of [
      [foreign, srs.tau2],
      [srs.tau1, foreign],
      [srs.tau2, srs.tau1],
      [await powersOf(backend, SIZE, tau1), srs.tau1],
    ] as const) {
      const body = concatBytes(first.g1, first.g2, second.g1, second.g2);
      const hash = new Uint8Array(createHash('sha256').update(body).digest());
      await expect(decodeSrs(concatBytes(head, body, hash), backend)).rejects.toThrow(SrsError);
    }
  });

  it('is refused by a backend of the other curve', async () => {
    for (const decode of [decodeSrs, decodeVerifierSrs]) {
      await expect(decode(file, backendOf(BLS12_381))).rejects.toThrow(SrsError);
    }
  });
});
