import { describe, expect, it } from 'vitest';
import { AVAILABLE_BACKENDS, createBackend, resolveBackend } from '../../src/backend/create-backend.ts';
import { createReferenceBackend } from '../../src/backend/reference/reference-backend.ts';
import { BLS12_381, BN254, CURVES } from '../../src/curve/curve.ts';
import { OptionError } from '../../src/errors.ts';

describe('choosing a backend', () => {
  it('makes every available one by its name, and the reference is among them', async () => {
    expect(AVAILABLE_BACKENDS).toContain('reference');
    for (const curve of CURVES) {
      for (const name of AVAILABLE_BACKENDS) {
        const backend = await createBackend(curve, name);
        expect(backend.name).toBe(name);
        expect(backend.curve).toBe(curve);
        await backend.dispose();
      }
    }
  });

  it('auto, the default, is one of them', async () => {
    for (const backend of [await createBackend(BN254), await createBackend(BN254, 'auto')]) {
      expect(AVAILABLE_BACKENDS).toContain(backend.name);
      await backend.dispose();
    }
  });

  it.each(['cuda', '', 'constructor', '__proto__', 'toString', 'Reference'])(
    'refuses %j, saying what there is',
    async (name) => {
      await expect(createBackend(BN254, name as never)).rejects.toThrow(OptionError);
      await expect(createBackend(BN254, name as never)).rejects.toThrow(/reference/);
    },
  );

  it('resolves a name, nothing, and a backend as it is', async () => {
    const given = createReferenceBackend(BLS12_381);
    expect(await resolveBackend(BLS12_381, given)).toBe(given);
    expect((await resolveBackend(BLS12_381, 'reference')).name).toBe('reference');
    expect((await resolveBackend(BLS12_381)).curve).toBe(BLS12_381);
  });

  it('refuses a backend of another curve', async () => {
    const given = createReferenceBackend(BLS12_381);
    await expect(resolveBackend(BN254, given)).rejects.toThrow(OptionError);
    await expect(resolveBackend(BN254, given)).rejects.toThrow(/bls12-381.*bn254/);
  });
});
