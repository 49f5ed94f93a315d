/** How a sparse matrix lies on a GPU: entries row by row, rows cut into slices. Pure arithmetic on indices. */

/** Most entries of a slice: the rows of most circuits are shorter. */
const SLICE = 16;
/** Words of a slice: its first entry or summand, their number, where their sum goes. */
const SLICE_WORDS = 3;

/** Entries by their rows, columns and values. */
export interface MatrixEntries {
  readonly rows: number;
  readonly rowIndices: Uint32Array;
  readonly columnIndices: Uint32Array;
  readonly valueIndices: Uint32Array;
}

/** Slices that are summed together. */
export interface SliceLevel {
  readonly first: number;
  readonly count: number;
}

/** A matrix laid out. */
export interface MatrixLayout {
  /** Column and value of each entry, row by row. */
  readonly entries: Uint32Array<ArrayBuffer>;
  /** Slices of all levels, {@link SLICE_WORDS} words each: of a level, the longest first. */
  readonly slices: Uint32Array<ArrayBuffer>;
  /** The first sums entries, each further one sums of those before. */
  readonly levels: readonly SliceLevel[];
  /** Places for sums: one a row, then those of slices of long rows. Rows without entries are in no slice. */
  readonly places: number;
}

/** Something to be summed: `length` neighbours from `start` on. */
interface Run {
  readonly start: number;
  readonly length: number;
  readonly target: number;
}

/** Lays a matrix out. */
export function layOutMatrix({ rows, rowIndices, columnIndices, valueIndices }: MatrixEntries): MatrixLayout {
  const count = rowIndices.length;
  const starts = new Uint32Array(rows + 1);
  for (let i = 0; i < count; i++) {
    const row = rowIndices[i] as number;
    starts[row + 1] = (starts[row + 1] as number) + 1;
  }
  for (let row = 0; row < rows; row++)
    starts[row + 1] = (starts[row + 1] as number) + (starts[row] as number);
  const entries = new Uint32Array(2 * count);
  const next = starts.slice();
  for (let i = 0; i < count; i++) {
    const row = rowIndices[i] as number;
    const at = next[row] as number;
    entries[2 * at] = columnIndices[i] as number;
    entries[2 * at + 1] = valueIndices[i] as number;
    next[row] = at + 1;
  }
  const levels: Slices[] = [new Slices()];
  let places = rows;
  let long: Run[] = [];
  const cut = (run: Run, into: Slices, later: Run[]): void => {
    const pieces = Math.ceil(run.length / SLICE);
    if (pieces <= 1) {
      into.add(run.start, run.length, run.target);
      return;
    }
    for (let i = 0; i < pieces; i++) {
      const [from, to] = [Math.floor((run.length * i) / pieces), Math.floor((run.length * (i + 1)) / pieces)];
      into.add(run.start + from, to - from, places + i);
    }
    later.push({ start: places, length: pieces, target: run.target });
    places += pieces;
  };
  const [rowSlices] = levels as [Slices];
  for (let row = 0; row < rows; row++) {
    const start = starts[row] as number;
    const length = (starts[row + 1] as number) - start;
    // Most rows are short: no object is made for them.
    if (length > SLICE) cut({ start, length, target: row }, rowSlices, long);
    else if (length > 0) rowSlices.add(start, length, row);
  }
  while (long.length > 0) {
    const [level, later]: [Slices, Run[]] = [new Slices(), []];
    for (const run of long) cut(run, level, later);
    levels.push(level);
    long = later;
  }
  let first = 0;
  const slices = new Uint32Array(SLICE_WORDS * levels.reduce((sum, level) => sum + level.count, 0));
  const placed = levels.map((level) => {
    level.write(slices, first);
    const own = { first, count: level.count };
    first += level.count;
    return own;
  });
  return { entries, slices, levels: placed, places };
}

/** Slices of one level, to be put in the order of their lengths: threads side by side have as much to do. */
class Slices {
  #words = new Uint32Array(64 * SLICE_WORDS);
  count = 0;

  add(start: number, length: number, target: number): void {
    const at = SLICE_WORDS * this.count;
    if (at === this.#words.length) {
      const larger = new Uint32Array(2 * at);
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words[at] = start;
    this.#words[at + 1] = length;
    this.#words[at + 2] = target;
    this.count++;
  }

  /** Writes them from slice `first` on. */
  write(out: Uint32Array, first: number): void {
    const words = this.#words;
    const next = new Uint32Array(SLICE + 1);
    const lengthAt = (i: number): number => words[SLICE_WORDS * i + 1] as number;
    for (let i = 0; i < this.count; i++) {
      const bin = SLICE - lengthAt(i) + 1;
      if (bin <= SLICE) next[bin] = (next[bin] as number) + 1;
    }
    for (let bin = 1; bin <= SLICE; bin++) next[bin] = (next[bin] as number) + (next[bin - 1] as number);
    for (let i = 0; i < this.count; i++) {
      const bin = SLICE - lengthAt(i);
      const place = next[bin] as number;
      out.set(words.subarray(SLICE_WORDS * i, SLICE_WORDS * (i + 1)), SLICE_WORDS * (first + place));
      next[bin] = place + 1;
    }
  }
}
