/** The multiplier of a device: measured once, then read from a store. */

import * as v from 'valibot';
import type { Curve } from '../../curve/curve.ts';
import type { AdapterDescription } from '../../gpu/adapter.ts';
import {
  chooseMultiplier,
  type MeasureMultipliersOptions,
  type MultiplierChoice,
} from '../../gpu/choose-multiplier.ts';
import type { GpuDevice } from '../../gpu/device.ts';
import { MULTIPLIERS } from '../../gpu/shader/field.ts';
import { type CalibrationStore, readCalibration, writeCalibration } from '../calibration-store.ts';
import { PACKAGE_VERSION } from '../package-version.ts';

const schema = v.object({
  version: v.literal(1),
  multiplier: v.picklist(MULTIPLIERS),
  productsPerMs: v.partial(
    v.object({
      word32: v.number(),
      limb13: v.number(),
      limb14: v.number(),
      limb15: v.number(),
      loop13: v.number(),
    }),
  ),
});

function parse(value: unknown): MultiplierChoice | undefined {
  const { success, output } = v.safeParse(schema, value);
  return success
    ? {
        multiplier: output.multiplier,
        productsPerMs: output.productsPerMs as MultiplierChoice['productsPerMs'],
      }
    : undefined;
}

/** All that is known of an adapter, on one line. */
export function adapterName({ vendor, architecture, device, description }: AdapterDescription): string {
  return [vendor, architecture, device, description].filter((part) => part !== '').join(' ');
}

/** The choice for a device; `renew` measures even where one is kept. Throws what chooseMultiplier throws. */
export async function storedMultiplier(
  device: GpuDevice,
  curve: Curve,
  store: CalibrationStore,
  options: MeasureMultipliersOptions & { readonly renew?: boolean | undefined } = {},
): Promise<MultiplierChoice> {
  const key = `multiplier/${PACKAGE_VERSION}/${curve.name}/${adapterName(device.adapter)}`;
  const kept = options.renew ? undefined : await readCalibration(store, key, parse);
  if (kept) return kept;
  const choice = await chooseMultiplier(device, curve, options);
  // What was not measured costs nothing to decide again.
  if (Object.keys(choice.productsPerMs).length > 0) {
    await writeCalibration(store, key, { version: 1, ...choice });
  }
  return choice;
}
