/** snarkjs as the oracle of proofs, on both curves, with blinding of our choice. */

import { type SnarkjsProof, type SnarkjsVerificationKey, snarkjs } from '../../examples/lib/snarkjs.ts';
import type { Curve } from '../../src/curve/curve.ts';
import type { Blinding } from '../../src/groth16/prover/blinding.ts';

interface PeerCurve {
  Fr: { random(): Uint8Array; e(value: bigint): Uint8Array };
  terminate(): Promise<void>;
}

const getCurve = snarkjs.curves.getCurveFromName as unknown as (name: string) => Promise<PeerCurve>;
const nameOf = (curve: Curve): string => (curve.name === 'bn254' ? 'bn128' : 'bls12381');

/** What snarkjs proves with this blinding. */
export async function peerProof(
  curve: Curve,
  zkey: Uint8Array,
  wtns: Uint8Array,
  { r, s }: Blinding,
): Promise<{ proof: SnarkjsProof; publicSignals: string[] }> {
  const { Fr } = await getCurve(nameOf(curve));
  const { random } = Fr;
  const drawn = [r, s];
  Fr.random = () => Fr.e(drawn.shift() as bigint);
  try {
    return await snarkjs.groth16.prove(zkey, { type: 'mem', data: wtns });
  } finally {
    Fr.random = random;
  }
}

/** Whether snarkjs takes a proof. */
export function peerVerify(key: object, publicSignals: string[], proof: object): Promise<boolean> {
  return snarkjs.groth16.verify(key as SnarkjsVerificationKey, publicSignals, proof as SnarkjsProof);
}

/** Ends the threads that snarkjs keeps. */
export async function endPeers(): Promise<void> {
  const shared = globalThis as { curve_bn128?: PeerCurve | null; curve_bls12381?: PeerCurve | null };
  await shared.curve_bn128?.terminate();
  await shared.curve_bls12381?.terminate();
}
