import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type CompiledCircuit, compiledCircuit, DEFAULT_CACHE } from '../../examples/lib/artefacts.ts';
import { oracleMedian } from '../../examples/lib/circuits.ts';
import { Fn, Fp, randomFieldElement, toMontgomery } from '../../examples/lib/curve.ts';
import type { Instance } from '../../examples/lib/instance.ts';
import {
  commitReporters,
  medianInstance,
  medianInstances,
  type Report,
  reportMessage,
  signReport,
} from '../../examples/lib/oracle-median.ts';
import {
  challengeOf,
  generateKeyPair,
  type KeyPair,
  keyRoot,
  responseOf,
  sign,
  verifySignature,
} from '../../examples/lib/schnorr.ts';
import { InputError } from '../../src/errors.ts';
import { expectRefused, expectSatisfied } from './witness.ts';

const FEED = 0xfeedn;
const ROUND = 17n;
type Three<T> = readonly [T, T, T];

let circuit: CompiledCircuit;
let reporters: Three<KeyPair>;
let reports: Three<Report>;
let honest: Instance;
beforeAll(async () => {
  circuit = await compiledCircuit(oracleMedian, DEFAULT_CACHE);
  reporters = [generateKeyPair(), generateKeyPair(), generateKeyPair()];
  reports = reportsOf([300n, 100n, 200n]);
  honest = medianInstance(FEED, ROUND, reports);
});

function reportsOf(prices: Three<bigint>): Three<Report> {
  return prices.map((price, i) =>
    signReport(reporters[i] as KeyPair, FEED, ROUND, price),
  ) as unknown as Three<Report>;
}

/** The honest inputs with entry `i` of some lists replaced. */
function withEntries(i: number, changes: Readonly<Record<string, unknown>>): Instance['inputs'] {
  const changed = Object.entries(changes).map(([name, value]) => [
    name,
    (honest.inputs[name] as unknown[]).with(i, value),
  ]);
  return { ...honest.inputs, ...Object.fromEntries(changed) };
}

describe('signatures', () => {
  test('hold for their key and message and for nothing else', () => {
    const key = generateKeyPair();
    const signature = sign(key, [1n, 2n]);
    expect(verifySignature(key.point, [1n, 2n], signature)).toBe(true);
    // The key is known by its first coordinate, and -A with the same nonce point needs another response.
    expect(verifySignature(key.point.negate(), [1n, 2n], signature)).toBe(false);
    expect(verifySignature(key.point, [1n, 3n], signature)).toBe(false);
    expect(verifySignature(key.point, [2n, 2n], signature)).toBe(false);
    expect(verifySignature(generateKeyPair().point, [1n, 2n], signature)).toBe(false);
    expect(verifySignature(key.point, [1n, 2n], { ...signature, response: signature.response ^ 1n })).toBe(
      false,
    );
    expect(verifySignature(key.point, [1n, 2n], { ...signature, nonce: signature.nonce + 1n })).toBe(false);
    const { response } = signature;
    expect(verifySignature(key.point, [1n, 2n], { ...signature, response: response + 2n ** 248n })).toBe(
      false,
    );
    expect(verifySignature(key.point, [1n, 2n], { ...signature, response: -response })).toBe(false);
  });
});

describe('an honest median', () => {
  test('is the middle price whatever the order', async () => {
    for (const prices of [
      [300n, 100n, 200n],
      [100n, 200n, 300n],
      [200n, 300n, 100n],
      [200n, 200n, 900n],
      [0n, 2n ** 64n - 1n, 200n],
    ] as const) {
      const { inputs, publicSignals } = medianInstance(FEED, ROUND, reportsOf(prices));
      expect(publicSignals.median).toBe(200n);
      expect(await expectSatisfied(circuit, inputs)).toEqual(Object.values(publicSignals));
    }
  });

  test('works with random feeds', async () => {
    for (const { inputs, publicSignals } of medianInstances(2)) {
      expect(await expectSatisfied(circuit, inputs)).toEqual(Object.values(publicSignals));
    }
  });

  test('is not made from a report whose signature fails', () => {
    const [first, second, third] = reports;
    expect(() => medianInstance(FEED, ROUND, [first, { ...second, price: 101n }, third])).toThrow(InputError);
    expect(() => medianInstance(FEED, ROUND + 1n, reports)).toThrow(/report 0/);
  });
});

