import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createReferenceBackend } from '../../src/backend/reference/reference-backend.ts';
import { BN254 } from '../../src/curve/curve.ts';
import { AbortedError } from '../../src/errors.ts';
import { bytesSource } from '../../src/field/byte-source.ts';
import { findFalseProofs, verifyBatch } from '../../src/groth16/verify-batch.ts';
import { createAccumulator } from '../../src/recursion/accumulator/accumulator.ts';
import { aggregate } from '../../src/recursion/aggregate.ts';
import { contributeToSrs } from '../../src/recursion/srs/contribute.ts';
import { createDevSrs } from '../../src/recursion/srs/dev-srs.ts';
import { importSrs } from '../../src/recursion/srs/import-srs.ts';
import type { Srs } from '../../src/recursion/srs/srs.ts';
import { verify } from '../../src/recursion/verify.ts';
import { ptauFile, ptauPoints } from '../helpers/ptau-file.ts';
import { drawShared } from '../helpers/seeded.ts';
import { batchArbitrary, syntheticBatch } from '../helpers/synthetic-groth16.ts';
import { syntheticSrs, tausArbitrary } from '../helpers/synthetic-srs.ts';

// Slow enough to be stopped in the middle.
const backend = createReferenceBackend(BN254);
const drawn = drawShared(
  fc.record({
    batch: batchArbitrary(BN254, { keyOf: [0, 1, 0], inputCounts: [1, 2] }),
    taus: tausArbitrary(BN254),
  }),
);
const { members, keys } = syntheticBatch(BN254, drawn.batch);
const files = drawn.taus.map((tau, i) =>
  bytesSource(`${i}.ptau`, ptauFile(BN254, { ...ptauPoints(BN254, 3, tau), power: 3 })),
) as [ReturnType<typeof bytesSource>, ReturnType<typeof bytesSource>];

let srs: Srs;
let composite: Uint8Array;
beforeAll(async () => {
  srs = await syntheticSrs(backend, 4, drawn.taus);
  composite = (await aggregate(members, { srs, backend })).bytes;
});

interface Watch {
  readonly signal?: AbortSignal | undefined;
  readonly report: (fraction: number, phase?: string) => void;
}

interface Operation {
  readonly title: string;
  readonly run: (watch: Watch) => Promise<unknown>;
  /** Phases in their order, for operations that name them. */
  readonly phases?: readonly string[];
}

const OPERATIONS: readonly Operation[] = [
  {
    title: 'aggregate',
    phases: ['fold', 'check'],
    run: ({ signal, report }) =>
      aggregate(members, {
        srs,
        backend,
        signal,
        onProgress: ({ fraction, phase }) => report(fraction, phase),
      }),
  },
  {
    title: 'verify',
    phases: ['verify'],
    run: ({ signal, report }) =>
      verify(composite, {
        keys,
        srs,
        backend,
        signal,
        onProgress: ({ fraction, phase }) => report(fraction, phase),
      }),
  },
  {
    title: 'closing an accumulator',
    phases: ['fold', 'check'],
    run: async ({ signal, report }) => {
      const accumulator = await createAccumulator({ srs, backend, trusted: true });
      for (const member of members) await accumulator.add(member);
      return accumulator.close({ signal, onProgress: ({ fraction, phase }) => report(fraction, phase) });
    },
  },
  {
    title: 'verifyBatch',
    run: ({ signal, report }) => verifyBatch(members, { backend, signal, onProgress: report }),
  },
  {
    title: 'findFalseProofs',
    run: ({ signal, report }) => findFalseProofs(members, { backend, signal, onProgress: report }),
  },
  {
    title: 'createDevSrs',
    run: ({ signal, report }) => createDevSrs(backend, 8, { signal, onProgress: report }),
  },
  {
    title: 'contributeToSrs',
    run: ({ signal, report }) => contributeToSrs(backend, srs, { signal, onProgress: report }),
  },
  {
    title: 'importSrs of two files',
    run: ({ signal, report }) =>
      importSrs(backend, files[0], files[1], { size: 4, signal, onProgress: report }),
  },
  {
    title: 'importSrs with a contribution',
    run: ({ signal, report }) =>
      importSrs(backend, files[0], undefined, { size: 4, contribute: true, signal, onProgress: report }),
  },
];

