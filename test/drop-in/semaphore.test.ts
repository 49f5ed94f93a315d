/** Semaphore: real keys of a production ceremony, from inputs to proofs that both sides verify. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { snarkjs } from '../../examples/lib/snarkjs.ts';
import { CircuitInputError } from '../../src/errors.ts';
import { type CircuitInputs, groth16, loadProvingKey, loadWitnessGenerator } from '../../src/index.ts';
import { describeWithVectors } from '../helpers/vectors.ts';
import { endPeers, peerVerify } from './peer.ts';

afterAll(endPeers);

describeWithVectors('the Semaphore circuit', (dir) => {
  const inputsOf = (depth: number): CircuitInputs => ({
    secret: '12345',
    merkleProofLength: 1,
    merkleProofIndex: 1,
    merkleProofSiblings: new Array<bigint>(depth).fill(7n),
    message: '0x10',
    scope: 5,
  });

  it.each([1, 10, 20])('of depth %d is proven by both and verified by both', async (depth) => {
    const name = join(dir, `zkeys/semaphore/semaphore-${depth}`);
    const inputs = inputsOf(depth);
    const vk = JSON.parse(readFileSync(`${name}.json`, 'utf8')) as object;
    const own = await groth16.fullProve(inputs, `${name}.wasm`, `${name}.zkey`);
    const peer = snarkjs.groth16 as unknown as typeof groth16;
    const theirs = await peer.fullProve(inputs, `${name}.wasm`, `${name}.zkey`);
    expect(own.publicSignals).toEqual(theirs.publicSignals);
    for (const { proof, publicSignals } of [own, theirs]) {
      expect(await peerVerify(vk, publicSignals, proof)).toBe(true);
      expect(await groth16.verify(vk, publicSignals, proof)).toBe(true);
    }
  });

  it('of depth 20 is proven again and again with key and generator loaded once', async () => {
    const name = join(dir, 'zkeys/semaphore/semaphore-20');
    const generator = await loadWitnessGenerator(`${name}.wasm`);
    const key = await loadProvingKey(`${name}.zkey`);
    const vk = JSON.parse(readFileSync(`${name}.json`, 'utf8')) as object;
    for (const message of [1, 2, 3]) {
      const { proof, publicSignals } = await groth16.fullProve({ ...inputsOf(20), message }, generator, key);
      expect(await groth16.verify(vk, publicSignals, proof)).toBe(true);
    }
    await expect(groth16.fullProve({ ...inputsOf(20), secret: [] }, generator, key)).rejects.toBeInstanceOf(
      CircuitInputError,
    );
    key.dispose();
    await generator.dispose();
  });
});
