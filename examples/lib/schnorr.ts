/** The signatures of circuits/lib/schnorr.circom: Schnorr on Baby Jubjub, points given by u alone. */

import {
  BASE,
  COFACTOR,
  type CurvePoint,
  Fn,
  type MontgomeryPoint,
  offsetScalar,
  randomScalar,
  toMontgomery,
} from './curve.ts';
import { DOMAIN, poseidon4 } from './poseidon.ts';

/** Two field elements, the second usually what is attested and the first what it is about. */
export type Message = readonly [bigint, bigint];

export interface KeyPair {
  /** Below the subgroup order. */
  secret: bigint;
  point: CurvePoint;
  /** The public key: the first Montgomery coordinate of `point`. */
  publicKey: bigint;
}

export interface Signature {
  /** First Montgomery coordinate of the nonce point. */
  nonce: bigint;
  /** x with s = 2^248 + 1 + 2x, below 2^248. */
  response: bigint;
}

const RESPONSE_BITS = 248;
const CHALLENGE_BITS = 128;
/** Challenge hashes are below this bound, which the field order exceeds: their bits are unique. */
const HASH_BOUND = 1n << 253n;

/** A key pair from the CSPRNG. */
export function generateKeyPair(): KeyPair {
  const secret = randomScalar();
  const point = BASE.multiply(secret);
  return { secret, point, publicKey: toMontgomery(point).u };
}

/** The point whose multiple by 8 is the key: anyone can work it out, and only proper keys have one. */
export function keyRoot(key: CurvePoint): MontgomeryPoint {
  return toMontgomery(key.multiplyUnsafe(Fn.inv(COFACTOR)));
}

/** The challenge scalar, or undefined for a hash that the scheme passes over. */
export function challengeOf(nonce: bigint, publicKey: bigint, message: Message): bigint | undefined {
  const hash = poseidon4(DOMAIN.challenge, [nonce, publicKey, ...message]);
  if (hash >= HASH_BOUND) return undefined;
  return offsetScalar(CHALLENGE_BITS, hash & ((1n << BigInt(CHALLENGE_BITS)) - 1n));
}

/**
 * Signs with nonces from the CSPRNG. About nine are drawn until the challenge and the response have the shape
 * that the circuit reads cheaply; both tests depend on uniform values alone, so what is passed over says
 * nothing about the key.
 */
export function sign(key: KeyPair, message: Message): Signature {
  for (;;) {
    const secretNonce = randomScalar();
    const nonce = toMontgomery(BASE.multiply(secretNonce)).u;
    const c = challengeOf(nonce, key.publicKey, message);
    if (c === undefined) continue;
    const response = responseOf((secretNonce + c * key.secret) % Fn.ORDER);
    if (response !== undefined) return { nonce, response };
  }
}

/** The x with s = 2^248 + 1 + 2x for a scalar below the subgroup order, or undefined where there is none. */
export function responseOf(s: bigint): bigint | undefined {
  const doubled = s - offsetScalar(RESPONSE_BITS, 0n);
  const fits = doubled >= 0n && doubled % 2n === 0n && doubled < 1n << BigInt(RESPONSE_BITS + 1);
  return fits ? doubled / 2n : undefined;
}

/** Whether `signature` is valid for `message` under the key, as the circuit would find. */
export function verifySignature(key: CurvePoint, message: Message, signature: Signature): boolean {
  if (signature.response < 0n || signature.response >= 1n << BigInt(RESPONSE_BITS)) return false;
  const c = challengeOf(signature.nonce, toMontgomery(key).u, message);
  if (c === undefined) return false;
  const left = BASE.multiplyUnsafe(offsetScalar(RESPONSE_BITS, signature.response));
  const difference = left.subtract(key.multiplyUnsafe(c));
  return !difference.is0() && toMontgomery(difference).u === signature.nonce;
}
