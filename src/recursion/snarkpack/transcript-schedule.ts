/** What the transcript of scheme `snarkpack` absorbs before the prover's first message, and the challenges' labels. */

import { block } from '../../field/byte-reader.ts';
import { concatBytes, joinBytes, u32le, u32leList, utf8 } from '../../field/bytes.ts';
import type { Statement } from '../statement.ts';
import type { FiatShamir } from '../transcript.ts';

/** Domain of the transcript; names scheme and format. */
export const TRANSCRIPT_DOMAIN = 'sheaf/composite/snarkpack/1';

/** Binds the whole statement: header, keys, map, public inputs and the caller's context. */
export function absorbStatement(transcript: FiatShamir, statement: Statement): void {
  const { curve, capacity, keys, keyOf, inputs, srsDigest, context } = statement;
  transcript.absorb(
    'header',
    concatBytes(
      Uint8Array.of(1, curve.id),
      u32le(keyOf.length),
      u32le(capacity),
      u32le(keys.length),
      srsDigest,
    ),
  );
  transcript.absorb(
    'keys',
    joinBytes(
      keys.map(({ digest, inputCount, system }) =>
        concatBytes(digest, u32le(inputCount), block(utf8(system))),
      ),
    ),
  );
  transcript.absorb('key map', u32leList(keyOf));
  transcript.absorb('public inputs', joinBytes(inputs));
  transcript.absorb('context', context);
}
