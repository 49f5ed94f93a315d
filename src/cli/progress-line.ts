/** One line on a terminal that says how far a long operation is, how fast it goes and how long it will take. */

import { formatDuration } from './format.ts';

/** Where the line is drawn: a terminal. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly columns?: number | undefined;
}

/** What is being done, and how much of it there is. */
export interface ProgressTask {
  readonly label: string;
  readonly count: number;
  /** Unit of `count` in the plural, such as `proofs`. */
  readonly unit: string;
}

const REDRAW_MS = 100;
const BAR_CELLS = 24;
/** Below this share an estimate of the time left would be noise. */
const ESTIMATE_FROM = 0.02;
const ERASE_LINE = '\r\u001b[K';

/** The text of the line, no wider than `columns`. */
export function renderProgress(
  task: ProgressTask,
  fraction: number,
  elapsedMs: number,
  columns?: number,
): string {
  // A terminal that does not know its width says 0.
  const width = columns || 80;
  const cells = Math.round(fraction * BAR_CELLS);
  const bar = `${'█'.repeat(cells)}${'░'.repeat(BAR_CELLS - cells)}`;
  const percent = `${String(Math.floor(fraction * 100)).padStart(3)} %`;
  const estimable = fraction >= ESTIMATE_FROM && elapsedMs > 0;
  const rate = ((task.count * fraction) / elapsedMs) * 1000;
  const speed = estimable ? `  ${rate >= 9.95 ? rate.toFixed(0) : rate.toPrecision(2)} ${task.unit}/s` : '';
  const left =
    estimable && fraction < 1 ? `  ${formatDuration((elapsedMs * (1 - fraction)) / fraction)} left` : '';
  return `${task.label}  ${bar} ${percent}${speed}${left}`.slice(0, width - 1);
}

/** Draws and erases the line. Without a stream it does nothing. */
export class ProgressLine {
  readonly #stream: ProgressStream | undefined;
  readonly #now: () => number;
  #startedAt = 0;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #drawn = false;

  constructor(stream: ProgressStream | undefined, now: () => number = () => performance.now()) {
    this.#stream = stream;
    this.#now = now;
  }

  /** Begins an operation; rate and time left count from here. */
  start(): void {
    this.clear();
    this.#startedAt = this.#now();
    this.#drawnAt = Number.NEGATIVE_INFINITY;
  }

  /** Redraws the line, at most ten times a second. */
  update(task: ProgressTask, fraction: number): void {
    const now = this.#now();
    if (!this.#stream || now - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = now;
    this.#drawn = true;
    const text = renderProgress(task, fraction, now - this.#startedAt, this.#stream.columns);
    this.#stream.write(`${ERASE_LINE}${text}`);
  }

  /** Takes the line away, so that other text can be written. */
  clear(): void {
    if (!this.#drawn) return;
    this.#drawn = false;
    this.#stream?.write(ERASE_LINE);
  }
}
