/** Each section of a proving key damaged in turn: no proof comes of it, but a named error. */

import { beforeAll, describe, expect, it } from 'vitest';
import { readSections } from '../../examples/lib/iden3-file.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { ProvingKeyError, SheafError, UnsatisfiedCircuitError } from '../../src/errors.ts';
import { groth16 } from '../../src/index.ts';
import { overwritten, withSections } from '../groth16/files/damage.ts';
import { type CircuitFiles, circuitFiles } from './circuits.ts';

let files: CircuitFiles;
beforeAll(async () => {
  files = await circuitFiles({ curve: BN254, kind: 'dense', constraints: 40, publics: 2 });
});

/** What proving says after `change` was made to one section. */
async function refusal(section: number, change: (content: Uint8Array) => Uint8Array): Promise<SheafError> {
  const zkey = withSections(files.zkey, 'zkey', (id, content) =>
    id === section ? change(content) : content,
  );
  const error = await groth16.prove(zkey, files.wtns).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(SheafError);
  expect((error as SheafError).code).not.toBe('INTERNAL');
  return error as SheafError;
}

const SECTIONS = [5, 6, 7, 8, 9] as const;

describe('a damaged proving key', () => {
  it.each(SECTIONS)('with a point of section %i off the curve is told as such', async (section) => {
    const size = section === 7 ? 128 : 64;
    // Wire 20 stands in A and B of some constraint, or else the point is infinity, and altered all the same.
    const error = await refusal(section, (content) => overwritten(content, 20 * size, 1, 2, 3, 4));
    expect(error).toBeInstanceOf(ProvingKeyError);
    expect(error.context.field).toBe(`${['A', 'B1', 'B2', 'C', 'H'][section - 5]} points`);
    expect(error.message).toContain('20');
  });

  it.each(SECTIONS)('with a coordinate of section %i out of range is told as such', async (section) => {
    const error = await refusal(section, (content) => overwritten(content, 31, 0xff));
    expect(error).toBeInstanceOf(ProvingKeyError);
  });

  it.each(SECTIONS)('with points of section %i exchanged makes no proof', async (section) => {
    const size = section === 7 ? 128 : 64;
    const error = await refusal(section, (content) => {
      const points = content.slice();
      points.set(content.subarray(0, content.length - size), size);
      points.set(content.subarray(content.length - size), 0);
      return points;
    });
    expect(error).toBeInstanceOf(UnsatisfiedCircuitError);
  });

  it('with another coefficient makes no proof', async () => {
    const error = await refusal(4, (content) => overwritten(content, 4 + 12, 1, 1, 1));
    expect(error).toBeInstanceOf(UnsatisfiedCircuitError);
  });

  // Offsets in the header: 84 α₁, 148 β₁, 212 β₂, 340 γ₂, 468 δ₁, 532 δ₂.
  it.each([84, 148, 212, 340, 468, 532])('with a header point altered at %i is refused', async (offset) => {
    const error = await refusal(2, (content) => overwritten(content, offset, 1, 2, 3));
    expect(error.code).toMatch(/^(PROVING_KEY|POINT_NOT_ON_CURVE)$/);
  });

  it('with β or δ of another group element is told as such', async () => {
    const header = readSections(files.zkey, 'zkey').get(2) as Uint8Array;
    for (const offset of [148, 468]) {
      const error = await refusal(2, (content) => overwritten(content, offset, ...header.subarray(84, 148)));
      expect(error).toBeInstanceOf(ProvingKeyError);
      expect(error.message).toContain('differ');
    }
  });

  it('with another IC point makes no proof', async () => {
    const error = await refusal(3, (content) => overwritten(content, 0, ...content.subarray(64, 128)));
    expect(error).toBeInstanceOf(UnsatisfiedCircuitError);
  });
});
