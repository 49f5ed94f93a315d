/** The kernels of one curve: a WebAssembly module with scalars, both groups and the pairing, and the sizes its callers need. */

import type { Curve } from '../../curve/curve.ts';
import { type GroupSpec, groupSpec } from '../../wasm/curve/group-spec.ts';
import { createForm } from '../../wasm/field/create-form.ts';
import type { FieldForm, FormName } from '../../wasm/field/field-form.ts';
import { scalarField } from '../../wasm/field/field-spec.ts';
import { PairingLayout } from '../../wasm/pairing/pairing-layout.ts';
import { EMBEDDED_KERNELS } from './embedded-kernels.ts';
import { KERNEL_CONSTANTS } from './kernel-constants.ts';
import { kernelFile } from './kernel-file.ts';
import { unpackKernel } from './unpack-kernel.ts';

/** A module and what describes it. */
export interface Kernels {
  readonly curve: Curve;
  readonly bytes: Uint8Array;
  /** First address that the module's constants leave free. */
  readonly staticBytes: number;
  /** Coordinates. */
  readonly form: FieldForm;
  /** Scalars. */
  readonly scalars: FieldForm;
  readonly g1: GroupSpec;
  readonly g2: GroupSpec;
  readonly pairing: PairingLayout;
}

async function moduleBytes(curve: Curve, formName: FormName): Promise<Uint8Array> {
  const name = `${curve.name}-${formName}`;
  const embedded = EMBEDDED_KERNELS[name];
  // Loaded when needed: what writes kernels is the larger part of the package's code.
  if (!embedded) return (await import('./generate-module.ts')).generateModule(curve, formName);
  return kernelFile(name) ?? unpackKernel((await embedded()).KERNEL);
}

const loaded = new Map<string, Promise<Uint8Array>>();

/** The kernels of a curve in one multiplier form: from the package where it carries them, else generated; once a process. */
export async function loadKernels(curve: Curve, formName: FormName): Promise<Kernels> {
  const id = `${curve.name}-${formName}`;
  let bytes = loaded.get(id);
  if (!bytes) {
    bytes = moduleBytes(curve, formName);
    loaded.set(id, bytes);
  }
  const g1 = groupSpec(curve, 'g1');
  const form = createForm(g1.field, formName);
  return {
    curve,
    bytes: await bytes,
    staticBytes: KERNEL_CONSTANTS.base + KERNEL_CONSTANTS.capacity,
    form,
    scalars: createForm(scalarField(curve), formName),
    g1,
    g2: groupSpec(curve, 'g2'),
    pairing: new PairingLayout(form, curve),
  };
}
