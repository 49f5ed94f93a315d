import type { Curve } from '../../curve/curve.ts';
import { type FunctionRef, i32, type ModuleBuilder } from '../emit/index.ts';
import type { FieldForm } from '../field/field-form.ts';
import { fp12Equal } from '../tower/fp12.ts';
import { type Kernel, Tower } from '../tower/tower.ts';
import { each } from './each.ts';
import { finalExponentiation } from './final-exponentiation.ts';
import { gtMembers, gtMul, gtMultiExp, gtProduct } from './gt.ts';
import { fpNotCanonical, gtFromBytes, gtToBytes } from './gt-bytes.ts';
import { prepareLines } from './lines.ts';
import { millerProducts } from './miller.ts';
import { PAIRING_EXPORTS, type PairingExport } from './pairing-exports.ts';
import { PairingLayout } from './pairing-layout.ts';
import { gtCompress, gtDecompress } from './torus.ts';

/**
 * Adds the pairing engine of `curve` to a module and exports the functions of {@link PAIRING_EXPORTS}. The form must be one of the
 * curve's base field. Every function works on pairs: two independent elements or pairings, one a lane.
 */
export function emitPairing(module: ModuleBuilder, form: FieldForm, curve: Curve): PairingLayout {
  const tower = new Tower(module, form, curve);
  const functions: Record<PairingExport, FunctionRef> = {
    prepareLines: prepareLines(tower),
    millerProducts: millerProducts(tower),
    finalExponentiation: finalExponentiations(tower),
    gtMul: gtMul(tower),
    gtProduct: gtProduct(tower),
    gtMultiExp: gtMultiExp(tower),
    gtEqual: fp12Equal(tower),
    gtMembers: gtMembers(tower),
    gtFromBytes: gtFromBytes(tower),
    gtToBytes: gtToBytes(tower),
    gtCompress: gtCompress(tower),
    gtDecompress: gtDecompress(tower),
    fpNotCanonical: fpNotCanonical(tower),
  };
  for (const name of Object.keys(PAIRING_EXPORTS) as PairingExport[]) module.export(name, functions[name]);
  return new PairingLayout(form, curve);
}

/** (out, values, count): the final exponentiation of `count` pairs; out may be values. */
function finalExponentiations(tower: Tower): Kernel<3> {
  return tower.define('finalExponentiations', ['i32', 'i32', 'i32'], (f, out, values, count) => {
    each(f, values, count, tower.fp12Bytes, (value) => {
      f.run(finalExponentiation(tower), out, value);
      f.set(out, i32.add(out, i32.const(tower.fp12Bytes)));
    });
  });
}
