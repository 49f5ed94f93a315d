/** Encodings that other projects publish or make: Zcash and the IETF for BLS12-381, gnark-crypto for BN254. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compressG1, compressG2, decompressG1, decompressG2 } from '../../src/curve/compressed.ts';
import { BLS12_381, BN254 } from '../../src/curve/curve.ts';
import { SheafError } from '../../src/errors.ts';
import { toHex } from '../../src/field/bytes.ts';
import { bytesOfHex } from '../../src/field/hex.ts';
import { fuzzRuns } from '../helpers/fuzz.ts';
import { g1Point, g2Point, slow } from './arbitraries.ts';
import { badG1Encodings, badG2Encodings } from './bad-encodings.ts';
import { outsideG2 } from './outsiders.ts';

/** Generators as in the Zcash protocol specification, 5.4.9.2, and draft-irtf-cfrg-pairing-friendly-curves. */
const ZCASH_G1 =
  '97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb';
const ZCASH_G2 =
  '93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e' +
  '024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8';

/** BN254's G2 generator as it stands, by gnark-crypto's hand, as γ in many a deployed verification key. */
const GNARK_G2 =
  '998e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2' +
  '1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed';

describe('BLS12-381 encodings', () => {
  const { g1, g2 } = BLS12_381;

  it('are those of the Zcash generators', () => {
    expect(toHex(compressG1(BLS12_381, g1.BASE))).toBe(ZCASH_G1);
    expect(toHex(compressG2(BLS12_381, g2.BASE))).toBe(ZCASH_G2);
    expect(decompressG1(BLS12_381, bytesOfHex(ZCASH_G1)).equals(g1.BASE)).toBe(true);
    expect(decompressG2(BLS12_381, bytesOfHex(ZCASH_G2)).equals(g2.BASE)).toBe(true);
    expect(toHex(compressG1(BLS12_381, g1.ZERO))).toBe(`c0${'00'.repeat(47)}`);
    expect(toHex(compressG2(BLS12_381, g2.ZERO))).toBe(`c0${'00'.repeat(95)}`);
  });

  it('are what the reference library writes and reads', () => {
    fc.assert(
      fc.property(g1Point(BLS12_381), g2Point(BLS12_381), (p, q) => {
        const [a, b] = [compressG1(BLS12_381, p), compressG2(BLS12_381, q)];
        if (!p.is0()) {
          expect(toHex(a)).toBe(toHex(p.toBytes(true)));
          expect(g1.fromBytes(a).equals(p)).toBe(true);
        }
        if (!q.is0()) {
          expect(toHex(b)).toBe(toHex(q.toBytes(true)));
          expect(g2.fromBytes(b).equals(q)).toBe(true);
        }
      }),
      slow(20),
    );
  });

  it.each([
    [
      'G1',
      48,
      (bytes: Uint8Array) => decompressG1(BLS12_381, bytes),
      (bytes: Uint8Array) => g1.fromBytes(bytes),
    ],
    [
      'G2',
      96,
      (bytes: Uint8Array) => decompressG2(BLS12_381, bytes),
      (bytes: Uint8Array) => g2.fromBytes(bytes),
    ],
  ] as const)('%s: what one of the two accepts, the other accepts', (_, size, ours, theirs) => {
    const accepts = (
      read: (bytes: Uint8Array) => { isTorsionFree(): boolean },
      bytes: Uint8Array,
    ): boolean => {
      try {
        return read(bytes).isTorsionFree();
      } catch {
        return false;
      }
    };
    const bad = size === 48 ? badG1Encodings(BLS12_381) : badG2Encodings(BLS12_381);
    for (const { bytes } of bad) expect(accepts(theirs, bytes)).toBe(false);
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: size, maxLength: size }),
        fc.constantFrom(0x80, 0x90, 0xa0),
        (bytes, flag) => {
          bytes[0] = ((bytes[0] as number) & 0x0f) | flag;
          expect(accepts(ours, bytes)).toBe(accepts(theirs, bytes));
        },
      ),
      { numRuns: fuzzRuns(40) },
    );
  });

  it('x = 0 is on the curve, of order 3 and refused', () => {
    expect(() => decompressG1(BLS12_381, bytesOfHex(`80${'00'.repeat(47)}`))).toThrow(
      expect.objectContaining({ code: 'POINT_NOT_IN_SUBGROUP' }),
    );
  });
});

describe('BN254 encodings', () => {
  const { g1, g2 } = BN254;

  it('are those of the gnark generators', () => {
    expect(toHex(compressG1(BN254, g1.BASE))).toBe(`80${'00'.repeat(30)}01`);
    expect(toHex(compressG1(BN254, g1.BASE.negate()))).toBe(`c0${'00'.repeat(30)}01`);
    expect(toHex(compressG2(BN254, g2.BASE))).toBe(GNARK_G2);
    expect(decompressG2(BN254, bytesOfHex(GNARK_G2)).equals(g2.BASE)).toBe(true);
    expect(toHex(compressG1(BN254, g1.ZERO))).toBe(`40${'00'.repeat(31)}`);
    expect(toHex(compressG2(BN254, g2.ZERO))).toBe(`40${'00'.repeat(63)}`);
  });

  it('the coordinates of G2 in the other order are not the same point', () => {
    const swapped = bytesOfHex(GNARK_G2.slice(64) + GNARK_G2.slice(0, 64));
    swapped[0] = (swapped[0] as number) | 0x80;
    swapped[32] = (swapped[32] as number) & 0x3f;
    expect(() => decompressG2(BN254, swapped)).toThrow(SheafError);
  });

  it('a point of the twist outside G2 is refused, as a curve check alone would not', () => {
    for (const { point } of outsideG2(BN254)) {
      expect(() => decompressG2(BN254, compressG2(BN254, point))).toThrow(
        expect.objectContaining({ code: 'POINT_NOT_IN_SUBGROUP' }),
      );
    }
  });
});
