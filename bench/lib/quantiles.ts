/** Summaries of samples. */

import type { Row } from './report.ts';

/** The value below which a share `q` of the sample lies, interpolated. NaN for an empty sample. */
export function quantile(sample: readonly number[], q: number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const low = sorted[Math.floor(position)] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? Number.NaN;
  return low + (high - low) * (position - Math.floor(position));
}

/** Middle value of a sample. */
export function median(sample: readonly number[]): number {
  return quantile(sample, 0.5);
}

/** Median and quartiles of a sample of milliseconds, as rows hold them. */
export function quartiles(sample: readonly number[]): Pick<Row, 'medianMs' | 'p25Ms' | 'p75Ms'> {
  return { medianMs: median(sample), p25Ms: quantile(sample, 0.25), p75Ms: quantile(sample, 0.75) };
}

/**
 * How many times as long the peer takes: the median, over rounds, of the peer's time in a round by our time in the same
 * round. Unlike the quotient of two medians it does not move when the machine slows down for some rounds. Samples are in
 * the order of the rounds; rounds that only one of them took part in do not count.
 */
export function pairedRatio(peer: readonly number[], own: readonly number[]): number {
  const rounds = Math.min(peer.length, own.length);
  return median(own.slice(0, rounds).map((ms, round) => (peer[round] as number) / ms));
}
