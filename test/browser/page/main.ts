/** The page under test: Sheaf's public entry as a user's bundler packs it, and what the tests do with it. */

import {
  aggregate,
  type Backend,
  BN254,
  createWasmBackend,
  decodeSrs,
  type NamedFile,
  readBatch,
  readVerificationKey,
  type Srs,
  verify,
} from '../../../src/index.ts';
import { LANE_STRIDE, LANES, type StartMessage } from '../../../src/wasm/pool/task-loop.ts';

/** How a worker dies in its first task: of an error, by itself without a word, or stuck until it is terminated from outside. */
export type Death = 'throws' | 'closes' | 'hangs';

const DEATHS: Readonly<Record<Death, string>> = {
  throws: `throw new Error('the worker is doomed')`,
  closes: `close(); globalThis.postMessage = () => {}; throw new Error('nobody hears this')`,
  hangs: 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)',
};

/** A worker's script after which the first task it takes is its death: by then the board says that it has the task. */
function doomedScript(url: string, death: Death): string {
  const script = `
    const { store } = Atomics;
    Atomics.store = (board, index, value) => {
      store(board, index, value);
      if (index >= ${LANES} && value >= 2) { ${DEATHS[death]} }
    };
    importScripts(${JSON.stringify(url)});
  `;
  return URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
}

/** A worker of the pool with what it was started with. */
interface WatchedWorker {
  readonly worker: Worker;
  readonly start: StartMessage;
}

const workers: WatchedWorker[] = [];
let nextDeath: Death | undefined;

/** The platform's worker, kept where the tests find it. */
globalThis.Worker = class extends Worker {
  constructor(url: string | URL, options?: WorkerOptions) {
    super(nextDeath ? doomedScript(String(url), nextDeath) : url, options);
    nextDeath = undefined;
  }

  override postMessage(message: unknown): void {
    workers.push({ worker: this, start: message as StartMessage });
    super.postMessage(message);
  }
};

/** Whether the worker is in the midst of a task, as the board of the pool says. */
function isAtWork({ start: { board, lane } }: WatchedWorker): boolean {
  return Atomics.load(board, LANES + lane * LANE_STRIDE) >= 2;
}

let backend: Backend;
let srs: Srs;
/** Lanes of the workers that were seen at work. */
const lanes = new Set<number>();

const nextTick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** An operation's result, or the code of the typed error that it rejects with. */
async function outcomeOf<T>(operation: Promise<T>): Promise<T | string> {
  try {
    return await operation;
  } catch (error) {
    return (error as { code?: string }).code ?? `untyped: ${String(error)}`;
  }
}

async function msm(points: Uint8Array, scalars: Uint8Array): Promise<Uint8Array> {
  const [bases, weights] = [await backend.uploadG1(points), await backend.uploadFr(scalars)];
  try {
    return await backend.msmG1(bases, weights);
  } finally {
    bases.dispose();
    weights.dispose();
  }
}

const page = {
  /** Creates the backend; says how many threads it has and how many workers it has started. */
  async open(threads: number | undefined): Promise<{ threads: number; workers: number }> {
    backend = await createWasmBackend(BN254, { threads });
    return { threads: backend.threads, workers: workers.length };
  },

  /** Keeps the reference string, from its file. */
  async useSrs(file: Uint8Array): Promise<void> {
    srs = await decodeSrs(file, backend);
  },

  /** Reads, verifies and folds proof files; says which workers were seen at work, then or before. */
  async fold(files: readonly NamedFile[]): Promise<{ composite: Uint8Array; lanes: number[] }> {
    const watch = setInterval(() => {
      for (const worker of workers) if (isAtWork(worker)) lanes.add(worker.start.lane);
    });
    try {
      const { members } = await readBatch(files, { backend: () => backend });
      const { bytes } = await aggregate(members, { srs, backend });
      return { composite: bytes, lanes: [...lanes].sort() };
    } finally {
      clearInterval(watch);
    }
  },

  /** Folds and cancels when a quarter is done; gives the code of the error and what was done until then. */
  async foldAndCancel(files: readonly NamedFile[]): Promise<{ outcome: unknown; fraction: number }> {
    const { members } = await readBatch(files, { backend: () => backend, trusted: true });
    const controller = new AbortController();
    let fraction = 0;
    const outcome = await outcomeOf(
      aggregate(members, {
        srs,
        backend,
        signal: controller.signal,
        onProgress: (progress) => {
          fraction = progress.fraction;
          if (fraction > 0.25) controller.abort();
        },
      }),
    );
    return { outcome, fraction };
  },

  /** Starts folding and lets it run. */
  foldInBackground(files: readonly NamedFile[]): void {
    page.fold(files).catch(() => {});
  },

  /** What a composite proves under keys given as files; false when it proves nothing. */
  async verify(
    composite: Uint8Array,
    keys: readonly Uint8Array[],
  ): Promise<false | { system: string; inputs: bigint[] }[]> {
    const options = { keys: keys.map((key) => readVerificationKey(key)), srs, backend };
    const verified = await verify(composite, options);
    return verified === false
      ? false
      : verified.claims.map(({ system, inputs }) => ({ system, inputs: [...inputs] }));
  },

  /** The sum, or the code of an error. */
  msm: (points: Uint8Array, scalars: Uint8Array) => outcomeOf(msm(points, scalars)),

  /** As `msm`, on a backend of its own of which one worker dies in the midst of a sum; and the next sum. */
  async msmWithDeath(
    points: Uint8Array,
    scalars: Uint8Array,
    death: Death,
  ): Promise<Record<'failed' | 'next', Uint8Array | string>> {
    const lasting = backend;
    const others = workers.length;
    nextDeath = death;
    backend = await createWasmBackend(BN254, { threads: 3 });
    try {
      const doomed = workers[others] as WatchedWorker;
      let failed: Uint8Array | string;
      // On a busy machine the other workers may leave nothing for the doomed one.
      for (let round = 0; ; round++) {
        let over = false;
        const job = outcomeOf(msm(points, scalars)).finally(() => {
          over = true;
        });
        while (!over && !isAtWork(doomed)) await nextTick();
        if (!over && death === 'hangs') doomed.worker.terminate();
        failed = await job;
        if (typeof failed === 'string' || round === 20) break;
      }
      return { failed, next: await outcomeOf(msm(points, scalars)) };
    } finally {
      await backend.dispose();
      backend = lasting;
    }
  },

  /** Ends every worker that the page has started, none of which has anything to do. */
  endAllWorkers(): void {
    for (const { worker } of workers) worker.terminate();
  },

  dispose: () => backend.dispose(),
};

/** What the tests call. */
export type SheafPage = typeof page;

declare global {
  var sheafPage: SheafPage;
}

globalThis.sheafPage = page;
