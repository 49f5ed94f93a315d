import { expect, it } from 'vitest';
import { fromGnark } from '../../src/coprocessors/gnark.ts';
import { readGnarkWitness } from '../../src/coprocessors/gnark-binary.ts';
import { fromSnarkjs } from '../../src/coprocessors/snarkjs.ts';
import { readVerificationKey } from '../../src/coprocessors/verification-keys.ts';
import {
  EncodingError,
  PointAtInfinityError,
  PointNotInSubgroupError,
  PointNotOnCurveError,
  ProofFormatError,
  PublicInputCountError,
  UnsupportedProofError,
} from '../../src/errors.ts';
import { concatBytes, toHex } from '../../src/field/bytes.ts';
import type { BatchMember } from '../../src/groth16/proof.ts';
import { describeWithVectors } from '../helpers/vectors.ts';
import { outsideSubgroup } from './bad-points.ts';
import {
  type GnarkRelease,
  gnarkBinaryKey,
  gnarkBinaryProof,
  gnarkJsonKey,
  gnarkJsonProof,
  gnarkWitness,
  soliditySource,
  solidityWords,
  u32be,
} from './gnark-encode.ts';
import {
  copy,
  file,
  inputsOf,
  type Json,
  keyOf,
  proofsOf,
  read,
  readOne,
  refusal,
  SETS,
} from './real-proofs.ts';

const RELEASES: readonly GnarkRelease[] = ['0.8', '0.10', '0.11'];

