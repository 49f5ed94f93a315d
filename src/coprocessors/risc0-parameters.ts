/**
 * RISC Zero verifier parameters: which zkVM release a receipt was made with. A parameter set is two digests that go into
 * the proof's public inputs, so it decides what the proof means; sets are therefore pinned here or given by the caller,
 * and never taken from a receipt. A receipt names its set by a digest or by the digest's first four bytes, the selector.
 */

import { equalBytes } from '../field/bytes.ts';
import { bytesOfHex } from '../field/hex.ts';
import { taggedStruct } from './risc0-digest.ts';

/** One parameter set, digests in hexadecimal as in risc0-ethereum's `ControlID.sol`. */
export interface Risc0Parameters {
  /** Root of the recursion programs that the release accepts, 32 bytes. */
  readonly controlRoot: string;
  /** Control id of the BN254 identity program as an integer, 32 bytes big-endian (Rust keeps the bytes reversed). */
  readonly bn254ControlId: string;
}

/**
 * How far RISC Zero stands by a set. `withdrawn`: its circuits proved false statements and the verifiers were stopped
 * (GHSA-g3qg-6746-3mg9); `candidate`: never in a release.
 */
export type Risc0Stage = 'release' | 'withdrawn' | 'candidate';

/** A parameter set that is built in. */
export interface Risc0Release extends Risc0Parameters {
  /** First four bytes of the parameters' digest, in hexadecimal. */
  readonly selector: string;
  /** Release of risc0-ethereum, or the day a candidate was made. */
  readonly version: string;
  readonly stage: Risc0Stage;
}

/** Settings for RISC Zero receipts. */
export interface Risc0Options {
  /** Parameter sets to accept beside the built-in ones, such as those of a release newer than this library. */
  readonly parameters?: readonly Risc0Parameters[] | undefined;
  /** Takes receipts of runs that halted or paused with a code other than 0 too. Default: refuse them, as RISC Zero does. */
  readonly anyExit?: boolean | undefined;
}

const CONTROL_ID_2024_05 = '10ff834dbef62ccbba201ecd26a772e3036a075aacbaf47200679a11dcdcf10d';
const CONTROL_ID_2024_06 = '0eb6febcf06c5df079111be116f79bd8c7e85dc9448776ef9a59aaf2624ab551';
const CONTROL_ID_2024_08 = '05a022e1db38457fb510bc347b30eb8f8cf3eda95587653d0eac19e1f10d164e';
const CONTROL_ID_2024_11 = '04446e66d300eb7fb45c9726bb53c793dda407a62e9601618bb43c5c14657ac0';

function set(
  selector: string,
  version: string,
  stage: Risc0Stage,
  controlRoot: string,
  bn254ControlId: string = CONTROL_ID_2024_11,
): Risc0Release {
  return { selector, version, stage, controlRoot, bn254ControlId };
}

/**
 * Built-in parameter sets, oldest first: the history of `contracts/src/groth16/ControlID.sol` in risc0/risc0-ethereum
 * (Apache-2.0) since the production key, as far as a receipt is public that verifies under the set.
 */
