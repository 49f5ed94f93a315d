/** Instances of circuits/oracle-median.circom: rounds of a price feed with three signing reporters. */

import { InputError } from '../../src/errors.ts';
import { type CurvePoint, randomBits, toMontgomery } from './curve.ts';
import type { Instance } from './instance.ts';
import { DOMAIN, poseidon4 } from './poseidon.ts';
import {
  generateKeyPair,
  type KeyPair,
  keyRoot,
  type Message,
  type Signature,
  sign,
  verifySignature,
} from './schnorr.ts';

const REPORTERS = 3;

/** One reporter's signed price. */
export interface Report {
  /** The reporter's key. */
  key: CurvePoint;
  /** Below 2^64. */
  price: bigint;
  signature: Signature;
}

/** What a reporter signs: the round of the feed, and the price. */
export function reportMessage(feed: bigint, round: bigint, price: bigint): Message {
  return [poseidon4(DOMAIN.feed, [feed, round, 0n, 0n]), price];
}

/** A reporter's price (below 2^64) for a round of a feed, signed. */
export function signReport(reporter: KeyPair, feed: bigint, round: bigint, price: bigint): Report {
  return { key: reporter.point, price, signature: sign(reporter, reportMessage(feed, round, price)) };
}

/** The commitment to three reporters' keys, in order. */
export function commitReporters(publicKeys: readonly [bigint, bigint, bigint]): bigint {
  return poseidon4(DOMAIN.reporters, [BigInt(REPORTERS), ...publicKeys]);
}

/**
 * The statement that three signed reports have their median, with its witness. Throws {@link InputError} for
 * a report whose signature does not hold: there is no witness for it.
 */
export function medianInstance(
  feed: bigint,
  round: bigint,
  reports: readonly [Report, Report, Report],
): Instance {
  for (const [index, { key, price, signature }] of reports.entries()) {
    if (!verifySignature(key, reportMessage(feed, round, price), signature)) {
      throw new InputError(
        'FALSE_SIGNATURE',
        `The signature of report ${index} does not hold for this feed, round and price; ask for it again.`,
        { index },
      );
    }
  }
  const publicKeys = reports.map(({ key }) => toMontgomery(key).u) as [bigint, bigint, bigint];
  const prices = reports.map(({ price }) => price);
  const median = prices.toSorted((x, y) => (x < y ? -1 : x > y ? 1 : 0))[1] as bigint;
  const statement = { reporterSet: commitReporters(publicKeys), feed, round };
  return {
    inputs: {
      ...statement,
      price: prices,
      keyRoot: reports.map(({ key }) => {
        const { u, v } = keyRoot(key);
        return [u, v];
      }),
      nonce: reports.map(({ signature }) => signature.nonce),
      response: reports.map(({ signature }) => signature.response),
    },
    publicSignals: { median, ...statement },
  };
}

/** `count` successive rounds of one fresh feed, the three prices within about 1 % of each other. */
export function medianInstances(count: number): Instance[] {
  const reporters = Array.from({ length: REPORTERS }, generateKeyPair);
  const feed = randomBits(160);
  const firstRound = randomBits(32);
  return Array.from({ length: count }, (_, i) => {
    const round = firstRound + BigInt(i);
    const level = 10n ** 11n + randomBits(36);
    const reports = reporters.map((reporter) =>
      signReport(reporter, feed, round, level + ((level * randomBits(10)) >> 17n)),
    );
    return medianInstance(feed, round, reports as unknown as readonly [Report, Report, Report]);
  });
}
