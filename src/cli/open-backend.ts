/** Backends of commands: what they measure is kept for the next run. */

import type { Backend } from '../backend/backend.ts';
import { type BackendChoice, createBackend } from '../backend/create-backend.ts';
import type { Curve } from '../curve/curve.ts';
import { openCalibrationFiles } from '../node/calibration-files.ts';

/** Creates the backend that `--backend` names; the caller's to dispose of. */
export function openBackend(curve: Curve, choice: BackendChoice | undefined): Promise<Backend> {
  return createBackend(curve, choice, { calibrations: openCalibrationFiles() });
}

/** Gives the backend that `--backend` names for a curve, one for each; they live as long as the process. */
export function backendsOf(choice: BackendChoice | undefined): (curve: Curve) => Promise<Backend> {
  const opened = new Map<Curve, Promise<Backend>>();
  return (curve) => {
    const backend = opened.get(curve) ?? openBackend(curve, choice);
    opened.set(curve, backend);
    return backend;
  };
}
