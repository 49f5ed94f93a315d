import { expect, it } from 'vitest';
import { readBatch } from '../../src/coprocessors/read-batch.ts';
import { builtinKeys, detectCoprocessor } from '../../src/coprocessors/registry.ts';
import { fromSnarkjs } from '../../src/coprocessors/snarkjs.ts';
import {
  AbortedError,
  FalseProofError,
  OptionError,
  PointNotOnCurveError,
  ProofFormatError,
  UnsupportedProofError,
} from '../../src/errors.ts';
import { describeWithVectors } from '../helpers/vectors.ts';
import {
  copy,
  file,
  folderFiles,
  inputsOf,
  type Json,
  keyOf,
  proofsOf,
  read,
  refusal,
  SETS,
} from './real-proofs.ts';

describeWithVectors('batches', (dir) => {
  const proofs = proofsOf(dir, SETS.nebra).slice(0, 4);
  const key = keyOf(dir, SETS.nebra);
  const keyFile = file('verification_key.json', key);
  const [risc0, sp1] = [proofsOf(dir, SETS.risc0)[0], proofsOf(dir, SETS.sp1v6)[0]];
  const expected = proofs.map((proof: Json) => proof.public);
  /** A proof of the set with a point off the curve, and one that is well-formed and false. */
  const broken = (): Json => {
    const proof = copy(proofs[1]);
    proof.proof.pi_a[1] = proof.proof.pi_a[0];
    return proof;
  };
  const untrue = (): Json => ({ ...copy(proofs[1]), public: proofs[2].public });

  it('of pairs of proof and inputs, in the usual names', async () => {
    const pair = (proofName: string, publicName: string, i: number): Json[] => [
      file(proofName, proofs[i].proof),
      file(publicName, proofs[i].public),
    ];
    const layouts: Json[][] = [
      [...pair('a/proof.json', 'a/public.json', 0), ...pair('b/proof.json', 'b/public.json', 1)],
      [...pair('proof_0.json', 'public_0.json', 0), ...pair('proof_1.json', 'public_1.json', 1)],
      [...pair('proof-000.json', 'public-000.json', 0), ...pair('proof-001.json', 'public-001.json', 1)],
      [...pair('x.proof.json', 'x.public.json', 0), ...pair('y.proof.json', 'y.public.json', 1)],
      [...pair('proof1.json', 'publicSignals1.json', 0), ...pair('proof2.json', 'inputs2.json', 1)],
    ];
    for (const files of layouts) {
      const { members, skipped } = await read([keyFile, ...files]);
      expect(members.map(inputsOf)).toEqual(expected.slice(0, 2));
      expect(members.map((member) => member.origin.file)).toEqual([files[0].name, files[2].name]);
      expect(skipped).toEqual([]);
    }
  });

  it('of lists, in an array, under "proofs", and one a line', async () => {
    const withKeys = proofs.map((proof: Json) => ({ ...proof, verificationKey: key }));
    const lines = proofs.map((proof: Json) => JSON.stringify({ ...proof, key: 'nebra' }));
    const lists: Json[] = [
      withKeys,
      { proofs: withKeys },
      { verificationKey: key, proofs },
      { keys: { nebra: key }, proofs },
      {
        keys: { nebra: key, other: keyOf(dir, SETS.bls) },
        proofs: proofs.map((p: Json) => ({ ...p, key: 'nebra' })),
      },
      withKeys.map((proof: Json) => JSON.stringify(proof)).join('\n'),
      [JSON.stringify({ keys: { nebra: key } }), '', ...lines, ''].join('\r\n'),
    ];
    for (const list of lists) {
      const { members } = await read([file('-', list)]);
      expect(members.map(inputsOf)).toEqual(expected);
      expect(members.map((member) => member.origin)).toEqual(
        proofs.map((_: unknown, index: number) => ({ file: '-', index })),
      );
      expect(new Set(members.map((member) => member.key)).size).toBe(1);
    }
  });

  it('of several systems at once, told apart by their fields', async () => {
    const { members } = await read([
      file('a.ndjson', [risc0, sp1, { ...proofs[0], vk: key }].map((p) => JSON.stringify(p)).join('\n')),
    ]);
    expect(members.map((member) => member.system)).toEqual(['risc0', 'sp1', 'snarkjs']);
  });

  it('take each key from the nearest folder', async () => {
    const [plain] = proofsOf(dir, SETS.gnarkPlain);
    const { members } = await read([
      keyFile,
      file('a/b/proof.json', proofs[0]),
      file('c/verification_key.json', keyOf(dir, SETS.gnarkPlain)),
      file('c/d/proof.json', plain),
    ]);
    expect(members.map((member) => member.key.inputCount)).toEqual([4, 1]);
    const outside = await refusal(() =>
      read([file('a/verification_key.json', key), file('b/proof.json', proofs[0])]),
    );
    expect(outside.message).toMatch(/^b\/proof\.json: .*no verification key/);
  });

  it('take the key option before all others', async () => {
    const wrong = file('verification_key.json', keyOf(dir, SETS.gnarkPlain));
    expect((await read([wrong, file('proof.json', proofs[0])], { key })).members.map(inputsOf)).toEqual([
      expected[0],
    ]);
    const clash = await refusal(() => read([file('receipt.json', risc0)], { key: keyOf(dir, SETS.sp1v6) }));
    expect(clash).toBeInstanceOf(ProofFormatError);
    expect(clash.message).toMatch(/production key/);
  });

  it('refuse a folder with two keys, and a key that is broken, by the name of its file', async () => {
    const two = [keyFile, file('vk.json', keyOf(dir, SETS.gnarkPlain)), file('proof.json', proofs[0])];
    expect((await refusal(() => read(two))).message).toMatch(
      /^proof\.json: .*verification_key\.json, vk\.json/,
    );
    expect((await read([keyFile, file('vk.json', key), file('proof.json', proofs[0])])).members).toHaveLength(
      1,
    );
    const bad = copy(key);
    bad.IC[1][0] = '1';
    const files = [file('x/verification_key.json', bad), file('x/proof.json', proofs[0])];
    const error = await refusal(() => read(files));
    expect(error).toBeInstanceOf(PointNotOnCurveError);
    expect(error.message).toMatch(/^x\/verification_key\.json: /);
    expect(error.context).toMatchObject({ file: 'x/verification_key.json', field: 'IC[1]' });
    const empty = await refusal(() =>
      read([file('verification_key.json', {}), file('proof.json', proofs[0])]),
    );
    expect(empty.message).toMatch(/^verification_key\.json: .*an empty object/);
  });

  it('name a bad member by file, position and line', async () => {
    const members = [proofs[0], broken(), proofs[2]];
    const inFile = await refusal(() =>
      read([keyFile, file('a/p0.json', proofs[0]), file('a/p1.json', broken())]),
    );
    expect(inFile).toBeInstanceOf(PointNotOnCurveError);
    expect(inFile.message).toMatch(/^a\/p1\.json: Proof, A is not on the curve/);
    expect(inFile.context).toMatchObject({ file: 'a/p1.json', field: 'a' });
    const inList = await refusal(() => read([keyFile, file('list.json', members)]));
    expect(inList.message).toMatch(/^list\.json, member 1: Proof, A/);
    expect(inList.context).toMatchObject({ file: 'list.json', index: 1 });
    const text = ['{"keys": {}}', '', ...members.map((p) => JSON.stringify(p))].join('\n');
    const inLines = await refusal(() => read([keyFile, file('-', text)]));
    expect(inLines.message).toMatch(/^standard input, member 1, line 4: Proof, A/);
    expect(inLines.context).toMatchObject({ file: '-', index: 1, line: 4 });
    const notJson = await refusal(() =>
      read([keyFile, file('a.ndjson', `${JSON.stringify(proofs[0])}\n{"proof":\n`)]),
    );
    expect(notJson.message).toMatch(/^a\.ndjson, member 1, line 2: /);
    const notObject = await refusal(() => read([keyFile, file('list.json', [proofs[0], 5])]));
    expect(notObject.message).toMatch(/^list\.json, member 1: Expected an object/);
    const noSuchKey = await refusal(() =>
      read([file('t.json', { keys: { a: key }, proofs: [{ ...proofs[0], key: 'b' }] })]),
    );
    expect(noSuchKey.message).toMatch(/^t\.json, member 0: .*"b".*"keys" holds a/);
  });

  it('name false proofs by file and position, unless they are trusted', async () => {
    const files = [
      keyFile,
      file('p.json', proofs[0]),
      file('list.json', [proofs[2], untrue(), proofs[3], untrue()]),
    ];
    const error = await refusal(() => read(files));
    expect(error).toBeInstanceOf(FalseProofError);
    expect(error.message).toMatch(/^list\.json, member 1: .*So are 1 more: list\.json, member 3/);
    expect(error.context).toMatchObject({
      file: 'list.json',
      index: 1,
      falseProofs: [
        { file: 'list.json', index: 1 },
        { file: 'list.json', index: 3 },
      ],
    });
    expect((await readBatch(files, { trusted: true })).members).toHaveLength(5);
    expect(await refusal(() => readBatch(files))).toBeInstanceOf(OptionError);
  });

  it('pass over what is no proof, and say so', async () => {
    const { members, skipped } = await read([
      keyFile,
      file('package.json', { name: 'x', version: '1.0.0' }),
      file('README.md', '# proofs'),
      file('circuit.zkey', Uint8Array.of(1)),
      file('tsconfig.json', '{ /* comments */ "a": 1 }'),
      file('numbers.json', [1, 2, 3]),
      file('public_9.json', ['1']),
      file('other.json', keyOf(dir, SETS.bls)),
      file('data.bin', Uint8Array.of(0xff, 0xfe)),
      file('proof.json', proofs[0]),
    ]);
    expect(members).toHaveLength(1);
    expect(skipped.map(({ file: name }) => name).sort()).toEqual(
      [
        'README.md',
        'circuit.zkey',
        'data.bin',
        'numbers.json',
        'other.json',
        'package.json',
        'public_9.json',
        'tsconfig.json',
      ].sort(),
    );
  });

  it('never pass over a proof that is broken', async () => {
    const text = JSON.stringify(proofs[0]);
    const looks: readonly [string, Json][] = [
      ['proof.json', text.slice(0, -20)],
      ['x.json', text.slice(0, -20)],
      ['proof.json', ''],
      ['x.json', { proof: {} }],
      ['x.json', { proof: null, seal: '00' }],
      ['x.json', { pi_a: 5 }],
      ['x.json', { protocol: 'plonk', A: [] }],
      ['x.json', { points: ['1'], merkleTreeRoot: '1' }],
      ['proof.bin', Uint8Array.of(0x80, 1, 2)],
    ];
    for (const [name, content] of looks) {
      const error = await refusal(() => read([keyFile, file(name, content), file('good.json', proofs[0])]));
      expect(error.message, `${name} ${JSON.stringify(content)}`).toMatch(
        new RegExp(`^${name.replace('.', '\\.')}`),
      );
    }
  });

  it('refuse files that the caller named and that hold no proof, and batches without any', async () => {
    const named = { ...file('package.json', { name: 'x' }), required: true };
    const error = await refusal(() => read([keyFile, named, file('proof.json', proofs[0])]));
    expect(error.message).toMatch(/^package\.json: expected a proof/);
    for (const files of [[], [keyFile], [file('a.json', [])], [file('package.json', { name: 'x' })]]) {
      expect((await refusal(() => read(files))).message).toMatch(/^No proof was found/);
    }
  });

  it('say what was looked for where no system or more than one fits', async () => {
    const none = await refusal(() => read([file('p.json', { proof: { x: 1 }, public: [] })]));
    expect(none).toBeInstanceOf(ProofFormatError);
    for (const fields of ['seal', 'proofBytes', 'Ar', 'pi_a']) expect(none.message).toContain(fields);
    const two = await refusal(() => read([file('p.json', { ...risc0, proofBytes: sp1.proofBytes })]));
    expect(two.message).toMatch(/risc0 and sp1 alike/);
    const forms = await refusal(() => read([keyFile, file('p.json', { ...proofs[0], Ar: {} })]));
    expect(forms.message).toMatch(/gnark and snarkjs alike/);
    expect(detectCoprocessor(risc0).name).toBe('risc0');
  });

  it('are read as the system that "from" names', async () => {
    const files = folderFiles(`${dir}/${SETS.risc0}`).filter(({ name }) => /^(?:00|verification)/.test(name));
    expect((await read(files, { from: 'snarkjs' })).members.map((member) => member.system)).toEqual([
      'snarkjs',
    ]);
    expect((await read(files, { from: 'risc0' })).members.map((member) => member.system)).toEqual(['risc0']);
    expect(await refusal(() => read(files, { from: 'sp1' }))).toBeInstanceOf(ProofFormatError);
    expect(await refusal(() => read(files, { from: 'halo2' }))).toBeInstanceOf(OptionError);
  });

  it('report progress from 0 to 1 without going back, and stop when told to', async () => {
    const files = folderFiles(`${dir}/nebra-upa`);
    const seen: number[] = [];
    await read(files, { onProgress: (fraction) => seen.push(fraction) });
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.some((fraction) => fraction > 0 && fraction < 0.5)).toBe(true);

    const controller = new AbortController();
    const reading = read(files, { signal: controller.signal, onProgress: () => controller.abort('enough') });
    expect(await refusal(() => reading)).toBeInstanceOf(AbortedError);
    expect(await refusal(() => read(files, { signal: AbortSignal.abort() }))).toBeInstanceOf(AbortedError);
  });

  it('hold the same members as the functions for single proofs make', async () => {
    const { proof, public: publicSignals } = proofs[0];
    const single = fromSnarkjs({ proof, publicSignals, verificationKey: key });
    const { members } = await read([keyFile, file('proof.json', proofs[0])]);
    expect(members).toEqual([{ ...single, origin: { file: 'proof.json' } }]);
  });

  it('know the keys that are built in', () => {
    expect(builtinKeys().map(({ name }) => name)).toEqual([
      'risc0',
      'sp1-v4.0.0-rc.3',
      'sp1-v5.0.0',
      'sp1-v6.1.0',
    ]);
    for (const builtin of builtinKeys()) expect(builtin.key().curve.name).toBe('bn254');
  });

  it('refuse proofs of other protocols before anything else about them', async () => {
    const plonk = { proof: { protocol: 'plonk', curve: 'bn128', A: ['1', '2', '1'] }, publicSignals: ['1'] };
    expect(await refusal(() => read([keyFile, file('p.json', plonk)]))).toBeInstanceOf(UnsupportedProofError);
  });
});
