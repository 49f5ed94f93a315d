import type { FieldForm } from '../field/field-form.ts';
import type { GroupSpec } from './group-spec.ts';
import { MULTIPLES_WINDOW_BITS } from './multiples.ts';

/** Bytes that things of a group take in a form. */
export interface GroupSizes {
  /** A coordinate in both lanes. */
  readonly coordinatePairBytes: number;
  /** A packed affine point. */
  readonly pointBytes: number;
  /** A pair of projective points. */
  readonly projectiveBytes: number;
  /** An affine point in memory form. */
  readonly encodedBytes: number;
  readonly compressedBytes: number;
  /** An MSM record: see affine-batch.ts. */
  readonly recordBytes: number;
  /** A table of small multiples of two points. */
  readonly tableBytes: number;
}

/** The sizes that the kernels of a group use. */
export function groupSizes({ degree }: GroupSpec, form: FieldForm): GroupSizes {
  const projectiveBytes = 3 * degree * form.pairBytes;
  return {
    coordinatePairBytes: degree * form.pairBytes,
    pointBytes: 2 * degree * form.singleBytes,
    projectiveBytes,
    encodedBytes: 2 * degree * form.field.byteLength,
    compressedBytes: degree * form.field.byteLength,
    recordBytes: 3 * degree * form.singleBytes,
    tableBytes: (2 ** (MULTIPLES_WINDOW_BITS - 1) + 1) * projectiveBytes,
  };
}
