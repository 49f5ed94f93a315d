import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InternalError, MemoryLimitError, OptionError } from '../../../src/errors.ts';
import { ALIGNMENT, Heap } from '../../../src/wasm/pool/heap.ts';
import { fuzzRuns } from '../../helpers/fuzz.ts';

const PAGE = 65536;
const START = 1024;

/** A heap on a pretended memory, which remembers the sizes it was grown to. */
function heapOn(
  initialPages: number,
  limitPages: number,
): { heap: Heap; size: () => number; growths: number[] } {
  let size = initialPages * PAGE;
  const growths: number[] = [];
  const heap = new Heap(START, size, limitPages * PAGE, (bytes) => {
    size = Math.ceil(bytes / PAGE) * PAGE;
    growths.push(size);
    return size;
  });
  return { heap, size: () => size, growths };
}

type Step = { readonly alloc: number } | { readonly free: number };

const sizes = fc.oneof(
  fc.nat(200),
  fc.nat(20_000),
  fc.nat(600_000),
  fc.constantFrom(0, 63, 64, 65, 1023, 1024, 1025, PAGE, PAGE + 1),
);
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ alloc: sizes }) },
    { weight: 2, arbitrary: fc.record({ free: fc.nat(1000) }) },
  ),
  { maxLength: 200 },
);

describe('Heap', () => {
  it('hands out aligned pieces that never overlap nor leave the memory, and merges everything again', () => {
    fc.assert(
      fc.property(steps, (script: readonly Step[]) => {
        const { heap, size } = heapOn(2, 64);
        const live: { address: number; bytes: number }[] = [];
        const whole = heap.availableBytes();
        for (const step of script) {
          if ('alloc' in step) {
            const before = heap.availableBytes();
            let address: number;
            try {
              address = heap.alloc(step.alloc);
            } catch (error) {
              expect(error).toBeInstanceOf(MemoryLimitError);
              expect(before).toBeLessThan(step.alloc);
              continue;
            }
            expect(address % ALIGNMENT).toBe(0);
            expect(address).toBeGreaterThanOrEqual(START);
            expect(address + step.alloc).toBeLessThanOrEqual(size());
            expect(step.alloc).toBeLessThanOrEqual(before);
            for (const other of live) {
              const apart =
                address + Math.max(1, step.alloc) <= other.address ||
                other.address + Math.max(1, other.bytes) <= address;
              expect(apart).toBe(true);
            }
            live.push({ address, bytes: step.alloc });
          } else if (live.length > 0) {
            const [piece] = live.splice(step.free % live.length, 1);
            heap.free(piece?.address ?? -1);
          }
          expect(heap.pieces).toBe(live.length);
          const rounded = live.map(({ bytes }) => Math.max(1, Math.ceil(bytes / ALIGNMENT)) * ALIGNMENT);
          expect(heap.usedBytes).toBe(rounded.reduce((sum, bytes) => sum + bytes, 0));
        }
        for (const { address } of live) heap.free(address);
        expect(heap.usedBytes).toBe(0);
        expect(heap.availableBytes()).toBe(whole);
        expect(heap.alloc(whole)).toBe(START);
      }),
      { numRuns: fuzzRuns(150) },
    );
  });

  it('uses freed room again instead of growing', () => {
    const { heap, growths } = heapOn(1, 1024);
    for (let round = 0; round < 50; round++) {
      const addresses = [100_000, 5_000_000, 64, 777_777].map((bytes) => heap.alloc(bytes));
      for (const address of addresses) heap.free(address);
    }
    expect(growths.length).toBeLessThanOrEqual(3);
  });

  it('takes a free piece of exactly the size before it grows', () => {
    const { heap, growths } = heapOn(1, 1024);
    const odd = 1_000_001;
    const first = heap.alloc(odd);
    heap.alloc(64);
    heap.free(first);
    growths.length = 0;
    expect(heap.alloc(odd)).toBe(first);
    expect(growths).toEqual([]);
  });

  it('reaches the last byte of 4 GiB, and says what is left when that is not enough', () => {
    const { heap } = heapOn(1, 65536);
    const rest = 2 ** 32 - START;
    const half = heap.alloc(2 ** 31);
    expect(heap.availableBytes()).toBe(rest - 2 ** 31);
    const high = heap.alloc(rest - 2 ** 31);
    expect(high + rest - 2 ** 31).toBe(2 ** 32);
    expect(() => heap.alloc(1)).toThrow(MemoryLimitError);
    heap.free(half);
    let refusal: unknown;
    try {
      heap.alloc(2 ** 31 + 1);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(MemoryLimitError);
    expect((refusal as MemoryLimitError).context).toMatchObject({
      neededBytes: 2 ** 31 + 1,
      availableBytes: 2 ** 31,
      limitBytes: 2 ** 32,
    });
    expect(heap.alloc(2 ** 31)).toBe(half);
  });

  it('throws when the memory is refused below its limit, and goes on', () => {
    const heap = new Heap(START, PAGE, 100 * PAGE, () => PAGE);
    expect(() => heap.alloc(PAGE)).toThrow(MemoryLimitError);
    expect(heap.alloc(PAGE - START)).toBe(START);
  });

  it('refuses to free what is not allocated, and sizes that are none', () => {
    const { heap } = heapOn(1, 1);
    const address = heap.alloc(10);
    heap.free(address);
    for (const wrong of [address, address + 1, 0, -64]) expect(() => heap.free(wrong)).toThrow(InternalError);
    for (const bytes of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => heap.alloc(bytes)).toThrow(OptionError);
    }
  });
});
