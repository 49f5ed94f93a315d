/** Placing of labels beside the ends of lines. */

/**
 * Moves positions on an axis as little as needed so that neighbours are `gap` apart and all lie between `low` and `high`.
 * Results are in the order of the input. When there are too many for the room, the last ones leave it.
 */
export function spreadLabels(wanted: readonly number[], gap: number, low: number, high: number): number[] {
  const order = wanted.map((_, i) => i).sort((i, j) => (wanted[i] as number) - (wanted[j] as number));
  // Groups of labels that touch stand around the middle of what their members want.
  const groups: { members: number[]; start: number }[] = [];
  const settle = (members: number[]): { members: number[]; start: number } => {
    const middle = members.reduce((sum, i) => sum + (wanted[i] as number), 0) / members.length;
    const length = (members.length - 1) * gap;
    return { members, start: Math.max(low, Math.min(middle - length / 2, high - length)) };
  };
  for (const i of order) {
    let group = settle([i]);
    for (let last = groups.at(-1); last; last = groups.at(-1)) {
      if (last.start + last.members.length * gap <= group.start) break;
      groups.pop();
      group = settle([...last.members, ...group.members]);
    }
    groups.push(group);
  }
  const result = wanted.map(() => 0);
  for (const { members, start } of groups) {
    members.forEach((i, place) => {
      result[i] = start + place * gap;
    });
  }
  return result;
}
