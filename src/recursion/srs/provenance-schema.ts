/** The provenance in the head of a .srs file. */

import * as v from 'valibot';
import type { SrsProvenance } from './srs.ts';

const source = v.variant('kind', [
  v.object({ kind: v.literal('development') }),
  v.object({ kind: v.literal('copy-of-first') }),
  v.object({
    kind: v.literal('ptau'),
    file: v.string(),
    power: v.number(),
    ceremonyPower: v.number(),
    prefixSha256: v.string(),
  }),
]);

const provenanceSchema = v.object({
  warning: v.exactOptional(v.string()),
  strings: v.tuple([source, source]),
  contributions: v.array(
    v.object({
      before: v.string(),
      after: v.string(),
      factorG2: v.string(),
      date: v.string(),
      note: v.exactOptional(v.string()),
    }),
  ),
});

/** Checks parsed JSON. Throws where it is no provenance. */
export function parseProvenance(json: unknown): SrsProvenance {
  return v.parse(provenanceSchema, json);
}