describe('a median is refused', () => {
  test('for a price that was not signed, in each place', async () => {
    for (const i of [0, 1, 2]) {
      await expectRefused(circuit, withEntries(i, { price: 201n }), 'SchnorrSignature');
    }
  });

  test('for a signature with another nonce or response', async () => {
    const [first, second] = reports.map(({ signature }) => signature) as [
      Report['signature'],
      Report['signature'],
    ];
    await expectRefused(circuit, withEntries(0, { nonce: second.nonce }));
    await expectRefused(circuit, withEntries(0, { nonce: second.nonce, response: second.response }));
    await expectRefused(circuit, withEntries(0, { response: first.response ^ 1n }), 'SchnorrSignature');
    await expectRefused(circuit, withEntries(0, { response: first.response + 2n ** 248n }), 'Bits');
  });

  test('for signatures on another round, feed or with another key', async () => {
    const stranger = generateKeyPair();
    for (const report of [
      signReport(reporters[0], FEED, ROUND - 1n, 300n),
      signReport(reporters[0], FEED + 1n, ROUND, 300n),
      signReport(stranger, FEED, ROUND, 300n),
    ]) {
      const { nonce, response } = report.signature;
      await expectRefused(circuit, withEntries(0, { nonce, response }));
    }
    // A stranger's own valid report, key and all, fails against the set.
    const { signature } = signReport(stranger, FEED, ROUND, 300n);
    const { u, v } = keyRoot(stranger.point);
    await expectRefused(circuit, withEntries(0, { ...signature, keyRoot: [u, v] }), 'OracleMedian');
  });

  test('for a key in the other sign, which shares the first coordinate', async () => {
    const { u, v } = keyRoot(reporters[0].point.negate());
    expect(toMontgomery(reporters[0].point.negate()).u).toBe(reporters[0].publicKey);
    await expectRefused(circuit, withEntries(0, { keyRoot: [u, v] }), 'SchnorrSignature');
  });

  test('for another set, and for its keys in another order', async () => {
    const [a, b, c] = reporters.map(({ publicKey }) => publicKey) as [bigint, bigint, bigint];
    for (const reporterSet of [randomFieldElement(), commitReporters([b, a, c])]) {
      await expectRefused(circuit, { ...honest.inputs, reporterSet }, 'OracleMedian');
    }
  });

  test('for a key root off the curve or of small order', async () => {
    const { u, v } = keyRoot(reporters[0].point);
    await expectRefused(circuit, withEntries(0, { keyRoot: [u, Fp.add(v, 1n)] }), 'OnCurve');
    await expectRefused(circuit, withEntries(0, { keyRoot: [0n, 0n] }), 'Double');
  });

  test('for a signed price of 2^64', async () => {
    const { price, signature } = signReport(reporters[0], FEED, ROUND, 2n ** 64n);
    await expectRefused(circuit, withEntries(0, { price, ...signature }), 'Below');
  });

  test('where s B = -c A, which the key holder can bring about: the slope to R would be free', async () => {
    const { secret, publicKey } = reporters[0];
    for (;;) {
      const nonce = randomFieldElement();
      const c = challengeOf(nonce, publicKey, reportMessage(FEED, ROUND, 300n));
      const response = c === undefined ? undefined : responseOf(Fn.neg(Fn.mul(c, secret)));
      if (response === undefined) continue;
      await expectRefused(circuit, withEntries(0, { nonce, response }), 'SchnorrSignature', guardLine());
      break;
    }
  });
});

/** Where schnorr.circom refuses equal first coordinates. */
function guardLine(): number {
  const source = readFileSync(new URL('../../examples/circuits/lib/schnorr.circom', import.meta.url), 'utf8');
  return 1 + source.split('\n').findIndex((line) => line.includes('inverse * ('));
}
