/** Multi-scalar multiplication in G1 and G2, against ffjavascript (Pippenger, no endomorphism) and noble. */

import { pippenger } from '@noble/curves/abstract/curve.js';
import type {
  Backend,
  FrVector,
  G1Bases,
  G1Vector,
  G2Bases,
  G2Vector,
} from '../../../src/backend/backend.ts';
import { BN254 } from '../../../src/curve/curve.ts';
import { g1FromBytes, g1ToBytes, g2FromBytes, g2ToBytes } from '../../../src/curve/points.ts';
import { equalBytes } from '../../../src/field/bytes.ts';
import type { Case } from '../../lib/measure.ts';
import type { Operation } from '../../lib/operation.ts';
import { type GroupKind, type MsmInput, randomMsm } from '../../lib/random-points.ts';
import type { FfCurve } from '../../peers/ffjavascript.ts';
import type { Contestants, Own } from './contestants.ts';

/** Points that noble takes about a second for. */
const NOBLE_LIMIT: Readonly<Record<GroupKind, number>> = { g1: 2 ** 12, g2: 2 ** 10 };
/** The second curve is a sample. */
const BLS_LIMIT = 2 ** 14;

/** Makes a case of a call that gives a sum in memory form. */
function sumCase(
  input: MsmInput,
  n: number,
  who: Pick<Case, 'backend' | 'threads' | 'form' | 'against'>,
  sum: () => Promise<Uint8Array>,
  raw: () => Promise<unknown> = sum,
): Case {
  return {
    ...who,
    op: `msm-${input.kind}`,
    curve: input.curve.name,
    n,
    check: async () => equalBytes(await sum(), input.expected(n)),
    run: async () => {
      await raw();
      return undefined;
    },
  };
}

/** One backend's cases of any size. */
export interface OwnMsm {
  /** On points as they were uploaded. */
  plain(n: number): Case;
  /** On bases prepared before the clock starts, as those of a proving key are. */
  prepared(n: number): Case;
  release(): void;
}

/** Vectors of one backend, uploaded once; cases are views of them. Labels may name it otherwise. */
export async function ownMsm(
  backend: Backend,
  input: MsmInput,
  labels: Partial<Pick<Case, 'backend' | 'form' | 'against'>> = {},
): Promise<OwnMsm> {
  // Two copies in turn: a device keeps the sorted digits of the last scalars, and the time would be without the sort.
  const copies: readonly [FrVector, FrVector] = [
    await backend.uploadFr(input.scalarBytes),
    await backend.uploadFr(input.scalarBytes),
  ];
  let turn = 0;
  const factors = (n: number): FrVector => copies[turn++ % 2 === 0 ? 0 : 1].slice(0, n);
  const who = { backend: backend.name, threads: backend.threads, ...labels };
  const over = <V extends G1Vector | G2Vector, B extends G1Bases | G2Bases>(
    points: V,
    prepare: (points: V) => Promise<B>,
    msm: (points: V | B, scalars: FrVector) => Promise<Uint8Array>,
  ): OwnMsm => {
    const made: B[] = [];
    return {
      plain: (n) => {
        const bases = points.slice(0, n) as V;
        return sumCase(input, n, who, () => msm(bases, factors(n)));
      },
      prepared: (n) => {
        const view = points.slice(0, n) as V;
        let bases: B | undefined;
        const own = sumCase(input, n, who, async () => {
          if (!bases) {
            bases = await prepare(view);
            made.push(bases);
          }
          return msm(bases, factors(n));
        });
        return { ...own, op: `${own.op}, prepared`, againstOp: own.op };
      },
      release: () => {
        for (const vector of [...made, points, ...copies]) vector.dispose();
      },
    };
  };
  return input.kind === 'g1'
    ? over(await backend.uploadG1(input.points), backend.prepareG1, backend.msmG1)
    : over(await backend.uploadG2(input.points), backend.prepareG2, backend.msmG2);
}

/** ffjavascript on the same points: bytes in its own form, converted beforehand. */
export async function ffjavascriptMsm(
  { F1, G1, G2, tm }: FfCurve,
  input: MsmInput,
): Promise<(n: number) => Case> {
  const group = input.kind === 'g1' ? G1 : G2;
  const pointBytes = input.kind === 'g1' ? input.curve.g1Bytes : input.curve.g2Bytes;
  const points = await F1.batchToMontgomery(input.points);
  return (n) => {
    const bases = points.slice(0, n * pointBytes);
    const scalars = input.scalarBytes.slice(0, n * input.curve.frBytes);
    const raw = (): Promise<Uint8Array> => group.multiExpAffine(bases, scalars);
    return sumCase(
      input,
      n,
      { backend: 'ffjavascript', threads: tm.concurrency },
      async () => F1.batchFromMontgomery(group.toAffine(await raw())),
      raw,
    );
  };
}

/** noble's Pippenger, on its own objects. */
function nobleMsm(input: MsmInput, n: number): Case {
  const { curve } = input;
  const each = <P>(read: (bytes: Uint8Array) => P, size: number): P[] =>
    Array.from({ length: n }, (_, i) => read(input.points.subarray(i * size, (i + 1) * size)));
  const scalars = input.scalars.slice(0, n);
  const who = { backend: 'noble', threads: 1 };
  if (input.kind === 'g1') {
    const points = each((bytes) => g1FromBytes(curve, bytes), curve.g1Bytes);
    return sumCase(input, n, who, async () => g1ToBytes(curve, pippenger(curve.g1, points, scalars)));
  }
  const points = each((bytes) => g2FromBytes(curve, bytes), curve.g2Bytes);
  return sumCase(input, n, who, async () => g2ToBytes(curve, pippenger(curve.g2, points, scalars)));
}

/** Points uploaded and scalars at hand before the clock starts; one call gives one affine point. */
export function msmOperation(
  kind: GroupKind,
  sizes: readonly number[],
  { own, ffjavascript }: Contestants,
): Operation {
  return {
    name: `msm-${kind}`,
    sizes,
    prepare: async (signal) => {
      const largest = Math.max(...sizes);
      const inputs = new Map<string, MsmInput>();
      // The first backend of each curve is its fastest.
      for (const { backend } of own) {
        const { curve } = backend;
        if (inputs.has(curve.name)) continue;
        const count = curve === BN254 ? largest : Math.min(largest, BLS_LIMIT);
        inputs.set(curve.name, await randomMsm(backend, kind, count, signal));
      }
      const inputOf = ({ backend }: Own): MsmInput => inputs.get(backend.curve.name) as MsmInput;
      const ours = await Promise.all(
        own.map((entry) =>
          ownMsm(entry.backend, inputOf(entry), { form: entry.form, against: 'ffjavascript' }),
        ),
      );
      const main = inputs.get(BN254.name) as MsmInput;
      const peers = await Promise.all(ffjavascript.map(({ curve }) => ffjavascriptMsm(curve, main)));
      return {
        cases: (n) => [
          ...ours.filter((_, i) => n <= inputOf(own[i] as Own).scalars.length).map((msm) => msm.plain(n)),
          ...ours.slice(0, 1).map((msm) => msm.prepared(n)),
          ...peers.map((peer) => peer(n)),
          ...(n <= NOBLE_LIMIT[kind] ? [nobleMsm(main, n)] : []),
        ],
        release: () => {
          for (const msm of ours) msm.release();
        },
      };
    },
  };
}
