/** Chains of dependent products in the base field: what a form of the multiplier is worth on a device. */

import type { Curve } from '../../curve/curve.ts';
import type { Kernel } from '../kernel.ts';
import { commonText, fieldText, type MultiplierName, productText } from '../shader/field.ts';
import { baseField, typeName } from '../shader/field-spec.ts';
import { mainText, WORKGROUP } from './thread-index.ts';

/** Thread i replaces value i, v in Montgomery form, by v^(rounds + 1): as many products as rounds, each waiting for the one before. */
export function productChain(curve: Curve, multiplier: MultiplierName): Kernel {
  const field = baseField(curve);
  return {
    name: `product-chain ${multiplier}`,
    workgroupSize: WORKGROUP,
    bindings: ['write', 'uniform'],
    code: `${commonText(multiplier)}
${fieldText(field)}
${productText(field, multiplier)}
struct Parameters {
  count: u32,
  rounds: u32,
}

@group(0) @binding(0) var<storage, read_write> values: array<${typeName(field)}>;
@group(0) @binding(1) var<uniform> parameters: Parameters;

${mainText()}
  if (i >= parameters.count) {
    return;
  }
  let factor = values[i];
  var product = factor;
  for (var round = 0u; round < parameters.rounds; round++) {
    product = ${field.prefix}_mul(product, factor);
  }
  values[i] = product;
}
`,
  };
}
