/** Where one line of a chart overtakes another. */

/** A point of a line; both coordinates positive. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Lines closer than this are level: noise crosses them back and forth. */
const LEVEL = Math.log(1.05);

/**
 * The points where two lines cross, by straight lines between their common sizes in logarithmic coordinates. A crossing counts
 * when the lines are more than 5 % apart before and after it.
 */
export function crossovers(a: readonly Point[], b: readonly Point[]): Point[] {
  const common = a
    .flatMap(({ x, y }) => b.filter((point) => point.x === x).map((point) => ({ x, a: y, b: point.y })))
    .sort((p, q) => p.x - q.x)
    .map((point) => ({ ...point, lead: Math.log(point.a / point.b) }));
  const found: Point[] = [];
  let sure: (typeof common)[number] | undefined;
  let before: (typeof common)[number] | undefined;
  for (const point of common) {
    // The last pair of sizes between which the sign changes lies between `sure` and this point.
    if (sure && before && Math.abs(point.lead) > LEVEL && point.lead * sure.lead < 0) {
      const from = before.lead * point.lead < 0 ? before : sure;
      const t = from.lead / (from.lead - point.lead);
      const between = (low: number, high: number): number => low ** (1 - t) * high ** t;
      found.push({ x: between(from.x, point.x), y: between(from.a, point.a) });
    }
    if (Math.abs(point.lead) > LEVEL) sure = point;
    before = point;
  }
  return found;
}
