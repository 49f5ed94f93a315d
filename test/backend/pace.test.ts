import { describe, expect, it } from 'vitest';
import { paced, pacedMap } from '../../src/backend/pace.ts';
import { AbortedError } from '../../src/errors.ts';

/** Holds the event loop as long as heavy work would. */
function work(milliseconds: number): void {
  const end = Date.now() + milliseconds;
  while (Date.now() < end);
}

describe('paced work', () => {
  it('runs every step once, in order', async () => {
    const seen: number[] = [];
    await paced(1000, {}, (i) => seen.push(i));
    expect(seen).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(await pacedMap(['a', 'b', 'c'], {}, (item, i) => `${item}${i}`)).toEqual(['a0', 'b1', 'c2']);
    expect(await pacedMap([], {}, () => 1)).toEqual([]);
  });

  it('lets other tasks run between steps', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await paced(6, {}, () => work(35));
    clearInterval(timer);
    expect(ticks).toBeGreaterThanOrEqual(3);
  });

  it('reports growing shares, and 1 at the end', async () => {
    const fractions: number[] = [];
    await paced(5, { onProgress: (fraction) => fractions.push(fraction) }, () => work(35));
    expect(fractions.length).toBeGreaterThan(3);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.every((fraction) => fraction > 0 && fraction <= 1)).toBe(true);
    expect(fractions.at(-1)).toBe(1);
    const empty: number[] = [];
    await paced(0, { onProgress: (fraction) => empty.push(fraction) }, () => {});
    expect(empty).toEqual([1]);
  });

  it('does nothing when the signal has fired before', async () => {
    let steps = 0;
    const signal = AbortSignal.abort('no');
    await expect(paced(3, { signal }, () => steps++)).rejects.toThrow(AbortedError);
    await expect(paced(0, { signal }, () => steps++)).rejects.toMatchObject({ cause: 'no' });
    expect(steps).toBe(0);
  });

  it('stops soon after the signal fires', async () => {
    const controller = new AbortController();
    let steps = 0;
    const running = paced(1000, { signal: controller.signal }, () => {
      steps++;
      work(35);
    });
    setTimeout(() => controller.abort('enough'), 0);
    await expect(running).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(steps).toBeLessThan(5);
  });

  it('passes on what a step throws', async () => {
    const failing = paced(3, {}, (i) => {
      if (i === 1) throw new RangeError('step 1');
    });
    await expect(failing).rejects.toThrow(RangeError);
  });
});
