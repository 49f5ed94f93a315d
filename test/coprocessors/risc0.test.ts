import { sha256 } from '@noble/hashes/sha2.js';
import { expect, it } from 'vitest';
import { fromRisc0 } from '../../src/coprocessors/risc0.ts';
import { outputDigest, systemStateDigest } from '../../src/coprocessors/risc0-claim.ts';
import { risc0KeyDigest, taggedStruct } from '../../src/coprocessors/risc0-digest.ts';
import { risc0Key } from '../../src/coprocessors/risc0-key.ts';
import {
  earlyParametersDigest,
  parametersDigest,
  RISC0_RELEASES,
} from '../../src/coprocessors/risc0-parameters.ts';
import { readVerificationKey } from '../../src/coprocessors/verification-keys.ts';
import { FalseProofError, ProofFormatError, UnsupportedProofError } from '../../src/errors.ts';
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

/** Digests that risc0-ethereum lists in contracts/src/selector.rs. */
const PUBLISHED_DIGESTS: Readonly<Record<string, string>> = {
  '1.1': '50bd1769093e74abda3711c315d84d78e3e282173f6304a33272d92abb590ef5',
  '1.2': 'c101b42bcacd62e35222b1207223250814d05dd41d41f8cadc1f16f86707ae15',
  '2.0': '9f39696cb3ae9d6038d6b7a55c09017f0cf35e226ad7582b82dbabb0dae53385',
  '2.1': 'f536085a791bdbc6cb46ab3074f88e9e94eabb192de8daca3caee1f4ed811b08',
  '2.2': 'bb001d444841d70e8bc0c7d034b349044bf3cf0117afb702b2f1e898b7dd13cc',
  '3.0': '73c457ba541936f0d907daf0c7253a39a9c5c427c225ba7709e44702d3c6eedc',
  '5.0': 'c27d1bc08c9adc5820848451eb66a7c38d57a9dfb665b8e68e2f963106bd138c',
};

/** A digest as serde writes it: eight little-endian words. */
function words(hex: string): number[] {
  const bytes = bytesOfHex(hex);
  const view = new DataView(bytes.buffer);
  return Array.from({ length: 8 }, (_, i) => view.getUint32(4 * i, true));
}

const ZERO = '00'.repeat(32);