describeWithVectors('gnark', (dir) => {
  const member = (set: string): BatchMember => {
    const { proof, public: publicSignals } = proofsOf(dir, set)[0];
    return fromSnarkjs({ proof, publicSignals, verificationKey: keyOf(dir, set) });
  };
  const samples: readonly (readonly [string, BatchMember])[] = [
    ['a gnark proof on BN254', member(SETS.gnarkPlain)],
    ['a proof on BN254', member(SETS.nebra)],
    ['a proof on BLS12-381', member(SETS.bls)],
  ];
  const bn = samples[0]?.[1] as BatchMember;

  it.each(samples)('%s is read from JSON, in one file and in three', async (_, expected) => {
    const { key, proof } = expected;
    const [jsonProof, vk, inputs] = [gnarkJsonProof(proof), gnarkJsonKey(key), inputsOf(expected)];
    const one = await readOne({ proof: jsonProof, inputs, vk });
    const { members } = await read([
      file('x.proof.json', jsonProof),
      file('x.inputs.json', inputs),
      file('x.vk.json', vk),
    ]);
    for (const read of [one, ...members]) {
      expect(read.system).toBe('gnark');
      expect(read.key.id).toBe(key.id);
      expect(read.proof).toEqual(proof);
      expect(inputsOf(read)).toEqual(inputs);
    }
    expect(members).toHaveLength(1);
  });

  it.each(samples)('%s is read from the binary forms of every release', async (_, expected) => {
    const { key, proof } = expected;
    const witness = gnarkWitness(inputsOf(expected).map(BigInt));
    for (const raw of [false, true]) {
      for (const release of RELEASES) {
        const files = [
          file('proof.bin', gnarkBinaryProof(proof, raw, release)),
          file('public.bin', witness),
          file('vk.bin', gnarkBinaryKey(key, raw, release)),
        ];
        const [found] = (await read(files, { trusted: true })).members as [BatchMember];
        expect(found.key.id).toBe(key.id);
        expect(found.proof).toEqual(proof);
        expect(inputsOf(found)).toEqual(inputsOf(expected));
      }
    }
  });

  it('Solidity proofs and verifiers are read', async () => {
    const words = solidityWords(bn.proof);
    const hex = `0x${words.map((word) => word.slice(2).padStart(64, '0')).join('')}`;
    const vk = soliditySource(bn.key);
    for (const proof of [words, words.map((word) => BigInt(word).toString()), hex, hex.slice(2)]) {
      const found = await readOne({ proof, publicInputs: inputsOf(bn), vk });
      expect(found.key.id).toBe(bn.key.id);
      expect(found.proof).toEqual(bn.proof);
    }
    const { members } = await read([
      file('a/proof.json', { proof: hex, inputs: inputsOf(bn) }),
      file('Verifier.sol', vk),
      file('a/vk.sol', vk),
    ]);
    expect(members[0]?.key.id).toBe(bn.key.id);
    const missing = await refusal(() => readVerificationKey(vk.replace(/.*DELTA_NEG_X_1.*\n/, '')));
    expect(missing.message).toMatch(/DELTA_NEG_X_1/);
    const pedersen = vk.replace(
      'contract Verifier {',
      'contract Verifier {\n  uint256 constant PEDERSEN_G_X_0 = 1;',
    );
    expect(await refusal(() => readVerificationKey(pedersen))).toBeInstanceOf(UnsupportedProofError);
  });

  it('keys are read from hexadecimal and from the library’s own encoding', () => {
    for (const [, { key }] of samples) {
      for (const source of [
        toHex(gnarkBinaryKey(key, false, '0.11')),
        key.encoded,
        toHex(key.encoded),
        key,
      ]) {
        expect(readVerificationKey(source).id).toBe(key.id);
      }
    }
  });

  it('commitments are refused in every form', async () => {
    const { key, proof } = bn;
    const [g1, g2] = [gnarkJsonKey(key).G1.Alpha, gnarkJsonKey(key).G2.Beta];
    const proofs: Json[] = [
      { ...gnarkJsonProof(proof), Commitments: [g1] },
      { ...gnarkJsonProof(proof), CommitmentPok: g1 },
      { ...gnarkJsonProof(proof), Commitment: g1 },
      concatBytes(gnarkBinaryProof(proof, true, '0.8'), u32be(1), new Uint8Array(128)),
      concatBytes(gnarkBinaryProof(proof, false, '0.8'), u32be(2), new Uint8Array(96)),
    ];
    for (const altered of proofs) {
      const error = await refusal(() =>
        fromGnark({ proof: altered, publicInputs: inputsOf(bn), verificationKey: key }),
      );
      expect(error).toBeInstanceOf(UnsupportedProofError);
      expect(error.message).toMatch(/Pedersen commitments/);
    }
    const body = gnarkBinaryKey(key, true, '0.8');
    const committed = concatBytes(u32be(1), u32be(1), new Uint8Array(8));
    const keys: Json[] = [
      { ...gnarkJsonKey(key), CommitmentKeys: [{ G: g2, GSigmaNeg: g2 }] },
      { ...gnarkJsonKey(key), CommitmentKey: { G: g2, GRootSigmaNeg: g2 } },
      { ...gnarkJsonKey(key), PublicAndCommitmentCommitted: [[]] },
      concatBytes(body, u32be(1), u32be(0)),
      concatBytes(body, committed, u32be(1), new Uint8Array(256)),
      concatBytes(body, u32be(0), u32be(1), new Uint8Array(256)),
    ];
    for (const altered of keys) {
      expect(await refusal(() => readVerificationKey(altered))).toBeInstanceOf(UnsupportedProofError);
    }
  });

  it('fields of commitments that hold nothing are no commitments', () => {
    const zero = { X: { A0: 0, A1: '0' }, Y: { A0: 0, A1: 0 } };
    const vk = {
      ...gnarkJsonKey(bn.key),
      CommitmentKey: { G: zero, GRootSigmaNeg: zero },
      CommitmentInfo: { Committed: null, NbPrivateCommitted: 0 },
      PublicAndCommitmentCommitted: null,
    };
    expect(readVerificationKey(vk).id).toBe(bn.key.id);
  });

  it('bad points are refused', async () => {
    const refusalOf = (alter: (proof: Json) => void): Promise<Error> => {
      const altered = gnarkJsonProof(bn.proof);
      alter(altered);
      return refusal(() =>
        fromGnark({ proof: altered, publicInputs: inputsOf(bn), verificationKey: bn.key }),
      );
    };
    const { x, y } = outsideSubgroup(bn.key.curve);
    const twist = { X: { A0: `${x.c0}`, A1: `${x.c1}` }, Y: { A0: `${y.c0}`, A1: `${y.c1}` } };
    expect(await refusalOf((p) => (p.Bs = twist))).toBeInstanceOf(PointNotInSubgroupError);
    expect(await refusalOf((p) => (p.Ar = { X: 0, Y: 0 }))).toBeInstanceOf(PointAtInfinityError);
    expect(await refusalOf((p) => (p.Krs.X = '1'))).toBeInstanceOf(PointNotOnCurveError);
    expect(await refusalOf((p) => delete p.Krs)).toBeInstanceOf(ProofFormatError);
    const raw = gnarkBinaryProof(bn.proof, true, '0.11');
    for (const at of [10, 100, 220]) {
      const altered = copy(raw);
      altered[at] = (altered[at] as number) ^ 1;
      const error = await refusal(() =>
        fromGnark({ proof: altered, publicInputs: inputsOf(bn), verificationKey: bn.key }),
      );
      expect(error).toBeInstanceOf(PointNotOnCurveError);
    }
  });

  it('binary files that are cut short or run on are refused', async () => {
    for (const raw of [false, true]) {
      const proof = gnarkBinaryProof(bn.proof, raw, '0.11');
      const vk = gnarkBinaryKey(bn.key, raw, '0.11');
      for (const altered of [proof.subarray(0, -1), concatBytes(proof, Uint8Array.of(0)), new Uint8Array()]) {
        const error = await refusal(() =>
          fromGnark({ proof: altered, publicInputs: inputsOf(bn), verificationKey: bn.key }),
        );
        expect(error).toBeInstanceOf(EncodingError);
      }
      for (const altered of [vk.subarray(0, -1), concatBytes(vk, Uint8Array.of(0)), vk.subarray(0, 100)]) {
        expect(await refusal(() => readVerificationKey(altered))).toBeInstanceOf(EncodingError);
      }
    }
    const error = await refusal(() =>
      read([file('proof.bin', Uint8Array.of(0, 1, 2)), file('public.json', '[]')]),
    );
    expect(error.message).toMatch(/^proof\.bin: .*gnark's binary form/);
  });

  it('witnesses with secrets or counts that do not add up are refused', async () => {
    expect(readGnarkWitness(gnarkWitness([3n, 4n]))).toEqual([3n, 4n]);
    expect(readGnarkWitness(gnarkWitness([]))).toEqual([]);
    expect(await refusal(() => readGnarkWitness(gnarkWitness([3n], 2)))).toBeInstanceOf(
      UnsupportedProofError,
    );
    const cut = gnarkWitness([3n]).subarray(0, 20);
    for (const bytes of [new Uint8Array(), cut]) {
      expect(await refusal(() => readGnarkWitness(bytes))).toBeInstanceOf(EncodingError);
    }
    const verificationKey = gnarkJsonKey(bn.key);
    const proof = gnarkJsonProof(bn.proof);
    const publicInputs = gnarkWitness([3n, 4n]);
    expect(await refusal(() => fromGnark({ proof, publicInputs, verificationKey }))).toBeInstanceOf(
      PublicInputCountError,
    );
  });
});
