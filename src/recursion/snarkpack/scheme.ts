/** The entry of scheme `snarkpack` in the table of schemes. */

import type { Scheme } from '../scheme.ts';
import { Transcript } from '../transcript.ts';
import { proofLayout } from './layout.ts';
import { proveSnarkpack } from './prove.ts';
import { TRANSCRIPT_DOMAIN } from './transcript-schedule.ts';
import { verifySnarkpack } from './verify.ts';

/** Format 1: see docs/PROTOCOL.md. */
export const snarkpack: Scheme = {
  name: 'snarkpack',
  proofBytes: ({ curve, capacity, keys }) => proofLayout(curve, Math.log2(capacity), keys.length).length,
  prove: ({ precomputed, ...input }, options) =>
    proveSnarkpack(
      { ...input, commitments: precomputed, transcript: new Transcript(TRANSCRIPT_DOMAIN) },
      options,
    ),
  verify: (input, options) =>
    verifySnarkpack({ ...input, transcript: new Transcript(TRANSCRIPT_DOMAIN) }, options),
};
