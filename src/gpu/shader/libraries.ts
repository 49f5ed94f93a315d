/** The generated parts that kernels are put together from, by curve and multiplier. */

import type { Curve } from '../../curve/curve.ts';
import { commonText, fieldText, type MultiplierName, productText } from './field.ts';
import { baseField, scalarField } from './field-spec.ts';
import { machineText } from './machine.ts';
import { type GroupName, type PointPrograms, pointPrograms } from './point-programs.ts';

/** WGSL of the scalar field of a curve. */
export function scalarLibrary(curve: Curve, multiplier: MultiplierName): string {
  const field = scalarField(curve);
  return [commonText(multiplier), fieldText(field), productText(field, multiplier)].join('\n');
}

/** WGSL of a group with the programs it runs. */
export interface GroupLibrary {
  readonly text: string;
  readonly programs: PointPrograms;
}

/** WGSL of G1 or G2 of a curve: base field and field machine. */
export function groupLibrary(curve: Curve, group: GroupName, multiplier: MultiplierName): GroupLibrary {
  const field = baseField(curve);
  const programs = pointPrograms(field, group);
  const parts = [commonText(multiplier), fieldText(field), productText(field, multiplier)];
  return { text: [...parts, machineText(field, programs)].join('\n'), programs };
}
