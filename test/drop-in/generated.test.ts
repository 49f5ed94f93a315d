/** Proofs of generated circuits: equal to those of snarkjs byte for byte, and verified by both. */

import { afterAll, describe, expect, it } from 'vitest';
import { snarkjs } from '../../examples/lib/snarkjs.ts';
import { createReferenceBackend } from '../../src/backend/reference/reference-backend.ts';
import { BLS12_381, BN254, type Curve } from '../../src/curve/curve.ts';
import { randomScalar } from '../../src/field/random.ts';
import { groth16, zKey } from '../../src/index.ts';
import type { CircuitKind } from '../helpers/synthetic-circuit.ts';
import { circuitFiles } from './circuits.ts';
import { endPeers, peerProof, peerVerify } from './peer.ts';

afterAll(endPeers);

type Case = readonly [curve: Curve, kind: CircuitKind, constraints: number, publics: number];

const CASES: readonly Case[] = [
  [BN254, 'dense', 1, 0],
  [BN254, 'sparse', 2, 1],
  [BN254, 'dense', 5, 2],
  [BN254, 'sparse', 63, 0],
  [BN254, 'dense', 200, 55],
  [BN254, 'sparse', 4000, 40],
  [BLS12_381, 'dense', 1, 0],
  [BLS12_381, 'sparse', 6, 1],
  [BLS12_381, 'sparse', 120, 0],
  [BLS12_381, 'dense', 500, 11],
];

describe('proofs of generated circuits', () => {
  it.each(CASES.map(([curve, ...rest]) => [curve.name, ...rest, curve] as const))(
    'on %s, %s, %i constraints, %i public inputs',
    async (_, kind, constraints, publics, curve) => {
      const { zkey, wtns, witness } = await circuitFiles({ curve, kind, constraints, publics });
      const key = await zKey.exportVerificationKey(zkey);
      const signals = witness.slice(1, publics + 1).map(String);

      const blinding = { r: randomScalar(curve.order), s: randomScalar(curve.order) };
      const own = await groth16.prove(zkey, wtns, undefined, { insecureBlinding: blinding });
      const theirs = await peerProof(curve, zkey, wtns, blinding);
      expect(own.proof).toEqual(theirs.proof);
      expect(JSON.stringify(own)).toBe(JSON.stringify(theirs));
      expect(own.publicSignals).toEqual(signals);

      const fresh = await groth16.prove(zkey, wtns);
      expect(fresh.proof).not.toEqual(own.proof);
      for (const { proof } of [own, fresh]) {
        expect(await peerVerify(key, signals, proof)).toBe(true);
        expect(await groth16.verify(key, signals, proof)).toBe(true);
      }
      if (publics > 0) {
        const other = signals.with(-1, String(BigInt(signals.at(-1) as string) + 1n));
        expect(await peerVerify(key, other, fresh.proof)).toBe(false);
        expect(await groth16.verify(key, other, fresh.proof)).toBe(false);
      }
    },
  );

  it('are the same without blinding, and on the reference backend', async () => {
    const { zkey, wtns } = await circuitFiles({ curve: BN254, kind: 'dense', constraints: 12, publics: 3 });
    for (const insecureBlinding of [
      { r: 0n, s: 0n },
      { r: 5n, s: BN254.order - 1n },
    ]) {
      const own = await groth16.prove(zkey, wtns, undefined, { insecureBlinding });
      const reference = await groth16.prove(zkey, wtns, undefined, {
        insecureBlinding,
        backend: createReferenceBackend(BN254),
      });
      expect(own).toEqual(reference);
      expect(own).toEqual(await peerProof(BN254, zkey, wtns, insecureBlinding));
    }
  });

  it('of 2^16 rows', async () => {
    const constraints = 2 ** 16 - 2;
    const { zkey, wtns } = await circuitFiles({ curve: BN254, kind: 'sparse', constraints, publics: 1 });
    const key = await zKey.exportVerificationKey(zkey);
    const blinding = { r: randomScalar(BN254.order), s: randomScalar(BN254.order) };
    const own = await groth16.prove(zkey, wtns, undefined, { insecureBlinding: blinding });
    expect(own).toEqual(await peerProof(BN254, zkey, wtns, blinding));
    expect(await peerVerify(key, own.publicSignals, own.proof)).toBe(true);
  }, 120_000);
});

describe('verification keys of generated circuits', () => {
  it.each([BN254, BLS12_381])('are exported as snarkjs exports them, on $name', async (curve) => {
    const { zkey } = await circuitFiles({ curve, kind: 'dense', constraints: 9, publics: 2 });
    const own = await zKey.exportVerificationKey(zkey);
    const theirs = await snarkjs.zKey.exportVerificationKey(zkey);
    expect(own.vk_alphabeta_12).toEqual(theirs.vk_alphabeta_12);
    expect(JSON.stringify(own)).toBe(JSON.stringify(theirs));
  });
});
