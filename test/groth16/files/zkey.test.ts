import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { snarkjs } from '../../../examples/lib/snarkjs.ts';
import { BN254 } from '../../../src/curve/curve.ts';
import { ProvingKeyError, SheafError, UnsupportedProofError } from '../../../src/errors.ts';
import { blobSource, bytesSource } from '../../../src/field/byte-source.ts';
import { concatBytes, u32le } from '../../../src/field/bytes.ts';
import { openFile } from '../../../src/groth16/files/file-argument.ts';
import { openZkey, type ZkeyBases } from '../../../src/groth16/files/zkey.ts';
import { zKey } from '../../../src/index.ts';
import { describeWithVectors } from '../../helpers/vectors.ts';
import { overwritten, reordered, withSections } from './damage.ts';

const BASES: readonly ZkeyBases[] = ['a', 'b1', 'b2', 'c', 'h'];

/** Reads everything that a prover reads. */
async function readAll(bytes: Uint8Array): Promise<void> {
  const reader = await openZkey(bytesSource('test.zkey', bytes));
  await reader.verificationKey();
  await reader.coefficients();
  for (const which of BASES) await reader.bases(which);
}

async function refusal(bytes: Uint8Array): Promise<SheafError> {
  const error = await readAll(bytes).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(SheafError);
  expect((error as SheafError).code).not.toBe('INTERNAL');
  return error as SheafError;
}

