/**
 * Number-theoretic transforms of scalars, forward, natural order in and out. `ntt` takes and leaves our scalars where the backend
 * holds them; `ntt, bytes` takes Montgomery bytes as a proving key holds them and gives canonical ones. ffjavascript works
 * from Montgomery bytes to Montgomery bytes, which it copies to its workers: that is its only way, so both are held against it.
 */

import { FFT, rootsOfUnity } from '@noble/curves/abstract/fft.js';
import type { Backend, FrVector } from '../../../src/backend/backend.ts';
import { packScalars } from '../../../src/curve/affine.ts';
import { BN254, type Curve } from '../../../src/curve/curve.ts';
import { bigintFromBytesLE, equalBytes } from '../../../src/field/bytes.ts';
import { modPow } from '../../../src/field/modular.ts';
import { rootOfUnity } from '../../../src/ntt/roots.ts';
import type { Case } from '../../lib/measure.ts';
import type { Operation } from '../../lib/operation.ts';
import { randomScalars } from '../../lib/random-points.ts';
import type { FfCurve } from '../../peers/ffjavascript.ts';
import { ALL_THREADS, type Contestants } from './contestants.ts';

/** noble takes 0.4 s at this size. */
const NOBLE_LIMIT = 2 ** 16;

/** Coefficients and what is known of their values. */
interface Coefficients {
  readonly curve: Curve;
  readonly scalars: readonly bigint[];
  readonly bytes: Uint8Array;
  /** Whether canonical bytes hold, at a place chosen at random, the value of the polynomial of the first n coefficients. */
  agrees(values: Uint8Array, n: number): boolean;
}

function randomCoefficients(curve: Curve, count: number): Coefficients {
  const scalars = randomScalars(curve, count);
  const { order, frBytes } = curve;
  return {
    curve,
    scalars,
    bytes: packScalars(curve, scalars),
    agrees: (values, n) => {
      const place = Math.floor(Math.random() * n);
      const x = modPow(rootOfUnity(order, Math.log2(n)), BigInt(place), order);
      let value = 0n;
      for (let i = n - 1; i >= 0; i--) value = (value * x + (scalars[i] as bigint)) % order;
      return value === bigintFromBytesLE(values.subarray(place * frBytes, (place + 1) * frBytes));
    },
  };
}

/** Values, in canonical bytes, that all contestants of one size must give. */
class Agreement {
  readonly #coefficients: Coefficients;
  readonly #values = new Map<number, Uint8Array>();

  constructor(coefficients: Coefficients) {
    this.#coefficients = coefficients;
  }

  /** Whether values are those of the contestants before; of the first, whether they are right at a random place. */
  joins(values: Uint8Array, n: number): boolean {
    const before = this.#values.get(n);
    if (before) return equalBytes(before, values);
    this.#values.set(n, values);
    return this.#coefficients.agrees(values, n);
  }
}

/** What a contestant's case is made from: a run, and the canonical bytes of what it gives. */
function nttCase(
  who: Pick<Case, 'op' | 'backend' | 'threads' | 'form' | 'against' | 'againstOp'>,
  { curve }: Coefficients,
  agreement: Agreement,
  n: number,
  run: () => Promise<unknown>,
  values: () => Promise<Uint8Array>,
): Case {
  return {
    ...who,
    curve: curve.name,
    n,
    check: async () => agreement.joins(await values(), n),
    run: async () => {
      await run();
      return undefined;
    },
  };
}

