import { expect, it } from 'vitest';
import { readBatch } from '../../src/coprocessors/read-batch.ts';
import { FalseProofError, UnsupportedProofError } from '../../src/errors.ts';
import { backendOf } from '../helpers/backends.ts';
import { describeWithVectors } from '../helpers/vectors.ts';
import { file, folderFiles, inputsOf, read, readJson, refusal, SETS } from './real-proofs.ts';

describeWithVectors('every real proof', (dir) => {
  const expected: readonly [set: string, count: number, system: string][] = [
    [SETS.risc0, 26, 'risc0'],
    ['sp1', 75, 'sp1'],
    ['nebra-upa', 53, 'snarkjs'],
    ['semaphore-v4', 1, 'snarkjs'],
  ];
  it.each(expected)('%s is taken in by auto with the inputs of its origin', async (set, count, system) => {
    const { members } = await read(folderFiles(`${dir}/${set}`));
    expect(members).toHaveLength(count);
    for (const member of members) {
      expect(member.system).toBe(system);
      expect(inputsOf(member)).toEqual(readJson(dir, `${set}/${member.origin.file}`).public);
    }
  });

  it('bls12-381 likewise, where invalid.json is left out', async () => {
    const files = folderFiles(`${dir}/bls12-381`).filter(({ name }) => name !== 'invalid.json');
    const { members, skipped } = await read(files);
    expect(members.map((member) => member.key.curve.name)).toEqual(Array(6).fill('bls12-381'));
    expect(members.map((member) => member.key.inputCount)).toEqual([1, 0, 1, 15, 16, 17]);
    for (const member of members) {
      expect(inputsOf(member)).toEqual(readJson(dir, `bls12-381/${member.origin.file}`).public);
    }
    expect(skipped.map((skip) => skip.file)).toEqual([
      'SOURCE.md',
      ...['vk00-1pub', 'vk01-0pub', 'vk02-1pub', 'vk03-15pub', 'vk04-16pub', 'vk05-17pub'].map(
        (set) => `${set}-bls12381/verification_key.source.json`,
      ),
    ]);
  });

  it('proofs on both curves are read and verified in one go', async () => {
    const files = [
      ...folderFiles(`${dir}/semaphore-v4`),
      ...folderFiles(`${dir}/bls12-381/vk00-1pub-bls12381`),
    ].map((entry, i) => ({ ...entry, name: `${i < 3 ? 'a' : 'b'}/${entry.name}` }));
    const curves = new Set((await read(files)).members.map((member) => member.key.curve.name));
    expect([...curves].sort()).toEqual(['bls12-381', 'bn254']);
  });

  it('that its origin expects to fail is well-formed and false', async () => {
    const invalid = readJson(dir, 'bls12-381/invalid.json');
    const options = { trusted: true };
    expect((await readBatch([file('invalid.json', invalid)], options)).members).toHaveLength(invalid.length);
    const error = await refusal(() => read([file('invalid.json', invalid)]));
    expect(error).toBeInstanceOf(FalseProofError);
    expect(error.context.falseProofs).toEqual(
      invalid.map((_: unknown, index: number) => ({ file: 'invalid.json', index })),
    );
    expect(error.message).toMatch(/^invalid\.json, member 0: /);
  });

  it.each(['brevis', 'private_commitment'])('gnark with commitments is refused by name: %s', async (name) => {
    const part = (kind: string): unknown => readJson(dir, `gnark-must-refuse/${name}.${kind}.json`);
    const all = ['proof', 'vk', 'inputs'].map((kind) => file(`${name}.${kind}.json`, part(kind)));
    const bare = [file(`${name}.proof.json`, part('proof')), file(`${name}.inputs.json`, part('inputs'))];
    const single = [file('batch.json', { proof: part('proof'), inputs: part('inputs'), vk: part('vk') })];
    for (const files of [all, bare, single]) {
      const error = await refusal(() => readBatch(files, { backend: backendOf }));
      expect(error).toBeInstanceOf(UnsupportedProofError);
      expect(error.message).toMatch(/Pedersen commitments/);
    }
  });
});
