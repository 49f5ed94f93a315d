import { describe, expect, it } from 'vitest';
import { AVAILABLE_BACKENDS, createBackend, resolveBackend } from '../../src/backend/create-backend.ts';
import { createReferenceBackend } from '../../src/backend/reference/reference-backend.ts';
import { packScalars } from '../../src/curve/affine.ts';
import { BLS12_381, BN254, CURVES } from '../../src/curve/curve.ts';
import { DisposedError, OptionError } from '../../src/errors.ts';
import { concatBytes } from '../../src/field/bytes.ts';
import { g1Times } from '../helpers/group-elements.ts';

describe('choosing a backend', () => {
  it('takes a software GPU when webgpu is asked for by name, and disposes of all that it made', async () => {
    const backend = await createBackend(BN254, 'webgpu');
    const logs = [2n, 3n, 5n, 7n];
    const bases = await backend.uploadG1(concatBytes(...logs.map((log) => g1Times(BN254, log))));
    const scalars = await backend.uploadFr(packScalars(BN254, [11n, 13n, 0n, BN254.order - 1n]));
    expect(await backend.msmG1(bases, scalars)).toEqual(g1Times(BN254, 2n * 11n + 3n * 13n - 7n));
    expect(backend.lines?.form).toMatch(/^bn254-/);
    await backend.dispose();
    await expect(backend.msmG1(bases, scalars)).rejects.toThrow(DisposedError);
    await expect(backend.scaleG1(bases, scalars)).rejects.toThrow(DisposedError);
  });

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

  it('auto, the default, stands for a choice among them', async () => {
    for (const backend of [await createBackend(BN254), await createBackend(BN254, 'auto')]) {
      expect(backend.name).toBe('auto');
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

  it('takes a function that gives one', async () => {
    const given = createReferenceBackend(BLS12_381);
    expect(await resolveBackend(BLS12_381, () => given)).toBe(given);
    await expect(resolveBackend(BN254, async () => given)).rejects.toThrow(/bls12-381.*bn254/);
  });

  it('refuses a backend of another curve', async () => {
    const given = createReferenceBackend(BLS12_381);
    await expect(resolveBackend(BN254, given)).rejects.toThrow(OptionError);
    await expect(resolveBackend(BN254, given)).rejects.toThrow(/bls12-381.*bn254/);
  });
});
