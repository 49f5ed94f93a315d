/** The tasks of multi-scalar multiplications, laid out in linear memory in lists that a thread works off one by one. */

import { MSM_TASK, MSM_TASK_BYTES } from '../../wasm/curve/msm-layout.ts';
import type { Arena } from '../../wasm/pool/index.ts';

/** Working memory of a task, by the word of its descriptor that holds the address. */
const REGIONS = ['ends', 'refs', 'buckets', 'scratch'] as const;
type Region = (typeof REGIONS)[number];

/** A task before it has working memory. */
export interface MsmTaskDraft {
  /** Words of its descriptor; those left out are 0. */
  readonly words: Partial<Record<keyof typeof MSM_TASK, number>>;
  /** Bytes of working memory that it needs. */
  readonly bytes: Partial<Record<Region, number>>;
  /** What it costs, in any unit common to all. */
  readonly cost: number;
}

/**
 * Deals tasks out to at most `lists` lists of about equal cost, the dearest first. The tasks of a list share working memory. Gives
 * the arguments of `msmTasks` for each list.
 */
export function layOutTasks(drafts: readonly MsmTaskDraft[], lists: number, arena: Arena): number[][] {
  const sorted = [...drafts].sort((a, b) => b.cost - a.cost);
  const dealt = Array.from({ length: Math.min(lists, drafts.length) }, () => ({
    tasks: [] as MsmTaskDraft[],
    cost: 0,
  }));
  for (const draft of sorted) {
    const list = dealt.reduce((least, each) => (each.cost < least.cost ? each : least));
    list.tasks.push(draft);
    list.cost += draft.cost;
  }
  return dealt.map(({ tasks }) => [writeTasks(tasks, arena), tasks.length]);
}

/** Writes the descriptors of a list; gives their address. */
function writeTasks(tasks: readonly MsmTaskDraft[], arena: Arena): number {
  const shared: Partial<Record<Region, number>> = {};
  for (const region of REGIONS) {
    const bytes = Math.max(0, ...tasks.map((task) => task.bytes[region] ?? 0));
    if (bytes > 0) shared[region] = arena.alloc(bytes);
  }
  const bytes = new Uint8Array(tasks.length * MSM_TASK_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [i, { words, bytes: needed }] of tasks.entries()) {
    for (const [name, offset] of Object.entries(MSM_TASK) as [keyof typeof MSM_TASK, number][]) {
      const region = REGIONS.find((each) => each === name);
      const own = region && needed[region] !== undefined ? shared[region] : undefined;
      view.setUint32(i * MSM_TASK_BYTES + offset, own ?? words[name] ?? 0, true);
    }
  }
  return arena.copyIn(bytes);
}
