/**
 * SP1's Groth16 circuits by release. A proof starts with the release's selector: the first four bytes of the SHA-256 of
 * gnark's binary verification key, so each key below vouches for itself.
 */

import { BN254 } from '../curve/curve.ts';
import { bytesOfHex } from '../field/hex.ts';
import type { VerificationKey } from '../groth16/verification-key.ts';
import { readGnarkBinaryKey } from './gnark-binary.ts';

/** Settings for SP1 proofs. */
export interface Sp1Options {
  /**
   * Root of the recursion keys, 32 bytes in hexadecimal, for proofs of a release that is not built in and whose proofs
   * carry it (five public inputs). It decides what a proof means, so it is not taken from the proof.
   */
  readonly vkRoot?: string | undefined;
}

/** One release's circuit. */
export interface Sp1Release {
  readonly version: string;
  /** First four bytes of SHA-256 of {@link Sp1Release.encodedKey}, in hexadecimal. */
  readonly selector: string;
  /** gnark's compressed verification key in hexadecimal (`groth16_vk.bin` in succinctlabs/sp1, MIT or Apache-2.0). */
  readonly encodedKey: string;
  /** Root of the recursion keys (`VK_ROOT` in succinctlabs/sp1-contracts), for releases whose proofs carry it. */
  readonly vkRoot: string | undefined;
}

const V4_KEY =
  'ad4d9aa7e302d9df41749d5507949d05dbea33fbb16c643b22f599a2be6df2e2' +
  'e1a1575c2e494d3613e95e43b622318d9225c820e46acd08e8c987b44051195b' +
  'c967032fcbf776d1afc985f88877f182d38480a653f2decaa9794cbc3bf3060c' +
  '0e187847ad4c798374d0d6732bf501847dd68bc0e071241e0213bc7fc13db7ab' +
  '998e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2' +
  '1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed' +
  'c980d3486a83b99e6c876acec4d309746e28cd96fa8e01864daa84599384f354' +
  'a62eabe81511aa8e3034cbd75d42e708aa4ed80303fb0e4fb90cd0ff6e909213' +
  '2b65c9ae2605f3ef5540d3a64503c84fe5e1d9ec6eb1bd3a906bbc80830e8e54' +
  '00000003ced6e0c13f353262ae2dbbe49ce6a0b67576d38aaf5958564be76483' +
  '56830ef7db611b8f696f28ffb6250c7ffac66efbd638d97f0d6c843c23691c3a' +
  'f532c9e3a974086bde6c91267b201137cfe6ee8cd50ff0a3da861e808503e7df' +
  '4da87b8d0000000000000000';

const V5_KEY =
  'ad4d9aa7e302d9df41749d5507949d05dbea33fbb16c643b22f599a2be6df2e2' +
  'e1a1575c2e494d3613e95e43b622318d9225c820e46acd08e8c987b44051195b' +
  'c967032fcbf776d1afc985f88877f182d38480a653f2decaa9794cbc3bf3060c' +
  '0e187847ad4c798374d0d6732bf501847dd68bc0e071241e0213bc7fc13db7ab' +
  '998e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2' +
  '1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed' +
  'd8e5739a73d657e832a336791977332a4b96e5bbfdcb9903afe487db9aa6cb5d' +
  'dcc7cb8de715675f21f01ecc9b46d236e0865e0cc020024521998269845f74e6' +
  '03ff41f4ba0c37fe2caf27354d28e4b8f83d3b76777a63b327d736bffb0122ed' +
  '00000003a6091e1cafb0ad8a4ea0a694cd3743ebf524779233db734c451d28b5' +
  '8aa9758e861c3fd0fd3da25d2607c227d090cca750ed36c6ec878755e537c1c4' +
  '8951fb4c84eab241388a79817fe0e0e2ead0b2ec4ffdec51a16028dee020634f' +
  'd129e71c0000000000000000';

const V6_KEY =
  'e1c7d728a5fd961fc179ec5eab938f564deba5b271e1c90c2c29a79648418fc1' +
  '82e78e216b27cb2b30abd22d17fb65b747ad8050d18e543498522d01a2c3fe79' +
  'dc3c9339849225980c7d3f824f80d19e2a9c2554b6ab2160fa9635528f693fc0' +
  '0d964538da2653f2e62499571e6c78afb8909d3ea8107f306bd6928253680a3a' +
  '998e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2' +
  '1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed' +
  'd7e00b2ca4f62668135017ed8a68894e104ac26dfd9bf376634b42af9e5ae50e' +
  '91b7e9276171bb0efd647fc63e38bbfba3076f20daca8cd52bcc7284d9b1c6eb' +
  '1723616533dd6ae53502c9c506a81f23f543d68750b5133ebfbe1f4746b3b011' +
  '00000006acd6bf7f164af0b6b0bbbe0fdcb06ee0c1ba07f8e6eb2f9f3943a90c' +
  'b1d402908f5460f3b7221705435e745da21e276536379c0113c13c4255e7ae10' +
  '1f1e90bf8b0ae6e491bc04c544da9e8cd4857d201b4cfa0222dbe96aac97f044' +
  'fdf1c922c97c875a6ebd0999b06e7267ff3d8a6bf859bb9635abae07cb6b3534' +
  'ba409a839807204ddcd27506ba72e17b55227b0bf310136ecb40c74acd52f3cc' +
  'fbcba9f7808c7b7c98d78c07a2c4be5f6be7082ba41021611f9a2dfc016f8bbb' +
  '37d36bee0000000000000000';

/** Built-in releases, oldest first. */
export const SP1_RELEASES: readonly Sp1Release[] = [
  { version: 'v4.0.0-rc.3', selector: '11b6a09d', encodedKey: V4_KEY, vkRoot: undefined },
  { version: 'v5.0.0', selector: 'a4594c59', encodedKey: V5_KEY, vkRoot: undefined },
  {
    version: 'v6.1.0',
    selector: '4388a21c',
    encodedKey: V6_KEY,
    vkRoot: '002f850ee998974d6cc00e50cd0814b098c05bfade466d28573240d057f25352',
  },
];

const keys = new Map<string, VerificationKey>();

/** The release's verification key, read and checked on first use. */
export function sp1Key({ selector, encodedKey }: Sp1Release): VerificationKey {
  let key = keys.get(selector);
  if (!key) {
    key = readGnarkBinaryKey(bytesOfHex(encodedKey), BN254);
    keys.set(selector, key);
  }
  return key;
}
