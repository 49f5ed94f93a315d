/** Instances of circuits/storage-proof.circom: pages of a contract's storage under one state root. */

import { randomBits, randomFieldElement } from './curve.ts';
import type { Instance } from './instance.ts';
import { buildTree, type MerkleTree, merklePath } from './merkle.ts';
import { DOMAIN, poseidon4, type Quad } from './poseidon.ts';

const ACCOUNT_LEVELS = 4;
const STORAGE_LEVELS = 4;

/** A value (below 2^64) seen at a time (seconds, below 2^32). */
export interface Observation {
  value: bigint;
  time: bigint;
}

/** Four consecutive observations, times increasing. */
export type Page = readonly [Observation, Observation, Observation, Observation];

/** A chain state with one contract of interest; all other accounts and pages are opaque hashes. */
export interface ChainState {
  account: bigint;
  nonce: bigint;
  balance: bigint;
  accountPosition: number;
  state: MerkleTree;
  storage: MerkleTree;
  /** The known pages, by page number. */
  pages: ReadonlyMap<number, Page>;
}

/** A state with the given pages in the contract's storage and everything else drawn from the CSPRNG. */
export function createChainState(pages: ReadonlyMap<number, Page>): ChainState {
  const account = randomBits(160);
  const nonce = randomBits(32);
  const balance = randomBits(96);
  const accountPosition = Number(randomBits(2 * ACCOUNT_LEVELS));

  const pageHashes = Array.from({ length: 4 ** STORAGE_LEVELS }, (_, number) => {
    const page = pages.get(number);
    return page === undefined ? randomFieldElement() : hashPage(page);
  });
  const storage = buildTree(pageHashes, STORAGE_LEVELS);
  const accounts = Array.from({ length: 4 ** ACCOUNT_LEVELS }, randomFieldElement);
  accounts[accountPosition] = poseidon4(DOMAIN.account, [account, nonce, balance, storage.root]);
  const state = buildTree(accounts, ACCOUNT_LEVELS);
  return { account, nonce, balance, accountPosition, state, storage, pages };
}

function hashPage(page: Page): bigint {
  return poseidon4(DOMAIN.page, page.map(({ value, time }) => (time << 64n) + value) as unknown as Quad);
}

/** The time-weighted average of a page, rounded down; each value holds until the next observation. */
export function timeWeightedAverage(page: Page): bigint {
  let total = 0n;
  for (let i = 0; i < 3; i++) {
    const [from, to] = [page[i] as Observation, page[i + 1] as Observation];
    total += from.value * (to.time - from.time);
  }
  return total / (page[3].time - page[0].time);
}

/** The question whether the average of a page reaches `threshold` (below 2^64), with its witness. */
export function storageInstance(chain: ChainState, number: number, threshold: bigint): Instance {
  const page = chain.pages.get(number);
  if (page === undefined) throw new RangeError(`the state has no page ${number}`);
  const average = timeWeightedAverage(page);
  const statement = { stateRoot: chain.state.root, account: chain.account, page: BigInt(number), threshold };
  return {
    inputs: {
      ...statement,
      nonce: chain.nonce,
      balance: chain.balance,
      accountPosition: BigInt(chain.accountPosition),
      accountChildren: merklePath(chain.state, chain.accountPosition),
      storageChildren: merklePath(chain.storage, number),
      value: page.map(({ value }) => value),
      time: page.map(({ time }) => time),
    },
    publicSignals: {
      average,
      meetsThreshold: average >= threshold ? 1n : 0n,
      windowStart: page[0].time,
      windowEnd: page[3].time,
      ...statement,
    },
  };
}

/** Four observations 12 to 3084 seconds apart, the value moving by up to about 1.6 % between them. */
function randomPage(): Page {
  let value = 10n ** 11n + randomBits(36);
  let time = 1_700_000_000n + randomBits(26);
  return Array.from({ length: 4 }, () => {
    value += (value * (randomBits(10) - 512n)) >> 15n;
    time += 12n * (1n + randomBits(8));
    return { value, time };
  }) as unknown as Page;
}

/** `count` instances on different pages of one fresh state, each with a threshold close to the average. */
export function storageInstances(count: number): Instance[] {
  const pages = new Map<number, Page>();
  while (pages.size < count) pages.set(Number(randomBits(2 * STORAGE_LEVELS)), randomPage());
  const chain = createChainState(pages);
  return [...pages].map(([number, page]) => {
    const average = timeWeightedAverage(page);
    return storageInstance(chain, number, average + (average * (randomBits(10) - 512n)) / 100_000n);
  });
}
