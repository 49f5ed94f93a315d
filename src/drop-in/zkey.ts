/** `zKey` as snarkjs has it, as far as it concerns proving. */

import { type SnarkjsKeyJson, snarkjsCurveName, writeSnarkjsKey } from '../coprocessors/snarkjs-write.ts';
import { type FileArgument, withFile } from '../groth16/files/file-argument.ts';
import { openZkey } from '../groth16/files/zkey.ts';
import type { Logger } from './logger.ts';

/** What the head of a proving key says. */
export interface ZkeyDescription {
  readonly protocol: 'groth16';
  /** snarkjs' name of the curve. */
  readonly curve: string;
  /** Wires, the constant 1 included: values in a witness. */
  readonly nVars: number;
  /** Public signals, outputs included. */
  readonly nPublic: number;
  /** Rows of the circuit, padded to a power of two. */
  readonly domainSize: number;
  /** Coefficients in the circuit's matrices A and B. */
  readonly nCoefficients: number;
  readonly bytes: number;
}

/** The verification key of a proving key. Throws ProvingKeyError, UnsupportedProofError or a point error. */
async function exportVerificationKey(zkey: FileArgument, logger?: Logger): Promise<SnarkjsKeyJson> {
  return withFile(zkey, 'Proving key', undefined, async (source) => {
    const reader = await openZkey(source);
    logger?.info?.('> Detected protocol: groth16');
    return writeSnarkjsKey(await reader.verificationKey());
  });
}

/** Reads the head of a proving key and nothing else. Throws ProvingKeyError or UnsupportedProofError. */
async function info(zkey: FileArgument): Promise<ZkeyDescription> {
  return withFile(zkey, 'Proving key', undefined, async (source) => {
    const { curve, wireCount, publicCount, domainSize, coefficientCount } = (await openZkey(source)).info;
    return {
      protocol: 'groth16',
      curve: snarkjsCurveName(curve),
      nVars: wireCount,
      nPublic: publicCount,
      domainSize,
      nCoefficients: coefficientCount,
      bytes: source.size,
    };
  });
}

/** Proving keys. */
export const zKey: {
  readonly exportVerificationKey: typeof exportVerificationKey;
  readonly info: typeof info;
} = { exportVerificationKey, info };