describe.each(OPERATIONS)('$title', ({ run, phases }) => {
  let reports: Promise<{ fractions: number[]; seen: string[] }> | undefined;
  /** What a run that nobody stops reports; run once. */
  const undisturbed = (): NonNullable<typeof reports> => {
    reports ??= (async () => {
      const fractions: number[] = [];
      const seen: string[] = [];
      await run({
        report: (fraction, phase) => {
          fractions.push(fraction);
          if (phase !== undefined && seen.at(-1) !== phase) seen.push(phase);
        },
      });
      return { fractions, seen };
    })();
    return reports;
  };

  it('reports from 0 to 1, never falling, and ends at 1', async () => {
    const { fractions, seen } = await undisturbed();
    expect(fractions.length).toBeGreaterThan(0);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions[0]).toBeGreaterThanOrEqual(0);
    expect(fractions.at(-1)).toBe(1);
    expect(seen).toEqual(phases ?? []);
  });

  it('does not begin under a signal that has fired', async () => {
    const reason = new Error('no longer wanted');
    const fractions: number[] = [];
    const result = run({ signal: AbortSignal.abort(reason), report: (fraction) => fractions.push(fraction) });
    await expect(result).rejects.toThrow(AbortedError);
    await expect(result).rejects.toMatchObject({ code: 'ABORTED', cause: reason });
    expect(fractions).not.toContain(1);
  });

  it('stops wherever the signal fires, and runs as ever afterwards', async () => {
    // Every report of a first run is a place to stop at; a few of them, spread over the whole, are tried.
    const { fractions } = await undisturbed();
    const places = [...new Set(fractions.filter((fraction) => fraction < 1))];
    const stops = [0, 0.25, 0.5, 0.75, 1].map(
      (share) => places[Math.round(share * (places.length - 1))] as number,
    );
    for (const stop of new Set(places.length === 0 ? [] : stops)) {
      const controller = new AbortController();
      let after = 0;
      let firedAt: number | undefined;
      const result = run({
        signal: controller.signal,
        report: (fraction) => {
          if (controller.signal.aborted) after++;
          else if (fraction >= stop) {
            firedAt = fraction;
            controller.abort(stop);
          }
        },
      });
      // Reports hang on time as well as work: where the first at or behind the place is the last, the work is done.
      const outcome = await result.then(
        () => 'done',
        (error: unknown) => error,
      );
      if (outcome === 'done') {
        expect(firedAt).toBe(1);
        continue;
      }
      expect(outcome, `at ${stop}`).toBeInstanceOf(AbortedError);
      expect(outcome).toMatchObject({ cause: stop });
      expect(after, `reports after the signal at ${stop}`).toBeLessThan(4);
    }
    await expect(run({ report: () => {} })).resolves.toBeTruthy();
  });
});

describe('a signal that fires while the work waits', () => {
  it.each([5, 60, 250])('stops aggregate after %d ms', async (delayMs) => {
    const signal = AbortSignal.timeout(delayMs);
    const started = performance.now();
    await expect(aggregate(members, { srs, backend, signal })).rejects.toThrow(AbortedError);
    expect(signal.aborted).toBe(true);
    // Far less than the second or more that the work takes; a loaded machine is given its time.
    expect(performance.now() - started).toBeLessThan(delayMs + 5000);
  });

  it('stops an addition to an accumulator, which then holds nothing of it', async () => {
    const accumulator = await createAccumulator({ srs, backend });
    const controller = new AbortController();
    const adding = accumulator.add(members[0] as (typeof members)[number], { signal: controller.signal });
    controller.abort();
    await expect(adding).rejects.toThrow(AbortedError);
    expect(accumulator.size).toBe(0);
    expect(await accumulator.add(members[1] as (typeof members)[number])).toMatchObject({ slot: 0 });
  });
});
