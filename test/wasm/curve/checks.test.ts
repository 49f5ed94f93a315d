import { describe, expect, it } from 'vitest';
import type { SheafError } from '../../../src/errors.ts';
import { joinBytes, writeBigintLE } from '../../../src/field/bytes.ts';
import { BAD_FLAGS } from '../../../src/wasm/curve/compression.ts';
import { POINT_STATUS } from '../../../src/wasm/curve/membership.ts';
import { badG1Encodings, badG2Encodings } from '../../curve/bad-encodings.ts';
import { badPoints } from '../../curve/outsiders.ts';
import { CASES, createBench } from './group-bench.ts';

/** The error code that the reference gives for what a status says. */
const CODES: Readonly<Record<number, string>> = {
  [POINT_STATUS.coordinateRange]: 'FIELD_ELEMENT_OUT_OF_RANGE',
  [POINT_STATUS.offCurve]: 'POINT_NOT_ON_CURVE',
  [POINT_STATUS.outsideSubgroup]: 'POINT_NOT_IN_SUBGROUP',
  [BAD_FLAGS]: 'ENCODING',
};

/** What a check says: the first element that failed, and its status. */
interface Verdict {
  readonly index: number;
  readonly status: number;
}

/** Runs a check; resolves to what it refused, or to undefined. */
async function verdictOf(
  check: (refuse: (index: number, status: number) => never) => Promise<unknown>,
): Promise<Verdict | undefined> {
  let verdict: Verdict | undefined;
  const refused = new Error('refused');
  try {
    await check((index, status) => {
      verdict = { index, status };
      throw refused;
    });
  } catch (error) {
    if (error !== refused) throw error;
  }
  return verdict;
}

describe.each(CASES)('checks: $title', async ({ curve, group, form }) => {
  const bench = await createBench(curve, group, form);
  const check = (bytes: Uint8Array): Promise<Verdict | undefined> =>
    verdictOf((refuse) => bench.group.check(bytes, refuse, {}));
  const decompress = (bytes: Uint8Array): Promise<Verdict | undefined> =>
    verdictOf((refuse) => bench.group.decompress(bytes, refuse, {}));
  const good = [...bench.points(6, 20), bench.infinity, bench.generator, bench.generator.negate()];

  it('pass members and infinity', async () => {
    for (const length of [0, 1, 2, good.length]) {
      expect(await check(bench.encode(good.slice(0, length)))).toBeUndefined();
    }
  });

  it('name the first bad point, in both lanes', async () => {
    const members = good.slice(0, 5).map((p) => bench.encode([p]));
    for (const { what, bytes, code } of badPoints(curve, group)) {
      for (const index of [0, 3, 4]) {
        const all = members.map((member, i) => (i === index ? bytes : member));
        const bad = await check(joinBytes(all));
        expect([what, bad?.index, CODES[bad?.status ?? 0]]).toEqual([what, index, code]);
      }
    }
  });

  it('refuse coordinates that are not canonical', async () => {
    const { byteLength, modulus } = bench.group.form.field;
    const bytes = bench.encode(good.slice(0, 2));
    const slots = bytes.length / byteLength;
    for (let slot = 0; slot < slots; slot++) {
      for (const value of [modulus, (1n << BigInt(8 * byteLength)) - 1n]) {
        const changed = Uint8Array.from(bytes);
        writeBigintLE(value, changed, slot * byteLength, byteLength);
        expect(await check(changed)).toEqual({
          index: Math.floor((2 * slot) / slots),
          status: POINT_STATUS.coordinateRange,
        });
      }
    }
  });

  it('compress to the bytes of the reference, and back', async () => {
    for (const length of [0, 1, good.length]) {
      const points = good.slice(0, length);
      const compressed = await bench.group.compress(bench.encode(points), {});
      expect(compressed).toEqual(bench.compress(points));
      const refuse = (index: number): never => {
        throw new Error(`element ${index} was refused`);
      };
      expect(await bench.group.decompress(compressed, refuse, {})).toEqual(bench.encode(points));
    }
  });

  it('refuse the encodings that the reference refuses, for its reasons', async () => {
    const encodings = group === 'g1' ? badG1Encodings(curve) : badG2Encodings(curve);
    const member = bench.compress([bench.generator]);
    for (const { what, bytes } of encodings) {
      let code: string | undefined;
      try {
        bench.decompress(bytes);
      } catch (error) {
        code = (error as SheafError).code;
      }
      expect(code, what).toBeDefined();
      for (const index of [0, 1, 2]) {
        const all = [member, member, member].map((each, i) => (i === index ? bytes : each));
        const bad = await decompress(joinBytes(all));
        expect([what, bad?.index, CODES[bad?.status ?? 0]]).toEqual([what, index, code]);
      }
    }
  });
});
