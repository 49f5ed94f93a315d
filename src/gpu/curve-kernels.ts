/** Every kernel of a curve, for what concerns them all: compile times, limits, copies to read. */

import type { Curve } from '../curve/curve.ts';
import { groupKernels } from './group.ts';
import type { Kernel } from './kernel.ts';
import { msmDigits } from './kernels/msm-digits.ts';
import { SOFTWARE_TILE_LOG2, TILE_LOG2 } from './kernels/ntt-pass.ts';
import { SCAN_ADD, SCAN_BLOCKS } from './kernels/scan.ts';
import { millerKernels } from './miller.ts';
import { scalarKernels } from './scalars.ts';
import type { MultiplierName } from './shader/field.ts';

/** The kernels that a backend of the curve may come to compile, on software adapters or on hardware. */
export function curveKernels(
  curve: Curve,
  multiplier: MultiplierName,
  isSoftware: boolean,
): readonly Kernel[] {
  const tileLog2 = isSoftware ? SOFTWARE_TILE_LOG2 : TILE_LOG2;
  return [
    SCAN_BLOCKS,
    SCAN_ADD,
    msmDigits(curve),
    ...Object.values(scalarKernels(curve, multiplier, tileLog2)),
    ...(['g1', 'g2'] as const).flatMap((group) => Object.values(groupKernels(curve, group, multiplier))),
    ...Object.values(millerKernels(curve, multiplier)),
  ];
}