describeWithVectors('RISC Zero', (dir) => {
  const receipts = proofsOf(dir, SETS.risc0);
  const receipt = (i = 0): Json => copy(receipts[i]);
  /** Only the receipt's own fields: nothing in the file to hold the recomputed inputs against. */
  const bare = (i = 0): Json => {
    const { seal, imageId, journal, postStateDigest } = receipt(i);
    return { seal, imageId, journal, postStateDigest };
  };
  const serde = (i = 0): Json => {
    const { seal, imageId, journal } = receipt(i);
    const selector = seal.slice(0, 8);
    const release = RISC0_RELEASES.find((known) => known.selector === selector);
    const parameters = words(toHex(parametersDigest(release as Json, risc0KeyDigest(risc0Key()))));
    const claim = {
      pre: { Pruned: words(imageId) },
      post: { Value: { pc: 0, merkle_root: words(ZERO) } },
      exit_code: { Halted: 0 },
      input: { Value: null },
      output: { Value: { journal: { Value: [...bytesOfHex(journal)] }, assumptions: { Value: [] } } },
    };
    return {
      inner: {
        Groth16: {
          seal: [...bytesOfHex(seal.slice(8))],
          claim: { Value: claim },
          verifier_parameters: parameters,
        },
      },
      journal: { bytes: [...bytesOfHex(journal)] },
      metadata: { verifier_parameters: [...parameters] },
    };
  };

  it('the built-in key is the production key', () => {
    expect(risc0Key().id).toBe(readVerificationKey(keyOf(dir, SETS.risc0)).id);
  });

  it('every built-in selector follows from its parameters and the key', () => {
    const keyDigest = risc0KeyDigest(risc0Key());
    for (const release of RISC0_RELEASES) {
      // Before 1.0.0-rc.6 the digest had another tag and took the control id unreversed.
      const digestOf = release.selector === '7e664fbd' ? earlyParametersDigest : parametersDigest;
      const digest = toHex(digestOf(release, keyDigest));
      expect(digest.slice(0, 8), release.version).toBe(release.selector);
      if (release.version in PUBLISHED_DIGESTS) expect(digest).toBe(PUBLISHED_DIGESTS[release.version]);
    }
    expect(new Set(RISC0_RELEASES.map(({ selector }) => selector)).size).toBe(RISC0_RELEASES.length);
  });

  it('the structured hash gives what risc0-binfmt tests for', () => {
    const foo = taggedStruct('foo', [], [1, 2013265920, 3]);
    const bar = taggedStruct('bar', [foo, foo], [2013265920, 5]);
    expect(toHex(taggedStruct('baz', [foo, bar, foo], [6, 7, 2013265920, 9, 10]))).toBe(
      '9ff20cc6d365efa2af09181772f49013d05cdee6da896851614cae23aa5dd442',
    );
    expect(toHex(systemStateDigest())).toBe(receipts[23].postStateDigest);
  });

  it('receipts need no key file, no params and no stated inputs', () => {
    for (const i of receipts.keys()) expect(inputsOf(fromRisc0(bare(i)))).toEqual(receipts[i].public);
  });

  it('the claim may be given as its digest, or with the digest of the journal', async () => {
    const { seal, claimDigest, imageId } = receipt();
    expect(inputsOf(await readOne({ seal: `0x${seal}`, claimDigest: `0x${claimDigest}` }))).toEqual(
      receipts[0].public,
    );
    const journalDigest = toHex(sha256(bytesOfHex(receipts[0].journal)));
    expect(inputsOf(fromRisc0({ seal, imageId, journalDigest }))).toEqual(receipts[0].public);
    const wrong = await refusal(() => fromRisc0({ ...bare(), journalDigest: flipByte(journalDigest, 0) }));
    expect(wrong.message).toMatch(/journalDigest is/);
    const half = await refusal(() => fromRisc0({ seal, claimDigest, imageId }));
    expect(half.message).toMatch(/Half a claim/);
  });

  it('a seal without selector is read with what else names the release', () => {
    const { public: inputs, params, selector } = receipts[0];
    const seal = receipts[0].seal.slice(8);
    const known = RISC0_RELEASES.find((release) => release.selector === selector) as Json;
    for (const naming of [{ selector }, { params }, { verifierParameters: PUBLISHED_DIGESTS['2.0'] }]) {
      expect(inputsOf(fromRisc0({ ...bare(), seal, ...naming }))).toEqual(inputs);
    }
    expect(inputsOf(fromRisc0({ ...bare(), seal }, { parameters: [known] }))).toEqual(inputs);
    expect(() => fromRisc0({ ...bare(), seal })).toThrow(/nothing says which release/);
  });

  it('the JSON of a Rust receipt is read, and recomputed from its claim', async () => {
    expect(inputsOf(await readOne(serde()))).toEqual(receipts[0].public);
    const pruned = serde();
    pruned.inner.Groth16.claim = { Pruned: words(receipts[0].claimDigest) };
    pruned.imageId = receipts[0].imageId;
    expect(inputsOf(await readOne(pruned))).toEqual(receipts[0].public);
    delete pruned.imageId;
    expect((await refusal(() => readOne(pruned))).message).toMatch(/Half a claim/);
    const early = serde();
    early.inner.Groth16.claim.Value.input = words(ZERO);
    early.inner.Groth16.claim.Value.output = {
      Pruned: words(toHex(outputDigest(sha256(bytesOfHex(receipts[0].journal))))),
    };
    expect(inputsOf(await readOne(early))).toEqual(receipts[0].public);
  });

  const alterations: readonly [string, (serde: Json) => void, RegExp][] = [
    ['journal', (r) => r.journal.bytes.push(0), /claim\.output is/],
    ['image id', (r) => Object.assign(r, { imageId: ZERO }), /imageId is/],
    ['metadata', (r) => (r.metadata.verifier_parameters[0] ^= 1), /name different releases/],
    [
      'kind',
      (r) => Object.assign(r, { inner: { Succinct: {} } }),
      /expected a Groth16 receipt, got Succinct/,
    ],
    [
      'exit code',
      (r) => (r.inner.Groth16.claim.Value.exit_code = { Halted: 1 }),
      /exit code \(system 0, user 1\)/,
    ],
    ['split', (r) => (r.inner.Groth16.claim.Value.exit_code = 'SystemSplit'), /has no output/],
    ['input', (r) => (r.inner.Groth16.claim.Value.input = { Value: {} }), /expected null/],
    [
      'assumptions',
      (r) =>
        r.inner.Groth16.claim.Value.output.Value.assumptions.Value.push({
          Value: { claim: words(ZERO), control_root: words(ZERO) },
        }),
      /assumptions that were not resolved/,
    ],
  ];
  it.each(alterations)('a Rust receipt with another %s is refused', async (_, alter, message) => {
    const altered = serde();
    alter(altered);
    expect((await refusal(() => readOne(altered))).message).toMatch(message);
  });

  it('what the file states beside its claim must follow from it', async () => {
    const stated: readonly [string, (r: Json) => void, RegExp][] = [
      ['inputs', (r) => (r.public[2] = '1'), /public input 2 in the file/],
      ['count of inputs', (r) => r.public.pop(), /has 5 public inputs, the file states 4/],
      ['claim digest', (r) => (r.claimDigest = flipByte(r.claimDigest, 0)), /claimDigest is/],
      ['journal', (r) => (r.journal = flipByte(r.journal, 0)), /claimDigest is/],
      ['image id', (r) => (r.imageId = flipByte(r.imageId, 31)), /claimDigest is/],
      ['final state', (r) => (r.postStateDigest = ZERO), /claimDigest is/],
      [
        'params',
        (r) => (r.params.controlRoot = flipByte(r.params.controlRoot, 0)),
        /params in the file are not/,
      ],
      ['selector', (r) => (r.selector = 'bb001d44'), /name different releases/],
      ['second proof', (r) => (r.proof = receipts[1].proof), /two different proofs/],
    ];
    for (const [what, alter, message] of stated) {
      const altered = receipt();
      alter(altered);
      const error = await refusal(() => fromRisc0(altered));
      expect(error, what).toBeInstanceOf(ProofFormatError);
      expect(error.message, what).toMatch(message);
    }
  });

  it('an altered claim without a digest to compare with is a false proof', async () => {
    for (const alter of [
      (r: Json) => (r.journal = flipByte(r.journal, 3)),
      (r: Json) => (r.imageId = flipByte(r.imageId, 3)),
      (r: Json) => (r.postStateDigest = ZERO),
    ]) {
      const altered = bare();
      alter(altered);
      expect(await refusal(() => readOne(altered))).toBeInstanceOf(FalseProofError);
    }
    const failed = { ...bare(), exitCode: 1 };
    expect(await refusal(() => readOne(failed))).toBeInstanceOf(UnsupportedProofError);
    expect(await refusal(() => readOne(failed, { risc0: { anyExit: true } }))).toBeInstanceOf(
      FalseProofError,
    );
  });

  it('a receipt cannot bring its own parameters', async () => {
    const params = { controlRoot: flipByte(receipts[0].params.controlRoot, 0), bn254ControlId: ZERO };
    const selector = toHex(parametersDigest(params, risc0KeyDigest(risc0Key()))).slice(0, 8);
    const forged = { ...bare(), seal: selector + receipts[0].seal.slice(8), params };
    const error = await refusal(() => fromRisc0(forged));
    expect(error).toBeInstanceOf(UnsupportedProofError);
    expect(error.message).toMatch(/not taken from the receipt/);
    expect(inputsOf(fromRisc0(forged, { parameters: [params] }))[4]).toBe('0');
  });

  it('selectors of other releases, of fake and of set inclusion receipts are refused', async () => {
    const withSelector = (selector: string): Json => ({
      ...bare(),
      seal: selector + receipts[0].seal.slice(8),
    });
    expect(await refusal(() => readOne(withSelector('bb001d44')))).toBeInstanceOf(FalseProofError);
    expect((await refusal(() => readOne(withSelector('01020304')))).message).toMatch(
      /no known parameter set/,
    );
    expect((await refusal(() => readOne(withSelector('ffffffff')))).message).toMatch(/fake receipt/);
    expect((await refusal(() => readOne(withSelector('242f9d5b')))).message).toMatch(/set inclusion receipt/);
  });

  it('another key than the production key is refused for its selectors', async () => {
    const other = keyOf(dir, SETS.risc0);
    other.IC[5] = other.IC[4];
    const error = await refusal(() =>
      read([file('a.json', receipt()), file('verification_key.json', other)]),
    );
    expect(error).toBeInstanceOf(ProofFormatError);
    expect(error.message).toMatch(/production key/);
    const shape = await refusal(() => fromRisc0(bare(), { verificationKey: keyOf(dir, SETS.sp1v5) }));
    expect(shape.message).toMatch(/5 public inputs/);
  });

  it.each([
    ['no seal', { seal: undefined }, /hexadecimal/],
    ['half a seal', { seal: '00'.repeat(128) }, /256 bytes/],
    ['a seal of letters', { seal: 'zz'.repeat(256) }, /hexadecimal/],
    ['a short image id', { imageId: '00' }, /expected 32 bytes/],
    ['a strange exit code', { exitCode: { Crashed: 1 } }, /exit code/],
    ['a huge exit code', { exitCode: 2 ** 32 }, /below 2\^32/],
    ['no claim', { imageId: undefined, journal: undefined }, /got none of them/],
  ])('%s is refused', async (_, change, message) => {
    const error = await refusal(() => readOne({ ...bare(), ...change, public: receipts[0].public }));
    expect(error).toBeInstanceOf(ProofFormatError);
    expect(error.message).toMatch(message);
  });
});
