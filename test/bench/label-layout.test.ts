import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spreadLabels } from '../../bench/lib/label-layout.ts';

describe('spreadLabels', () => {
  it('leaves labels that have room where they are', () => {
    expect(spreadLabels([100, 20, 60], 17, 0, 200)).toEqual([100, 20, 60]);
  });

  it('moves labels that touch apart, around their middle', () => {
    expect(spreadLabels([100, 104], 20, 0, 200)).toEqual([92, 112]);
  });

  it('pushes on what the moved ones touch', () => {
    expect(spreadLabels([100, 100, 112], 20, 0, 200)).toEqual([84, 104, 124]);
  });

  it('keeps gap, order and room', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { minLength: 1, maxLength: 12 }),
        (wanted) => {
          const places = spreadLabels(wanted, 17, 0, 300);
          const inOrder = wanted
            .map((want, i) => ({ want, place: places[i] as number }))
            .sort((a, b) => a.want - b.want || a.place - b.place);
          for (const [i, { place }] of inOrder.entries()) {
            expect(place).toBeGreaterThanOrEqual(-1e-9);
            expect(place).toBeLessThanOrEqual(300 + 1e-9);
            if (i > 0) expect(place - (inOrder[i - 1]?.place as number)).toBeGreaterThanOrEqual(17 - 1e-9);
          }
        },
      ),
    );
  });
});