describeWithVectors('a proving key', (dir) => {
  const path = join(dir, 'zkeys/semaphore/semaphore-1.zkey');
  const file = new Uint8Array(readFileSync(path));

  it('says what circuit it is of', async () => {
    const reader = await openZkey(bytesSource('key', file));
    expect(reader.info).toEqual({
      curve: BN254,
      wireCount: 1761,
      publicCount: 4,
      domainSize: 2048,
      coefficientCount: 7392,
    });
    expect(await zKey.info(path)).toEqual({
      protocol: 'groth16',
      curve: 'bn128',
      nVars: 1761,
      nPublic: 4,
      domainSize: 2048,
      nCoefficients: 7392,
      bytes: file.length,
    });
  });

  it.each([1, 10, 20])(
    'of Semaphore depth %d exports the verification key that snarkjs exports',
    async (depth) => {
      const name = join(dir, `zkeys/semaphore/semaphore-${depth}`);
      const exported = await zKey.exportVerificationKey(`${name}.zkey`);
      const own = JSON.stringify(exported, null, 1);
      expect(own).toBe(
        JSON.stringify(await snarkjs.zKey.exportVerificationKey(readFileSync(`${name}.zkey`)), null, 1),
      );
      expect(exported).toEqual(JSON.parse(readFileSync(`${name}.json`, 'utf8')));
    },
  );

  it('is read from a path, a URL, a Blob, bytes and memory objects alike', async () => {
    const expected = await zKey.info(path);
    const blob = new Blob([file]);
    for (const source of [
      new URL(`file://${path}`),
      blob,
      new File([file], 'key.zkey'),
      file,
      { type: 'mem', data: file } as const,
      { type: 'file', fileName: path } as const,
      `data:application/octet-stream;base64,${Buffer.from(file).toString('base64')}`,
    ]) {
      expect(await zKey.info(source)).toEqual(expected);
    }
    const coefficients = await (await openZkey(blobSource('blob', blob))).coefficients();
    expect(coefficients).toEqual(await (await openZkey(bytesSource('key', file))).coefficients());
  });

  it.each([17, null, undefined, {}, { type: 'mem' }, { type: 'bigMem' }])(
    'refuses %o as a file',
    async (what) => {
      await expect(openFile(what as never, 'Key')).rejects.toMatchObject({ code: 'OPTION' });
    },
  );

  it('lends sections of a file in memory without copying them', async () => {
    const reader = await openZkey(bytesSource('key', file));
    expect((await reader.bases('b2')).buffer).toBe(file.buffer);
  });

  it('may have its later sections in any order', async () => {
    await readAll(reordered(file, 'zkey', [1, 2, 4, 3, 9, 8, 5, 6, 7, 10]));
    const first = await refusal(reordered(file, 'zkey', [2, 1, 3, 4, 5, 6, 7, 8, 9, 10]));
    expect(first).toBeInstanceOf(ProvingKeyError);
    expect(first.message).toContain('out of order');
  });

  it('is refused where it is cut short, at any byte', async () => {
    const places = [0, 3, 11, 12, 20, 28, 40, 700, 1000, 5000, file.length - 1];
    for (const length of places) {
      expect(await refusal(file.slice(0, length))).toBeInstanceOf(ProvingKeyError);
    }
  });

  it('is refused where bytes are left over', async () => {
    expect((await refusal(concatBytes(file, new Uint8Array(1)))).message).toContain('left over');
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9])('is refused without its section %d', async (missing) => {
    const error = await refusal(
      withSections(file, 'zkey', (id, content) => (id === missing ? undefined : content)),
    );
    expect(error).toBeInstanceOf(ProvingKeyError);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9])(
    'is refused where section %d is a byte longer or shorter',
    async (odd) => {
      for (const resize of [
        (content: Uint8Array) => content.slice(0, -1),
        (content: Uint8Array) => concatBytes(content, new Uint8Array(1)),
      ]) {
        const error = await refusal(
          withSections(file, 'zkey', (id, content) => (id === odd ? resize(content) : content)),
        );
        expect(error).toBeInstanceOf(ProvingKeyError);
      }
    },
  );

  it('is refused where a section comes twice', async () => {
    const error = await refusal(reordered(file, 'zkey', [1, 2, 3, 4, 5, 5, 6, 7, 8, 9, 10]));
    expect(error.message).toContain('section 5 comes twice');
  });

  it.each([
    [2, 'plonk'],
    [10, 'fflonk'],
  ])('of protocol %d is refused by the name %s', async (id, name) => {
    const error = await refusal(
      withSections(file, 'zkey', (section, content) => (section === 1 ? u32le(id) : content)),
    );
    expect(error).toBeInstanceOf(UnsupportedProofError);
    expect(error.message).toContain(name);
  });

  const header = (change: (content: Uint8Array) => Uint8Array): Uint8Array =>
    withSections(file, 'zkey', (id, content) => (id === 2 ? change(content) : content));
  // Offsets in the header: 0 size of p, 4 p, 36 size of r, 40 r, 72 wires, 76 publics, 80 domain, 84 α₁.
  it.each<[string, Uint8Array, string]>([
    ['of protocol 77', withSections(file, 'zkey', (id, c) => (id === 1 ? u32le(77) : c)), '77'],
    ['of another magic', overwritten(file, 0, 0x70), 'begins with'],
    ['of version 2', overwritten(file, 4, 2), 'version'],
    ['with a thousand sections', overwritten(file, 8, 0xe8, 3), 'sections'],
    ['with a section of 2^60 bytes', overwritten(file, 23, 0x10), 'cut short'],
    ['with another base field', header((c) => overwritten(c, 4, 1)), 'not supported'],
    ['with another scalar field', header((c) => overwritten(c, 40, 2)), 'scalar field'],
    ['with a field of 1000 bytes', header((c) => overwritten(c, 0, 0xe8, 3)), 'at most 64 bytes'],
    ['with fewer wires than public signals', header((c) => overwritten(c, 72, 2, 0)), 'do not fit'],
    ['with other wires', header((c) => overwritten(c, 72, 2)), '1538 columns'],
    ['with a domain of 2047', header((c) => overwritten(c, 80, 0xff, 7)), 'power of two'],
    ['with a domain of 0', header((c) => overwritten(c, 80, 0, 0)), 'power of two'],
    ['with a domain of 2^25', header((c) => overwritten(c, 80, 0, 0, 0, 2)), '2^24'],
    ['with α outside the field', header((c) => overwritten(c, 115, 0xff)), 'modulus'],
    ['with α off the curve', header((c) => overwritten(c, 84, 1, 2, 3)), 'not on the curve'],
  ])('%s is refused', async (_, bytes, message) => {
    expect((await refusal(bytes)).message).toContain(message);
  });

  it.each<[string, number, number[]]>([
    ['matrix', 4, [2]],
    ['row', 8, [0, 8]],
    ['column', 12, [0xe1, 6]],
    ['count', 0, [1]],
  ])('with a coefficient outside the matrices (%s) is refused', async (_, offset, values) => {
    const error = await refusal(
      withSections(file, 'zkey', (id, content) =>
        id === 4 ? overwritten(content, offset, ...values) : content,
      ),
    );
    expect(error).toBeInstanceOf(ProvingKeyError);
    expect(error.context.field).toBe('coefficients');
  });
});
