/** RISC Zero's production verification key (BN254, five inputs), the same since May 2024. */

import { bytesOfHex } from '../field/hex.ts';
import { decodeVerificationKey, type VerificationKey } from '../groth16/verification-key.ts';

/**
 * {@link VerificationKey.encoded} of the key in `contracts/src/groth16/Groth16Verifier.sol` of risc0/risc0-ethereum. Every
 * built-in selector follows from it (risc0-parameters.ts), which the tests recompute.
 */
const ENCODED =
  '0106000000' +
  'ad4d9aa7e302d9df41749d5507949d05dbea33fbb16c643b22f599a2be6df2e2' +
  'c967032fcbf776d1afc985f88877f182d38480a653f2decaa9794cbc3bf3060c' +
  '0e187847ad4c798374d0d6732bf501847dd68bc0e071241e0213bc7fc13db7ab' +
  '998e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2' +
  '1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed' +
  '83b03cd5effa95ac9bee94f1f5ef907157bda4812ccf0b4c91f42bb629f83a1c' +
  '1aa085ff28179a12d922dba0547057ccaae94b9d69cfaa4e60401fea7f3e0333' +
  '92ac9a25dcd5e1a832a9061a082c15dd1d61aa9c4d553505739d0f5d65dc3be4' +
  'c707b920bc978c02f292fae2036e057be54294114ccc3c8769d883f688a1423f' +
  'cbca36e2cbe6394b3e249751853f961511011c7148e336f4fd974644850fc347' +
  'db8af999dbfbb3927c091cc2aaf201e488cbacc3e2c6b6fb5a25f9112e04f2a7' +
  'eb5f494ed674235b8ac1750bdfd5a7615f002d4a1dcefeddd06eda5a076ccd0d' +
  'cf1c3c0d5d9da0fa03666843cde4e82e869ba5252fce3c25d5940320b1c4d493';

let key: VerificationKey | undefined;

/** The production key, read and checked on first use. */
export function risc0Key(): VerificationKey {
  key ??= decodeVerificationKey(bytesOfHex(ENCODED));
  return key;
}
