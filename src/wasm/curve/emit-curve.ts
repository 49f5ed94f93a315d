import type { FunctionRef, ModuleBuilder } from '../emit/index.ts';
import type { FieldForm } from '../field/field-form.ts';
import { compressFunction, decompressFunction } from './compression.ts';
import { type Coordinates, primeCoordinates, quadraticCoordinates } from './coordinates.ts';
import type { GroupSpec } from './group-spec.ts';
import { Group } from './kit.ts';
import { checkFunction } from './membership.ts';
import { recordsFunction } from './msm-records.ts';
import { classifyFunction, selectFunction } from './msm-scalars.ts';
import { finishFunction, msmTasksFunction } from './msm-windows.ts';
import { scaleFunction } from './multiples.ts';
import { exportFunction, importFunction } from './point-bytes.ts';
import { normalizeFunction } from './point-vectors.ts';
import { splitFunction } from './scalar-split.ts';

/** What may be chosen when a group is generated. */
export interface EmitCurveOptions {
  /** Most operands of one batch-affine addition: an even number. Default: {@link defaultMsmBatch}. */
  readonly msmBatch?: number;
  /** Leaves out what MSMs do not need: scaling, membership, compressed encodings. For groups that are not those of a pairing. */
  readonly msmOnly?: boolean;
}

/**
 * Operands of one batch: as many as amortise the inversions of its levels (each costs some 100 products), and no more than a
 * second-level cache of 1 MiB serves well. Measured; the optimum is flat.
 */
export function defaultMsmBatch(form: FieldForm, degree: 1 | 2): number {
  const coordinatePairBytes = form.pairBytes * degree;
  return coordinatePairBytes <= 160 ? 4096 : 2048;
}

/** Adds a group's functions to a module and exports them as `${group name}.${function}`. All take i32 alone. */
export function emitCurve(
  module: ModuleBuilder,
  form: FieldForm,
  spec: GroupSpec,
  options: EmitCurveOptions = {},
): void {
  if (spec.degree === 1) emitGroup(module, spec, primeCoordinates(form), options);
  else emitGroup(module, spec, quadraticCoordinates(form), options);
}

function emitGroup<E>(
  module: ModuleBuilder,
  spec: GroupSpec,
  coords: Coordinates<E>,
  options: EmitCurveOptions,
): void {
  const group = new Group(module, spec, coords);
  const batch = options.msmBatch ?? defaultMsmBatch(coords.form, coords.degree);
  const functions: Record<string, FunctionRef> = {
    import: importFunction(group, 'plain'),
    importMontgomery: importFunction(group, 'montgomery'),
    export: exportFunction(group),
    normalize: normalizeFunction(group),
    records: recordsFunction(group),
    msmClassify: classifyFunction(group),
    msmSelect1: selectFunction(group, 1),
    msmSelect2: selectFunction(group, 2),
    ...(spec.frobenius ? { msmSelect4: selectFunction(group, 4) } : {}),
    msmTasks: msmTasksFunction(group, batch, 'long'),
    msmTasksShort: msmTasksFunction(group, batch, 'short'),
    msmFinish: finishFunction(group),
    ...(options.msmOnly ? {} : otherFunctions(group)),
  };
  for (const [name, ref] of Object.entries(functions)) module.export(group.functionName(name), ref);
}

function otherFunctions<E>(group: Group<E>): Record<string, FunctionRef> {
  return {
    split2: splitFunction(group, 2),
    ...(group.spec.frobenius ? { split4: splitFunction(group, 4) } : {}),
    scale: scaleFunction(group),
    check: checkFunction(group),
    compress: compressFunction(group),
    decompress: decompressFunction(group),
  };
}
