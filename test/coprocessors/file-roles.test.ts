import { describe, expect, it } from 'vitest';
import { foldersUpwards, mayHoldProofs, parseFileName } from '../../src/coprocessors/file-roles.ts';

describe('file names', () => {
  it.each([
    ['proof.json', 'proof', ''],
    ['a/b/proof_3.json', 'proof', '3'],
    ['proof-003.json', 'proof', '003'],
    ['proof3.json', 'proof', '3'],
    ['x.proof.json', 'proof', 'x'],
    ['batch_proof_7.json', 'proof', 'batch/7'],
    ['circuit.proof', 'proof', 'circuit'],
    ['public.json', 'public', ''],
    ['public_3.json', 'public', '3'],
    ['x.public.json', 'public', 'x'],
    ['x.inputs.json', 'public', 'x'],
    ['publicInputs.json', 'public', ''],
    ['public_signals-3.json', 'public', '3'],
    ['public.bin', 'public', ''],
    ['circuit.pub', 'public', 'circuit'],
    ['verification_key.json', 'key', ''],
    ['verifying-key.json', 'key', ''],
    ['vk.bin', 'key', ''],
    ['x.vk.json', 'key', 'x'],
    ['circuit.vk', 'key', 'circuit'],
    ['verification_key.source.json', 'key', 'source'],
    ['package.json', undefined, 'package'],
    ['waterproof.json', undefined, 'waterproof'],
    ['Dockerfile', undefined, 'Dockerfile'],
  ])('%s is %s of "%s"', (name, role, stem) => {
    expect(parseFileName(name)).toMatchObject({ role, stem });
  });

  it('say whether a file is worth opening', () => {
    for (const name of ['a.json', 'a.ndjson', 'a.zip', 'a.json.gz', 'proof.dat', 'data', '-']) {
      expect(mayHoldProofs(name), name).toBe(true);
    }
    for (const name of ['a.zkey', 'a.wasm', 'a.ptau', 'README.md', 'a.png'])
      expect(mayHoldProofs(name), name).toBe(false);
  });

  it('lead to the folders above', () => {
    expect(foldersUpwards('a/b')).toEqual(['a/b', 'a', '']);
    expect(foldersUpwards('')).toEqual(['']);
  });
});
