/** Sums that are asked for together, computed one by one: for backends that gain nothing by having them all at once. */

import { joinBytes } from '../field/bytes.ts';
import type { GroupSums, OperationOptions, SumJob, SumJobs } from './backend.ts';
import { inTurn } from './in-turn.ts';

/** What a term takes, about. */
export const TERM_WEIGHT = { g1: 1, g2: 3 } as const;

/** How one sum is made, in each group. */
export interface SumOne {
  g1(job: SumJob<'g1'>, options: OperationOptions): Promise<Uint8Array>;
  g2(job: SumJob<'g2'>, options: OperationOptions): Promise<Uint8Array>;
}

/** As `Backend.msmSums`, those in G1 first. Scalars of a sum are given up before the next begins. */
export async function sumsInTurn(
  sumOne: SumOne,
  jobs: SumJobs,
  options: OperationOptions,
): Promise<GroupSums> {
  const runs = inTurn(options, [
    ...jobs.g1.map(({ bases }) => TERM_WEIGHT.g1 * bases.length),
    ...jobs.g2.map(({ bases }) => TERM_WEIGHT.g2 * bases.length),
  ]);
  const g1: Uint8Array[] = [];
  for (const job of jobs.g1) {
    g1.push(await sumOne.g1(job, runs[g1.length] as OperationOptions));
    job.onSpent?.();
  }
  const g2: Uint8Array[] = [];
  for (const job of jobs.g2) {
    g2.push(await sumOne.g2(job, runs[g1.length + g2.length] as OperationOptions));
    job.onSpent?.();
  }
  return { g1: joinBytes(g1), g2: joinBytes(g2) };
}
