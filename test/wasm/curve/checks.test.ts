import { describe, expect, it } from 'vitest';
import type { SheafError } from '../../../src/errors.ts';
import { joinBytes, writeBigintLE } from '../../../src/field/bytes.ts';
import { BAD_FLAGS } from '../../../src/wasm/curve/compression.ts';
import { POINT_STATUS } from '../../../src/wasm/curve/membership.ts';
import { badG1Encodings, badG2Encodings } from '../../curve/bad-encodings.ts';
import { badPoints } from '../../curve/outsiders.ts';
import { CASES, createBench } from './engine-bench.ts';

/** The error code that the reference gives for what a status says. */
const CODES: Readonly<Record<number, string>> = {
  [POINT_STATUS.coordinateRange]: 'FIELD_ELEMENT_OUT_OF_RANGE',
  [POINT_STATUS.offCurve]: 'POINT_NOT_ON_CURVE',
  [POINT_STATUS.outsideSubgroup]: 'POINT_NOT_IN_SUBGROUP',
  [BAD_FLAGS]: 'ENCODING',
};

describe.each(CASES)('checks: $title', ({ curve, group, form }) => {
  const bench = createBench(curve, group, form);
  const { engine } = bench;
  const good = [...bench.points(6, 20), bench.infinity, bench.generator, bench.generator.negate()];

  it('pass members and infinity', () => {
    for (const length of [0, 1, 2, good.length]) {
      expect(engine.check(bench.encode(good.slice(0, length)))).toBeUndefined();
    }
  });

  it('name the first bad point, in both lanes', () => {
    const members = good.slice(0, 5).map((p) => bench.encode([p]));
    for (const { what, bytes, code } of badPoints(curve, group)) {
      for (const index of [0, 3, 4]) {
        const all = members.map((member, i) => (i === index ? bytes : member));
        const bad = engine.check(joinBytes(all));
        expect([what, bad?.index, CODES[bad?.status ?? 0]]).toEqual([what, index, code]);
      }
    }
  });

  it('refuse coordinates that are not canonical', () => {
    const { byteLength, modulus } = engine.form.field;
    const bytes = bench.encode(good.slice(0, 2));
    const slots = bytes.length / byteLength;
    for (let slot = 0; slot < slots; slot++) {
      for (const value of [modulus, (1n << BigInt(8 * byteLength)) - 1n]) {
        const changed = Uint8Array.from(bytes);
        writeBigintLE(value, changed, slot * byteLength, byteLength);
        expect(engine.check(changed)).toEqual({
          index: Math.floor((2 * slot) / slots),
          status: POINT_STATUS.coordinateRange,
        });
      }
    }
  });

  it('compress to the bytes of the reference, and back', () => {
    for (const length of [0, 1, good.length]) {
      const points = good.slice(0, length);
      const compressed = engine.compress(engine.import(bench.encode(points)));
      expect(compressed).toEqual(bench.compress(points));
      const back = engine.decompress(compressed);
      expect('points' in back && engine.export(back.points)).toEqual(bench.encode(points));
    }
  });

  it('refuse the encodings that the reference refuses, for its reasons', () => {
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
        const result = engine.decompress(joinBytes(all));
        const bad = 'bad' in result ? result.bad : undefined;
        expect([what, bad?.index, CODES[bad?.status ?? 0]]).toEqual([what, index, code]);
      }
    }
  });
});
