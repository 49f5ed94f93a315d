/** Writes the kernels of a curve. */

import type { Curve } from '../../curve/curve.ts';
import { emitCurve } from '../../wasm/curve/emit-curve.ts';
import { groupSpec } from '../../wasm/curve/group-spec.ts';
import { ModuleBuilder } from '../../wasm/emit/index.ts';
import { createForm } from '../../wasm/field/create-form.ts';
import type { FormName } from '../../wasm/field/field-form.ts';
import { scalarField } from '../../wasm/field/field-spec.ts';
import { emitScalars } from '../../wasm/ntt/emit-scalars.ts';
import { emitPairing } from '../../wasm/pairing/emit-pairing.ts';
import { KERNEL_CONSTANTS } from './kernel-constants.ts';

/** Generates the module of a curve in one multiplier form: the better part of a second of work. */
export function generateModule(curve: Curve, formName: FormName): Uint8Array {
  const g1 = groupSpec(curve, 'g1');
  const form = createForm(g1.field, formName);
  const module = new ModuleBuilder({
    minPages: 1,
    constantBase: KERNEL_CONSTANTS.base,
    constantCapacity: KERNEL_CONSTANTS.capacity,
  });
  emitCurve(module, form, g1);
  emitCurve(module, form, groupSpec(curve, 'g2'));
  emitPairing(module, form, curve);
  emitScalars(module, createForm(scalarField(curve), formName));
  return module.toBytes();
}
