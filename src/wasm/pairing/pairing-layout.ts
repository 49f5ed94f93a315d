import type { Curve } from '../../curve/curve.ts';
import { InternalError } from '../../errors.ts';
import type { FieldForm } from '../field/field-form.ts';
import { millerSteps } from './parameters.ts';

/** Two pairings of a Miller job, one a lane, and the products that they belong to. */
export interface MillerUse {
  /** Index of the {@link MillerSource} whose points are paired with these. */
  readonly source: number;
  /** Indices of the products that the pairings of lanes 0 and 1 are factors of. */
  readonly products: readonly [number, number];
  /** Addresses of affine G1 points, singles x ‖ y, for lanes 0 and 1. 0, or the point (0, 0): infinity, a factor 1. */
  readonly points: readonly [number, number];
}

/** Two G2 points of a Miller job: prepared lines, or the addresses of affine points (0 for none) whose lines are made. */
export type MillerSource = { readonly lines: number } | { readonly points: readonly [number, number] };

/**
 * One call of the export `millerProducts`: products Π e(P, Q) before the final exponentiation. The lines of a source are made once,
 * whatever the number of its uses; a product's pairings share its squarings.
 */
export interface MillerJob {
  /** Address of ⌈products/2⌉ pairs for the results: product k goes to lane k mod 2 of pair ⌊k/2⌋; a last odd lane becomes 1. */
  readonly out: number;
  readonly products: number;
  readonly sources: readonly MillerSource[];
  /** Best in the order of their sources. */
  readonly uses: readonly MillerUse[];
}

/** Offsets in a job's header of 32-bit words. Sources and uses follow it. */
export const JOB_HEADER = {
  out: 0,
  products: 4,
  sources: 8,
  sourceCount: 12,
  uses: 16,
  useCount: 20,
  scratch: 24,
} as const;
const JOB_HEADER_BYTES = 28;
/** Words of one source: prepared lines or 0, both points, and one that becomes the address of the lines. */
export const SOURCE_BYTES = 16;
/** Offsets of the words of one use: index of the source, a product and a point for each lane. */
export const USE = { source: 0, products: 4, points: 12 } as const;
export const USE_BYTES = 20;

/** Least number of sources without prepared lines whose lines are made step by step: see line-stream.ts. */
export const STREAM_FROM = 3;
/** Elements of Fp2 in the state of such a source: four addends, T, and the current line. */
export const STREAM_POINT = 8;
export const STREAM_LINE = 10;
const STREAM_STATE = 12;

/** Bytes of the state of one source. */
export function streamStateBytes(form: FieldForm): number {
  return STREAM_STATE * 2 * form.pairBytes;
}

/** Powers 1, 3 … 15 of each base of a multi-exponentiation. */
export const GT_TABLE_SIZE = 8;
/** Positions of the digits of a scalar, one byte each. */
export const GT_DIGITS = 256;

/** Sizes in bytes of what the exports of one form and curve read and write, and the encoding of Miller jobs. */
export class PairingLayout {
  /** A pair of GT (or any Fp12) elements. */
  readonly gtPairBytes: number;
  /** An affine G1 point, x ‖ y as singles. */
  readonly g1SingleBytes: number;
  /** An affine G2 point, x.c0 ‖ x.c1 ‖ y.c0 ‖ y.c1 as singles. */
  readonly g2SingleBytes: number;
  /** One line of two points. */
  readonly lineBytes: number;
  /** All lines of two G2 points, in the order of millerSteps. */
  readonly linesBytes: number;
  /** Scratch for making them. */
  readonly prepareScratchBytes: number;
  readonly #pairBytes: number;

  constructor(form: FieldForm, curve: Curve) {
    const lines = millerSteps(curve).length;
    this.#pairBytes = form.pairBytes;
    this.gtPairBytes = 12 * form.pairBytes;
    this.g1SingleBytes = 2 * form.singleBytes;
    this.g2SingleBytes = 4 * form.singleBytes;
    this.lineBytes = 4 * form.pairBytes;
    this.linesBytes = lines * this.lineBytes;
    this.prepareScratchBytes = lines * 4 * form.pairBytes;
  }

  /** Scratch of `gtMultiExp` for `count` pairs of bases. */
  multiExpScratchBytes(count: number): number {
    return count * (GT_TABLE_SIZE * this.gtPairBytes + 2 * GT_DIGITS);
  }

  /** Scratch of `gtCompress` and `gtDecompress` for `count` pairs. */
  torusScratchBytes(count: number): number {
    return count * 10 * this.#pairBytes;
  }

  /** Scratch of `millerProducts`. */
  millerScratchBytes({ products, sources, uses }: Omit<MillerJob, 'out'>): number {
    const unprepared = sources.filter((source) => !('lines' in source)).length;
    const lines =
      unprepared < STREAM_FROM
        ? unprepared * this.linesBytes
        : // States, and denominators with their batch inversion.
          unprepared * (STREAM_STATE + 2) * 2 * this.#pairBytes;
    return (
      // Accumulators, one half a lane.
      (products * this.gtPairBytes) / 2 +
      // Coordinates of the uses; then room for their batch inversion or for the lines' scratch, whichever is more.
      uses.length * 2 * this.#pairBytes +
      Math.max(uses.length * 2 * this.#pairBytes, this.prepareScratchBytes) +
      lines
    );
  }

  /** Length of {@link encodeMillerJob}. */
  millerJobBytes({ sources, uses }: Pick<MillerJob, 'sources' | 'uses'>): number {
    return JOB_HEADER_BYTES + SOURCE_BYTES * sources.length + USE_BYTES * uses.length;
  }

  /** The bytes of a job that is to lie at the address `at`, a multiple of 4, and work at `scratch`, a multiple of 16. */
  encodeMillerJob(job: MillerJob, at: number, scratch: number): Uint8Array {
    const sources = at + JOB_HEADER_BYTES;
    const uses = sources + SOURCE_BYTES * job.sources.length;
    const words = [job.out, job.products, sources, job.sources.length, uses, job.uses.length, scratch];
    for (const source of job.sources) {
      if ('lines' in source) words.push(source.lines, 0, 0, 0);
      else words.push(0, ...source.points, 0);
    }
    for (const { source, products, points } of job.uses) {
      if (!(source < job.sources.length) || !products.every((product) => product < job.products)) {
        throw new InternalError(
          `A Miller job pairs with source ${source} for products ${products.join(', ')}: out of range.`,
        );
      }
      words.push(source, ...products, ...points);
    }
    return new Uint8Array(Uint32Array.from(words).buffer);
  }
}
