import { describe, expect, it } from 'vitest';
import { createReferenceBackend } from '../../src/backend/reference/reference-backend.ts';
import { packScalars } from '../../src/curve/affine.ts';
import { CURVES } from '../../src/curve/curve.ts';
import { InternalError } from '../../src/errors.ts';
import { backendContract } from './backend-contract.ts';

backendContract('reference', createReferenceBackend);

describe.each(CURVES)('reference backend on $name', (curve) => {
  const backend = createReferenceBackend(curve);

  it('refuses handles that another backend made', async () => {
    const foreign = { kind: 'fr' as const, length: 1, slice: () => foreign, dispose: () => {} };
    const own = await backend.uploadFr(packScalars(curve, [1n]));
    await expect(backend.read(foreign)).rejects.toThrow(InternalError);
    await expect(backend.foldFr(own, foreign, 1n)).rejects.toThrow(InternalError);
  });

  it('refuses slices that are not within the vector', async () => {
    const vector = await backend.uploadFr(packScalars(curve, [1n, 2n, 3n]));
    for (const [start, end] of [
      [-1, 2],
      [2, 1],
      [0, 4],
      [4, 4],
    ] as const)
      expect(() => vector.slice(start, end)).toThrow(InternalError);
  });
});
