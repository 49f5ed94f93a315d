import { sha256 } from '@noble/hashes/sha2.js';
import { expect, it } from 'vitest';
import { fromSp1 } from '../../src/coprocessors/sp1.ts';
import { SP1_RELEASES, sp1Key } from '../../src/coprocessors/sp1-releases.ts';
import { readVerificationKey } from '../../src/coprocessors/verification-keys.ts';
import { BN254 } from '../../src/curve/curve.ts';
import {
  FalseProofError,
  ProofFormatError,
  ScalarOutOfRangeError,
  UnsupportedProofError,
} from '../../src/errors.ts';
import { toHex } from '../../src/field/bytes.ts';
import { bytesOfHex } from '../../src/field/hex.ts';
import { describeWithVectors } from '../helpers/vectors.ts';
import {
  copy,
  file,
  flipByte,
  inputsOf,
  type Json,
  keyOf,
  proofsOf,
  read,
  readOne,
  refusal,
  SETS,
} from './real-proofs.ts';

/** VERIFIER_HASH of the contracts in succinctlabs/sp1-contracts. */
const VERIFIER_HASHES: Readonly<Record<string, string>> = {
  'v4.0.0-rc.3': '11b6a09d63d255ad425ee3a7f6211d5ec63fbde9805b40551c3136275b6f4eb4',
  'v5.0.0': 'a4594c59bbc142f3b81c3ecb7f50a7c34bc9af7c4c444b5d48b795427e285913',
  'v6.1.0': '4388a21c687fdd5f218d7e3d13190cac4c5355818d3605fd5fb811df468ee696',
};

const VERSION_SETS = [SETS.sp1v4, SETS.sp1v5, SETS.sp1v6];