/** Our cases on one backend: on a vector it holds, and with all threads from bytes to bytes. */
function ownCases(
  backend: Backend,
  form: string,
  vector: FrVector,
  { coefficients, agreement, montgomery, n }: Size,
): Case[] {
  const who = { backend: backend.name, threads: backend.threads, form, against: 'ffjavascript' };
  const values = vector.slice(0, n);
  const transform = async <T>(input: FrVector, use: (result: FrVector) => T | Promise<T>): Promise<T> => {
    const result = await backend.ntt(input);
    try {
      return await use(result);
    } finally {
      result.dispose();
    }
  };
  const throughBytes = async (): Promise<Uint8Array> => {
    const uploaded = await backend.uploadFr(montgomery, { encoding: 'montgomery' });
    try {
      return await transform(uploaded, (result) => backend.read(result));
    } finally {
      uploaded.dispose();
    }
  };
  return [
    nttCase(
      { ...who, op: 'ntt' },
      coefficients,
      agreement,
      n,
      () => transform(values, () => undefined),
      () => transform(values, (result) => backend.read(result)),
    ),
    ...(backend.threads === ALL_THREADS && montgomery.length > 0
      ? [
          nttCase(
            { ...who, op: 'ntt, bytes', againstOp: 'ntt' },
            coefficients,
            agreement,
            n,
            throughBytes,
            throughBytes,
          ),
        ]
      : []),
  ];
}

/** Inputs at one size. */
interface Size {
  readonly n: number;
  readonly coefficients: Coefficients;
  readonly agreement: Agreement;
  /** The coefficients in Montgomery form; empty where no peer has converted them. */
  readonly montgomery: Uint8Array;
}

function ffjavascriptCase(peer: FfCurve, { coefficients, agreement, montgomery, n }: Size): Case {
  const run = (): Promise<Uint8Array> => peer.Fr.fft(montgomery);
  return nttCase(
    { op: 'ntt', backend: 'ffjavascript', threads: peer.tm.concurrency },
    coefficients,
    agreement,
    n,
    run,
    async () => peer.Fr.batchFromMontgomery(await run()),
  );
}

function nobleCase({ coefficients, agreement, n }: Size): Case {
  const { curve } = coefficients;
  const scalars = coefficients.scalars.slice(0, n);
  const fft = FFT(rootsOfUnity(curve.fields.Fr), curve.fields.Fr);
  return nttCase(
    { op: 'ntt', backend: 'noble', threads: 1 },
    coefficients,
    agreement,
    n,
    async () => fft.direct(scalars),
    async () => packScalars(curve, fft.direct(scalars)),
  );
}

/** Forward transforms of random scalars. */
export function nttOperation(sizes: readonly number[], { own, ffjavascript }: Contestants): Operation {
  return {
    name: 'ntt',
    sizes,
    prepare: async () => {
      const largest = Math.max(...sizes);
      const curves = [...new Set(own.map(({ backend }) => backend.curve))];
      const inputs = new Map(
        curves.map((curve) => {
          const coefficients = randomCoefficients(curve, largest);
          return [curve, { coefficients, agreement: new Agreement(coefficients) }] as const;
        }),
      );
      type Input = { coefficients: Coefficients; agreement: Agreement };
      const main = inputs.get(BN254) as Input;
      const montgomery = (await ffjavascript[0]?.curve.Fr.batchToMontgomery(
        main.coefficients.bytes,
      )) as Uint8Array;
      const vectors: FrVector[] = [];
      for (const { backend } of own) {
        vectors.push(await backend.uploadFr((inputs.get(backend.curve) as Input).coefficients.bytes));
      }
      return {
        cases: (n) => {
          const cut = montgomery.slice(0, n * BN254.frBytes);
          const size = { n, ...main, montgomery: cut };
          return [
            ...own.flatMap(({ backend, form }, i) =>
              ownCases(backend, form, vectors[i] as FrVector, {
                n,
                ...(inputs.get(backend.curve) as Input),
                montgomery: backend.curve === BN254 ? cut : new Uint8Array(),
              }),
            ),
            ...ffjavascript.map(({ curve }) => ffjavascriptCase(curve, size)),
            ...(n <= NOBLE_LIMIT ? [nobleCase(size)] : []),
          ];
        },
        release: () => {
          for (const vector of vectors) vector.dispose();
        },
      };
    },
  };
}
