import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toSnarkjs } from '../../bench/lib/to-snarkjs.ts';
import type { Backend } from '../../src/backend/backend.ts';
import { createBackend } from '../../src/backend/create-backend.ts';
import { readBatch } from '../../src/coprocessors/read-batch.ts';
import { CURVES, type Curve } from '../../src/curve/curve.ts';
import { AbortedError, addContext, SheafError } from '../../src/errors.ts';
import { checkAtOnce, GatheredChecks, type PointChecks } from '../../src/groth16/point-checks.ts';
import { createProof } from '../../src/groth16/proof.ts';
import { badPoints } from '../curve/outsiders.ts';
import { g1Times, g2Times } from '../helpers/group-elements.ts';
import { syntheticBatch } from '../helpers/synthetic-groth16.ts';

/** Code, message and context of what an action throws. */
async function thrown(action: () => unknown): Promise<Pick<SheafError, 'code' | 'message' | 'context'>> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof SheafError)) throw error;
    const { code, message, context } = error;
    return { code, message, context };
  }
  throw new Error('nothing was thrown');
}

describe.each(CURVES)('gathered checks of points on $name', (curve) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await createBackend(curve, 'wasm');
  });
  afterAll(() => backend.dispose());
  const good = { a: g1Times(curve, 2n), b: g2Times(curve, 3n), c: g1Times(curve, 5n) };
  const bad = [
    ...badPoints(curve, 'g1').flatMap(({ what, bytes }) =>
      (['a', 'c'] as const).map((field) => ({ what, field, bytes })),
    ),
    ...badPoints(curve, 'g2').map(({ what, bytes }) => ({ what, field: 'b' as const, bytes })),
  ];
  type Points = typeof good;
  /** Makes proofs, each under the name of its file. */
  const make = (proofs: readonly Points[], checks: PointChecks): void => {
    for (const [index, points] of proofs.entries()) {
      checks.within(
        (action) => {
          try {
            return action();
          } catch (error) {
            throw addContext(error, { file: `${index}.json` });
          }
        },
        () => createProof(curve, points, { index }, checks),
      );
    }
  };
  const settle = (proofs: readonly Points[], using: Backend = backend): Promise<void> => {
    const checks = new GatheredChecks();
    return checks.settled(
      () => make(proofs, checks),
      () => using,
    );
  };

  it('take what is right', async () => {
    await settle([]);
    await settle([good]);
    await settle(Array.from({ length: 9 }, () => good));
  });

  it.each(bad)(
    'refuse $what as $field with the error that a check at once throws',
    async ({ field, bytes }) => {
      const proofs = [good, good, { ...good, [field]: bytes }, good];
      const error = await thrown(() => settle(proofs));
      expect(error).toEqual(await thrown(() => make(proofs, checkAtOnce)));
      expect(error.context).toMatchObject({ index: 2, field, file: '2.json' });
    },
  );

  it('name the first of several, whatever their groups', async () => {
    const [g1, g2] = [badPoints(curve, 'g1')[0], badPoints(curve, 'g2').at(-1)];
    if (!g1 || !g2) throw new Error('no bad points');
    for (const proofs of [
      [good, { ...good, b: g2.bytes }, { ...good, a: g1.bytes }],
      [good, { ...good, c: g1.bytes }, { ...good, b: g2.bytes }],
      [{ ...good, a: g1.bytes, b: g2.bytes }],
    ]) {
      expect(await thrown(() => settle(proofs))).toEqual(await thrown(() => make(proofs, checkAtOnce)));
    }
  });

  it('name a bad point before a later trouble of another kind, and not before an earlier one', async () => {
    const outside = badPoints(curve, 'g2').at(-1)?.bytes as Uint8Array;
    const infinite = { ...good, a: new Uint8Array(good.a.length) };
    const wrong = { ...good, b: outside };
    for (const proofs of [
      [good, wrong, infinite],
      [good, infinite, wrong],
    ]) {
      expect(await thrown(() => settle(proofs))).toEqual(await thrown(() => make(proofs, checkAtOnce)));
    }
  });

  it('pass a cancellation on without looking at points', async () => {
    const checks = new GatheredChecks();
    const reading = checks.settled(
      () => {
        make([{ ...good, b: badPoints(curve, 'g2')[0]?.bytes as Uint8Array }], checks);
        throw new AbortedError();
      },
      () => backend,
    );
    await expect(reading).rejects.toThrow(AbortedError);
    const signal = AbortSignal.abort();
    await expect(
      new GatheredChecks().settled(
        () => 1,
        () => backend,
        { signal },
      ),
    ).resolves.toBe(1);
    const again = new GatheredChecks();
    await expect(
      again.settled(
        () => make([good], again),
        () => backend,
        { signal },
      ),
    ).rejects.toThrow(AbortedError);
  });

  it('in a batch of files: the same first error with a backend and without', async () => {
    const list = snarkjsList(curve);
    const outside = badPoints(curve, 'g2').at(-1)?.bytes as Uint8Array;
    const coordinate = (i: number): string =>
      BigInt(
        `0x${Buffer.from(outside.subarray(i * curve.fpBytes, (i + 1) * curve.fpBytes))
          .reverse()
          .toString('hex')}`,
      ).toString();
    const bent = structuredClone(list);
    (bent[3] as (typeof list)[number]).proof.pi_b = [
      [coordinate(0), coordinate(1)],
      [coordinate(2), coordinate(3)],
      ['1', '0'],
    ];
    const alsoBroken = structuredClone(bent);
    (alsoBroken[5] as (typeof list)[number]).proof.pi_a = ['no', 'numbers', '1'];
    for (const files of [bent, alsoBroken]) {
      const named = [{ name: 'list.json', bytes: new TextEncoder().encode(JSON.stringify(files)) }];
      const error = await thrown(() => readBatch(named, { trusted: true, backend: () => backend }));
      expect(error).toEqual(await thrown(() => readBatch(named, { trusted: true })));
      expect(error.context).toMatchObject({ file: 'list.json', index: 3, field: 'b' });
    }
  });
});

interface SnarkjsMember {
  readonly proof: { pi_a: string[]; pi_b: string[][]; pi_c: string[] };
  readonly public: string[];
  readonly verificationKey: unknown;
}

/** Seven true proofs as snarkjs would write them. */
function snarkjsList(curve: Curve): SnarkjsMember[] {
  const { members } = syntheticBatch(curve, {
    keys: [{ alpha: 2n, beta: 3n, gamma: 5n, delta: 7n, ic: [11n, 13n] }],
    proofs: Array.from({ length: 7 }, (_, i) => ({ key: 0, inputs: [BigInt(i)], a: 3n + BigInt(i), b: 4n })),
  });
  return members.map((member) => {
    const { key, inputs, proof } = toSnarkjs(member);
    return structuredClone({ proof, public: inputs, verificationKey: key }) as unknown as SnarkjsMember;
  });
}