describeWithVectors('SP1', (dir) => {
  const withValues = new Map<string, Json>(
    VERSION_SETS.map((set) => [
      set,
      proofsOf(dir, set).find((proof: Json) => proof.publicValues !== undefined),
    ]),
  );
  /** The form of SP1's project template: nothing to hold the recomputed inputs against. */
  const fixture = (set: string): Json => {
    const { vkey, publicValues, proofBytes } = withValues.get(set);
    return { vkey: `0x${vkey}`, publicValues: `0x${publicValues}`, proof: `0x${proofBytes}` };
  };
  const full = (set: string): Json => copy(withValues.get(set));
  const stated = (set: string): Json => withValues.get(set).public;

  it('the built-in keys hash to their selectors and are the keys of the vectors', () => {
    for (const [i, release] of SP1_RELEASES.entries()) {
      const digest = toHex(sha256(bytesOfHex(release.encodedKey)));
      expect(digest).toBe(VERIFIER_HASHES[release.version]);
      expect(digest.slice(0, 8)).toBe(release.selector);
      expect(sp1Key(release).id).toBe(readVerificationKey(keyOf(dir, VERSION_SETS[i] as string)).id);
    }
  });

  it.each(VERSION_SETS)('%s needs no key file and takes the usual forms', async (set) => {
    expect(inputsOf(await readOne(fixture(set)))).toEqual(stated(set));
    const { vkey, publicValues, proofBytes } = withValues.get(set);
    const forms: readonly Json[] = [
      { vkeyHash: vkey, public_values: publicValues, proof_bytes: proofBytes },
      {
        programVKey: `0x${vkey}`,
        publicValues: [...bytesOfHex(publicValues)],
        proofBytes: [...bytesOfHex(proofBytes)],
      },
      { vkey, publicValuesSha256: toHex(sha256(bytesOfHex(publicValues))), proofBytes },
    ];
    for (const form of forms) expect(inputsOf(fromSp1(form))).toEqual(stated(set));
  });

  it.each(VERSION_SETS)('%s: what the file states beside its claim must follow from it', async (set) => {
    const alterations: readonly [string, (proof: Json) => void, RegExp][] = [
      ['inputs', (p) => (p.public[0] = '1'), /public input 0 in the file/],
      ['inputs', (p) => p.public.push('0'), /the file states/],
      ['program key', (p) => (p.vkey = flipByte(p.vkey, 31)), /public input 0 in the file/],
      ['public values', (p) => (p.publicValues = flipByte(p.publicValues, 0)), /is not the hash/],
      ['hash', (p) => (p.publicValuesSha256 = flipByte(p.publicValuesSha256, 31)), /is not the hash/],
      ['selector', (p) => (p.selector = '00000000'), /the file states another/],
      ['selector in the bytes', (p) => (p.proofBytes = flipByte(p.proofBytes, 0)), /the file states another/],
      [
        'second proof',
        (p) => ([p.proof.pi_a, p.proof.pi_c] = [p.proof.pi_c, p.proof.pi_a]),
        /two different proofs/,
      ],
    ];
    for (const [what, alter, message] of alterations) {
      const altered = full(set);
      alter(altered);
      const error = await refusal(() => fromSp1(altered));
      expect(error, what).toBeInstanceOf(ProofFormatError);
      expect(error.message, what).toMatch(message);
    }
  });

  it.each(VERSION_SETS)(
    '%s: an altered claim without anything to compare with is a false proof',
    async (set) => {
      for (const alter of [
        (p: Json) => (p.publicValues = `0x${flipByte(p.publicValues.slice(2), 5)}`),
        (p: Json) => (p.vkey = `0x${flipByte(p.vkey.slice(2), 31)}`),
      ]) {
        const altered = fixture(set);
        alter(altered);
        expect(await refusal(() => readOne(altered))).toBeInstanceOf(FalseProofError);
      }
    },
  );

  it('a v6 proof of a failed run, of other circuits or with another nonce is refused', async () => {
    const withWord = (word: number, change: (hex: string) => string): Json => {
      const { vkey, publicValues, proofBytes } = withValues.get(SETS.sp1v6);
      const at = 8 + 64 * word;
      const changed = change(proofBytes.slice(at, at + 64));
      return {
        vkey,
        publicValues,
        proofBytes: proofBytes.slice(0, at) + changed + proofBytes.slice(at + 64),
      };
    };
    const failed = await refusal(() => readOne(withWord(0, (hex) => flipByte(hex, 31))));
    expect(failed).toBeInstanceOf(UnsupportedProofError);
    expect(failed.message).toMatch(/exit code 1/);
    const other = await refusal(() => readOne(withWord(1, (hex) => flipByte(hex, 31))));
    expect(other).toBeInstanceOf(ProofFormatError);
    expect(other.message).toMatch(/root of recursion keys/);
    expect(await refusal(() => readOne(withWord(2, (hex) => flipByte(hex, 31))))).toBeInstanceOf(
      FalseProofError,
    );
    const order = BN254.order.toString(16).padStart(64, '0');
    expect(await refusal(() => readOne(withWord(2, () => order)))).toBeInstanceOf(ScalarOutOfRangeError);
  });

  it('selectors are bound to their keys and layouts', async () => {
    const unknown = { ...fixture(SETS.sp1v5) };
    unknown.proof = `0x01020304${unknown.proof.slice(10)}`;
    const error = await refusal(() => fromSp1(unknown));
    expect(error).toBeInstanceOf(UnsupportedProofError);
    expect(error.message).toMatch(/no known release has selector 01020304/);

    const v4 = fixture(SETS.sp1v4);
    const asV5 = { ...v4, proof: `0xa4594c59${v4.proof.slice(10)}` };
    expect(await refusal(() => readOne(asV5))).toBeInstanceOf(FalseProofError);
    const asV6 = { ...v4, proof: `0x4388a21c${v4.proof.slice(10)}` };
    expect((await refusal(() => readOne(asV6))).message).toMatch(/356 bytes long/);

    const beside = file('verification_key.json', keyOf(dir, SETS.sp1v5));
    const clash = await refusal(() => read([file('proof.json', v4), beside]));
    expect(clash).toBeInstanceOf(ProofFormatError);
    expect(clash.message).toMatch(/stands for the key of v4/);
  });

  it('a release that is not built in is read under the key that the caller gives', async () => {
    const v5 = fixture(SETS.sp1v5);
    const renamed = { ...v5, proof: `0x01020304${v5.proof.slice(10)}` };
    expect(inputsOf(fromSp1(renamed, { verificationKey: keyOf(dir, SETS.sp1v5) }))).toEqual(
      stated(SETS.sp1v5),
    );

    const v6 = fixture(SETS.sp1v6);
    const newer = { ...v6, proof: `0x01020304${v6.proof.slice(10)}` };
    const key = keyOf(dir, SETS.sp1v6);
    const error = await refusal(() => readOne(newer, { key }));
    expect(error).toBeInstanceOf(UnsupportedProofError);
    expect(error.message).toMatch(/sp1\.vkRoot/);
    const { vkRoot } = SP1_RELEASES[2] as Json;
    expect(inputsOf(await readOne(newer, { key, sp1: { vkRoot } }))).toEqual(stated(SETS.sp1v6));
    const wrong = await refusal(() => readOne(newer, { key, sp1: { vkRoot: flipByte(vkRoot, 31) } }));
    expect(wrong.message).toMatch(/root of recursion keys/);
  });

  it.each([
    ['no proof', { proof: undefined }, /found only its claim/],
    ['no program key', { vkey: undefined }, /program's key hash/],
    ['no public values', { publicValues: undefined }, /expected publicValues/],
    ['a short proof', { proof: '0x11b6a09d00' }, /260 bytes/],
    ['letters', { publicValues: '0xzz' }, /hexadecimal/],
    ['a short program key', { vkey: '0x00' }, /expected 32 bytes/],
  ])('%s is refused, though inputs are stated', async (_, change, message) => {
    const error = await refusal(() =>
      readOne({ ...fixture(SETS.sp1v4), ...change, public: stated(SETS.sp1v4) }),
    );
    expect(error).toBeInstanceOf(ProofFormatError);
    expect(error.message).toMatch(message);
  });
});
