/**
 * Miller loops with the lines of their G2 points, and whole pairings, one thread: n independent ones, of which none shares a
 * point or a squaring with another. ffjavascript and noble do them one by one, we in one call.
 */

import type { Backend, PairingProduct } from '../../../src/backend/backend.ts';
import { BN254, type Curve, type G1Point, type G2Point } from '../../../src/curve/curve.ts';
import { gtToBytes } from '../../../src/curve/gt.ts';
import { g1FromBytes, g2FromBytes } from '../../../src/curve/points.ts';
import { equalBytes, joinBytes } from '../../../src/field/bytes.ts';
import type { Case } from '../../lib/measure.ts';
import type { Operation } from '../../lib/operation.ts';
import { generatorMultiples, randomScalars } from '../../lib/random-points.ts';
import type { FfCurve } from '../../peers/ffjavascript.ts';
import type { Contestants } from './contestants.ts';

/** The two operations. */
export type PairingStep = 'miller-loop' | 'pairing';

/** Random pairs of points in memory form, and their pairings by noble. */
interface Pairs {
  readonly curve: Curve;
  readonly g1: readonly Uint8Array[];
  readonly g2: readonly Uint8Array[];
  readonly points: readonly { readonly p: G1Point; readonly q: G2Point }[];
  /** Pairings of the first n, one after another. */
  expected(n: number): Uint8Array;
}

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: bytes.length / size }, (_, i) => bytes.slice(i * size, (i + 1) * size));
}

async function randomPairs(backend: Backend, count: number): Promise<Pairs> {
  const { curve } = backend;
  const points = (kind: 'g1' | 'g2'): Promise<Uint8Array> =>
    generatorMultiples(backend, kind, randomScalars(curve, count));
  const g1 = cut(await points('g1'), curve.g1Bytes);
  const g2 = cut(await points('g2'), curve.g2Bytes);
  const objects = g1.map((bytes, i) => ({
    p: g1FromBytes(curve, bytes),
    q: g2FromBytes(curve, g2[i] as Uint8Array),
  }));
  return {
    curve,
    g1,
    g2,
    points: objects,
    expected: (n) =>
      joinBytes(objects.slice(0, n).map(({ p, q }) => gtToBytes(curve, curve.pair.pairing(p, q)))),
  };
}

/** A case of `compute`, whose values `finish` turns into pairings in memory form for the check. */
function pairingCase<T>(
  op: PairingStep,
  pairs: Pairs,
  n: number,
  who: Pick<Case, 'backend' | 'form' | 'against'>,
  compute: () => T | Promise<T>,
  finish: (values: T) => Promise<Uint8Array>,
): Case {
  return {
    ...who,
    op,
    curve: pairs.curve.name,
    n,
    threads: 1,
    check: async () => equalBytes(await finish(await compute()), pairs.expected(n)),
    run: async () => {
      await compute();
      return undefined;
    },
  };
}

/** Our points uploaded, one vector each, since pairs share nothing. */
async function ownProducts(backend: Backend, pairs: Pairs): Promise<PairingProduct[]> {
  return Promise.all(
    pairs.g1.map(async (g1, i) => [
      { g1: await backend.uploadG1(g1), g2: await backend.uploadG2(pairs.g2[i] as Uint8Array) },
    ]),
  );
}

/** ffjavascript's points, in its own form. */
interface PeerPair {
  readonly g1: Uint8Array;
  readonly g2: Uint8Array;
}

async function peerPairs({ F1 }: FfCurve, pairs: Pairs): Promise<PeerPair[]> {
  return Promise.all(
    pairs.g1.map(async (g1, i) => ({
      g1: await F1.batchToMontgomery(g1),
      g2: await F1.batchToMontgomery(pairs.g2[i] as Uint8Array),
    })),
  );
}

function peerMiller(peer: FfCurve, { g1, g2 }: PeerPair): Uint8Array {
  return peer.millerLoop(peer.prepareG1(peer.G1.toJacobian(g1)), peer.prepareG2(peer.G2.toJacobian(g2)));
}

/** One of the two operations at the numbers of pairs given. */
export function pairingOperation(
  op: PairingStep,
  sizes: readonly number[],
  { own, ffjavascript }: Contestants,
): Operation {
  const single = own.filter(({ backend, form }) => backend.threads === 1 && form === own[0]?.form);
  const peer = ffjavascript.find(({ threads }) => threads === 1)?.curve as FfCurve;
  return {
    name: op,
    sizes,
    prepare: async () => {
      const ours = await Promise.all(
        single.map(async ({ backend, form }) => {
          const pairs = await randomPairs(backend, Math.max(...sizes));
          return { backend, form, pairs, products: await ownProducts(backend, pairs) };
        }),
      );
      const main = ours.find(({ pairs }) => pairs.curve === BN254)?.pairs as Pairs;
      const converted = await peerPairs(peer, main);
      const toMemoryForm = (values: readonly Uint8Array[]): Promise<Uint8Array> =>
        peer.F1.batchFromMontgomery(joinBytes(values));
      const withEnd = op === 'pairing';
      return {
        cases: (n) => [
          ...ours.map(({ backend, form, pairs, products }) => {
            const miller = (): Promise<Uint8Array> => backend.millerProducts(products.slice(0, n));
            return pairingCase(
              op,
              pairs,
              n,
              { backend: backend.name, form, against: 'ffjavascript' },
              async () => (withEnd ? backend.finalExponentiation(await miller()) : miller()),
              async (values) => (withEnd ? values : backend.finalExponentiation(values)),
            );
          }),
          pairingCase(
            op,
            main,
            n,
            { backend: 'ffjavascript' },
            () =>
              converted
                .slice(0, n)
                .map((pair) => (withEnd ? peer.pairing(pair.g1, pair.g2) : peerMiller(peer, pair))),
            (values) =>
              toMemoryForm(withEnd ? values : values.map((value) => peer.finalExponentiation(value))),
          ),
          pairingCase(
            op,
            main,
            n,
            { backend: 'noble' },
            () => main.points.slice(0, n).map(({ p, q }) => main.curve.pair.pairing(p, q, withEnd)),
            async (values) =>
              joinBytes(
                values
                  .map((value) => (withEnd ? value : main.curve.fields.Fp12.finalExponentiate(value)))
                  .map((value) => gtToBytes(main.curve, value)),
              ),
          ),
        ],
        release: () => {
          for (const { g1, g2 } of ours.flatMap(({ products }) => products.flat())) {
            g1.dispose();
            g2.dispose();
          }
        },
      };
    },
  };
}