export const RISC0_RELEASES: readonly Risc0Release[] = [
  set(
    '7e664fbd',
    '2024-05-22',
    'candidate',
    'f20ad519aa71da4673c7392b30706a563380b81dabcb753babd679312397ac6e',
    CONTROL_ID_2024_05,
  ),
  set(
    'f7ca3f2c',
    '1.0.0-rc.6',
    'candidate',
    '2c4aec26b74fdb27cd637d6106cfd64f6222aa55de73cd2b73189315b901ca09',
    CONTROL_ID_2024_05,
  ),
  set(
    '310fe598',
    '1.0',
    'release',
    'a516a057c9fbf5629106300934d48e0e775d4230e41e503347cad96fcbde7e2e',
    CONTROL_ID_2024_06,
  ),
  set(
    'c9faac19',
    '2024-06-25',
    'candidate',
    'c43de805675563551857de3ee487c5167a26141467196700f43eb51f9c0ef505',
    CONTROL_ID_2024_06,
  ),
  set(
    '4c630d87',
    '1.1.0-rc.2',
    'candidate',
    '9a3767040e4cf554112afa68bc043274a8636a06565e1d5e2b7fa90fda941218',
    CONTROL_ID_2024_08,
  ),
  set(
    '50bd1769',
    '1.1',
    'release',
    '8b6dcf11d463ac455361b41fb3ed053febb817491bdea00fdb340e45013b852e',
    CONTROL_ID_2024_08,
  ),
  set('c101b42b', '1.2', 'release', '8cdad9242664be3112aba377c5425a4df735eb1c6966472b561d2855932c0469'),
  set(
    '78f5c1dc',
    '2025-01-23',
    'candidate',
    'ffe166017b1ab460995b45510524c60e3756344feff2414f44cda25c33a78058',
  ),
  set(
    '0168e42c',
    '2025-02-10',
    'candidate',
    'd640cb16af201a715881c24d3e884718d56fa752fb5da55f2547f5295403d650',
  ),
  set(
    '0807fd45',
    '2025-02-13',
    'candidate',
    '91d639615549c55dc491e60a5c3d9d301c364549c3372023fddbf406202af45b',
  ),
  set(
    '922fe23d',
    '1.4.0-rc.1',
    'candidate',
    '6fcbfc564e08874a235c181e75bb53547402b116957f700497bf482e08060a15',
  ),
  set(
    '14da014b',
    '2.0.0-rc.2',
    'candidate',
    '1193543e87956d31c39a87145e84332461dab71dc450b74507381f2d18e43447',
  ),
  set(
    'ff146928',
    '2025-03-20',
    'candidate',
    'f709b76b730c1d31d748c9763745482e8e37f256c07b5e5682d1a45b76746519',
  ),
  set('9f39696c', '2.0', 'withdrawn', '539032186827b06719244873b17b2d4c122e2d02cfb1994fe958b2523b844576'),
  set('f536085a', '2.1', 'withdrawn', '884389273e128b32475b334dec75ee619b77cb33d41c332021fe7e44c746ee60'),
  set('bb001d44', '2.2', 'release', 'ce52bf56033842021af3cf6db8a50d1b7535c125a34f1a22c6fdcf002c5a1529'),
  set('73c457ba', '3.0', 'release', 'a54dc85ac99f851c92d7c96d7318af41dbe7c0194edfcc37eb4d422a998c1f56'),
  set(
    '7f3d0102',
    '2025-10-01',
    'candidate',
    'c9cd2d004642e46838bdef0c4f426d2608af844fd193ee594658ce5947faa218',
  ),
  set(
    'a7b87ed1',
    '2025-11-14',
    'candidate',
    'eaa9781258978a50eedc56067be88673133e41277ab2fa3ed477e7598886413b',
  ),
  set(
    '8875b7f3',
    '2025-12-19',
    'candidate',
    'ab0e9172f4306b6a3b2250055036565c2421683b39ee6c20366d17350756ad19',
  ),
  set('c27d1bc0', '5.0', 'release', 'b1f64013f70bbb386a8b3a3d63552c5cb5ea4a549ec7fb1ecc2a031dbf488167'),
];

/** Selectors of RISC Zero receipts that are no Groth16 proofs (risc0-ethereum, `selector.rs`). */
const OTHER_RECEIPTS: ReadonlyMap<string, string> = new Map([
  ['ffffffff', 'a fake receipt, made for development without any proof'],
  ...['bfca9ccb', '16a15cc8', 'f443ad7b', 'f2e6e6dc', '80479d24', '0f63ffd5', '242f9d5b'].map(
    (selector): [string, string] => [
      selector,
      'a set inclusion receipt, a Merkle path and not a proof of its own',
    ],
  ),
]);

/** What else than a Groth16 receipt a selector stands for, or undefined. */
export function otherRisc0Receipt(selector: string): string | undefined {
  return OTHER_RECEIPTS.get(selector);
}

/** Digest of a parameter set under a key digest (`Groth16ReceiptVerifierParameters::digest`). */
export function parametersDigest(parameters: Risc0Parameters, keyDigest: Uint8Array): Uint8Array {
  return taggedStruct('risc0.Groth16ReceiptVerifierParameters', [
    bytesOfHex(parameters.controlRoot),
    bytesOfHex(parameters.bn254ControlId).reverse(),
    keyDigest,
  ]);
}

/** The same until 1.0.0-rc.6, when the structure had another name and the control id went in unreversed. */
export function earlyParametersDigest(parameters: Risc0Parameters, keyDigest: Uint8Array): Uint8Array {
  return taggedStruct('risc0.CompactReceiptVerifierParameters', [
    bytesOfHex(parameters.controlRoot),
    bytesOfHex(parameters.bn254ControlId),
    keyDigest,
  ]);
}

/** Whether a digest, or its first bytes, names the parameter set. */
export function namesParameters(
  name: Uint8Array,
  parameters: Risc0Parameters,
  keyDigest: Uint8Array,
): boolean {
  return [parametersDigest, earlyParametersDigest].some((digestOf) =>
    equalBytes(digestOf(parameters, keyDigest).subarray(0, name.length), name),
  );
}

/** One line per built-in set, for messages. */
export function describeRisc0Releases(): string {
  return RISC0_RELEASES.map(({ selector, version }) => `${selector} (${version})`).join(', ');
}
