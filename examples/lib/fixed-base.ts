/** Many multiples of a group's generator at once, by a table of its multiples for every 7-bit digit. */

import { InternalError, throwIfAborted } from '../../src/errors.ts';
import type { WasmGroup, WasmThread } from './snarkjs.ts';

/** Table size against work: 37 windows of 127 entries fit the memory that ffjavascript allots, in G2 too. */
const WINDOW_BITS = 7;
const WINDOWS = Math.ceil(254 / WINDOW_BITS);
const DIGITS = 2 ** WINDOW_BITS - 1;
/** Scalars between two looks at the abort signal. */
const CHUNK = 1024;

/**
 * scalar · generator for each scalar (canonical), as affine points in Montgomery form, all zeros for the
 * neutral element. Calls the additions of ffjavascript's WebAssembly one by one: it has no fixed-base routine
 * of its own.
 */
export async function generatorMultiples(
  group: WasmGroup,
  thread: WasmThread,
  scalars: readonly bigint[],
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const table = await group.batchToAffine(digitTable(group));
  const pointBytes = 3 * group.F.n8;
  const multiples = new Uint8Array(scalars.length * pointBytes);
  for (let start = 0; start < scalars.length; start += CHUNK) {
    throwIfAborted(signal);
    const chunk = multiples.subarray(start * pointBytes, (start + CHUNK) * pointBytes);
    addUp(group, thread, table, scalars.slice(start, start + CHUNK), chunk);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return await group.batchToAffine(multiples);
}

/** digit · 2^(7·window) · generator for digit = 1 … 127, window after window. */
function digitTable(group: WasmGroup): Uint8Array {
  const pointBytes = 3 * group.F.n8;
  const table = new Uint8Array(WINDOWS * DIGITS * pointBytes);
  let base = group.g;
  for (let entry = 0, window = 0; window < WINDOWS; window++) {
    let multiple = base;
    for (let digit = 1; digit <= DIGITS; digit++) {
      table.set(multiple, entry++ * pointBytes);
      multiple = group.add(multiple, base);
    }
    base = multiple;
  }
  return table;
}

/** Writes scalar · generator, not yet affine, for each scalar of a chunk. */
function addUp(
  group: WasmGroup,
  thread: WasmThread,
  table: Uint8Array,
  scalars: readonly bigint[],
  out: Uint8Array,
): void {
  const [affineBytes, pointBytes] = [2 * group.F.n8, 3 * group.F.n8];
  const addMixed = thread.instance.exports[`${group.prefix}_addMixed`];
  const free = thread.u8.length - (thread.u32[0] as number);
  if (addMixed === undefined || free < table.length + pointBytes + 8) {
    throw new InternalError(
      `ffjavascript has no ${group.prefix}_addMixed or too little memory (${free} bytes).`,
    );
  }
  thread.startSyncOp();
  try {
    const tableAt = thread.allocBuff(table);
    const sumAt = thread.allocBuff(group.zero);
    for (const [i, scalar] of scalars.entries()) {
      thread.u8.set(group.zero, sumAt);
      let rest = scalar;
      for (let window = 0; rest > 0n; window++) {
        const digit = Number(rest & BigInt(DIGITS));
        rest >>= BigInt(WINDOW_BITS);
        if (digit > 0) addMixed(sumAt, tableAt + (window * DIGITS + digit - 1) * affineBytes, sumAt);
      }
      out.set(thread.u8.subarray(sumAt, sumAt + pointBytes), i * pointBytes);
    }
  } finally {
    thread.endSyncOp();
  }
}
