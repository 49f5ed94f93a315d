import { beforeAll, describe, expect, test } from 'vitest';
import { type CompiledCircuit, compiledCircuit, DEFAULT_CACHE } from '../../examples/lib/artefacts.ts';
import { storageProof } from '../../examples/lib/circuits.ts';
import { Fp } from '../../examples/lib/curve.ts';
import type { Instance } from '../../examples/lib/instance.ts';
import {
  type ChainState,
  createChainState,
  type Page,
  storageInstance,
  storageInstances,
  timeWeightedAverage,
} from '../../examples/lib/storage-proof.ts';
import { expectRefused, expectSatisfied } from './witness.ts';

/** 100 for 10 s, 400 for 20 s, 700 for 1 s: (1000 + 8000 + 700) / 31 = 312.9 */
const PAGE: Page = [
  { value: 100n, time: 1000n },
  { value: 400n, time: 1010n },
  { value: 700n, time: 1030n },
  { value: 9n, time: 1031n },
];
const LARGEST = 2n ** 64n - 1n;
const LATEST = 2n ** 32n - 1n;
const EXTREMES: Page = [
  { value: LARGEST, time: 0n },
  { value: LARGEST, time: 1n },
  { value: LARGEST, time: LATEST - 1n },
  { value: LARGEST, time: LATEST },
];

let circuit: CompiledCircuit;
let chain: ChainState;
let honest: Instance;
beforeAll(async () => {
  circuit = await compiledCircuit(storageProof, DEFAULT_CACHE);
  chain = createChainState(
    new Map([
      [5, PAGE],
      [255, EXTREMES],
    ]),
  );
  honest = storageInstance(chain, 5, 312n);
});

/** The honest inputs with one list entry of `name` replaced. */
function withEntry(name: string, at: readonly number[], value: bigint): Instance['inputs'] {
  const replace = (current: unknown, path: readonly number[]): unknown => {
    const [index, ...rest] = path;
    if (index === undefined) return value;
    return (current as unknown[]).with(index, replace((current as unknown[])[index], rest));
  };
  return { ...honest.inputs, [name]: replace(honest.inputs[name], at) as bigint };
}

describe('an honest storage proof', () => {
  test('makes public what was worked out by hand', async () => {
    const [average, meets, start, end, ...rest] = await expectSatisfied(circuit, honest.inputs);
    expect([average, meets, start, end]).toEqual([312n, 1n, 1000n, 1031n]);
    expect(rest).toEqual([chain.state.root, chain.account, 5n, 312n]);
    expect(timeWeightedAverage(PAGE)).toBe(312n);
  });

  test('says when the threshold is not reached', async () => {
    for (const threshold of [313n, LARGEST]) {
      const { inputs, publicSignals } = storageInstance(chain, 5, threshold);
      expect(publicSignals.meetsThreshold).toBe(0n);
      expect(await expectSatisfied(circuit, inputs)).toEqual(Object.values(publicSignals));
    }
  });

  test('works with the largest values and times', async () => {
    const { inputs, publicSignals } = storageInstance(chain, 255, LARGEST);
    expect(publicSignals).toMatchObject({ average: LARGEST, meetsThreshold: 1n });
    expect(await expectSatisfied(circuit, inputs)).toEqual(Object.values(publicSignals));
  });

  test('works with random states', async () => {
    for (const { inputs, publicSignals } of storageInstances(2)) {
      expect(await expectSatisfied(circuit, inputs)).toEqual(Object.values(publicSignals));
    }
  });
});

describe('a storage proof is refused', () => {
  test('for a child that is not on the path, at every level of both trees', async () => {
    for (const name of ['accountChildren', 'storageChildren']) {
      for (let level = 0; level < 4; level++) {
        for (let child = 0; child < 4; child++) {
          const children = honest.inputs[name] as bigint[][];
          const wrong = Fp.add((children[level] as bigint[])[child] as bigint, 1n);
          await expectRefused(circuit, withEntry(name, [level, child], wrong));
        }
      }
    }
  });

  test('for another root, account, page or place of the account', async () => {
    await expectRefused(
      circuit,
      { ...honest.inputs, stateRoot: Fp.add(chain.state.root, 1n) },
      'StorageProof',
    );
    await expectRefused(circuit, { ...honest.inputs, account: chain.account ^ 1n }, 'MerkleStep');
    await expectRefused(circuit, { ...honest.inputs, nonce: chain.nonce + 1n }, 'MerkleStep');
    await expectRefused(circuit, { ...honest.inputs, balance: chain.balance + 1n }, 'MerkleStep');
    await expectRefused(
      circuit,
      { ...honest.inputs, accountPosition: BigInt(chain.accountPosition ^ 1) },
      'MerkleStep',
    );
    for (const page of [4n, 5n ^ 128n]) {
      await expectRefused(circuit, { ...honest.inputs, page }, 'MerkleStep');
    }
  });

  test('for positions beyond the trees, which would wrap around', async () => {
    await expectRefused(circuit, { ...honest.inputs, page: 256n + 5n }, 'Bits');
    const accountPosition = BigInt(chain.accountPosition + 256);
    await expectRefused(circuit, { ...honest.inputs, accountPosition }, 'Bits');
  });

  test('for observations that are not in the storage', async () => {
    for (let i = 0; i < 4; i++) {
      const { value, time } = PAGE[i] as { value: bigint; time: bigint };
      await expectRefused(circuit, withEntry('value', [i], value + 1n), 'MerkleStep');
      await expectRefused(circuit, withEntry('time', [i], time + (i % 2 === 0 ? -1n : 1n)), 'MerkleStep');
    }
  });

  test('for another reading of the same word', async () => {
    // time * 2^64 + value does not change; only the range checks can tell.
    const value = PAGE.map((observation, i) => observation.value + (i === 2 ? 2n ** 64n : 0n));
    const time = PAGE.map((observation, i) => observation.time - (i === 2 ? 1n : 0n));
    await expectRefused(circuit, { ...honest.inputs, value, time }, 'Below');
  });

  test('for times that do not increase', async () => {
    const still = PAGE.map(({ value }, i) => ({
      value,
      time: i < 2 ? 1000n : 1000n + BigInt(i),
    })) as unknown as Page;
    const back = PAGE.map(({ value }, i) => ({
      value,
      time: i === 1 ? 900n : 1000n + BigInt(i),
    })) as unknown as Page;
    const other = createChainState(
      new Map([
        [0, still],
        [1, back],
      ]),
    );
    for (const page of [0, 1]) {
      await expectRefused(circuit, storageInstance(other, page, 0n).inputs, 'TimeWeightedAverage');
    }
  });

  test('for a threshold of 2^64 or a negative one', async () => {
    for (const threshold of [2n ** 64n, Fp.ORDER - 1n]) {
      await expectRefused(circuit, { ...honest.inputs, threshold }, 'Below');
    }
  });
});
