/** Instances of circuits/vrf.circom: draws of a verifiable random function. */

import {
  BASE,
  fromMontgomery,
  mapToCurve,
  offsetScalar,
  randomBits,
  randomFieldElement,
  toMontgomery,
} from './curve.ts';
import type { Instance } from './instance.ts';
import { DOMAIN, poseidon4 } from './poseidon.ts';

const SECRET_BITS = 248;

/** What a draw is for; all field elements. */
export interface VrfRequest {
  consumer: bigint;
  seed: bigint;
  requestId: bigint;
}

/** A VRF secret (below 2^248) from the CSPRNG. */
export function generateVrfSecret(): bigint {
  return randomBits(SECRET_BITS);
}

/** The draw for a request under a secret, with its witness. */
export function vrfInstance(secret: bigint, { consumer, seed, requestId }: VrfRequest): Instance {
  const scalar = offsetScalar(SECRET_BITS, secret);
  const publicKey = toMontgomery(BASE.multiply(scalar)).u;
  const input = poseidon4(DOMAIN.vrfInput, [publicKey, consumer, seed, requestId]);
  const { takesFirst, point } = mapToCurve(input);
  const product = fromMontgomery(point).clearCofactor().multiply(scalar);
  const randomness = poseidon4(DOMAIN.vrfOutput, [toMontgomery(product).u, publicKey, input, 0n]);
  return {
    inputs: { consumer, seed, requestId, secret, mapTakesFirst: takesFirst ? 1n : 0n, mapV: point.v },
    publicSignals: { publicKey, randomness, consumer, seed, requestId },
  };
}

/** `count` successive requests of one consumer to one fresh key, each with a fresh seed. */
export function vrfInstances(count: number): Instance[] {
  const secret = generateVrfSecret();
  const consumer = randomBits(160);
  return Array.from({ length: count }, (_, i) =>
    vrfInstance(secret, { consumer, seed: randomFieldElement(), requestId: BigInt(i) }),
  );
}
