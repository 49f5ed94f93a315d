/** Transcripts with one deliberate fault each, to show what the right one prevents. */

import type { FiatShamir } from '../../src/recursion/transcript.ts';

/** Draws the first `challenge` before the message `label`, which must come before it, is bound. */
export function bindingLate(inner: FiatShamir, label: string, challenge: string): FiatShamir {
  let held: Uint8Array | undefined;
  let drawn = false;
  return {
    absorb: (own, message) => {
      if (own === label && !drawn) held = message.slice();
      else inner.absorb(own, message);
    },
    challenge: (own, order) => {
      const value = inner.challenge(own, order);
      if (own === challenge && !drawn) {
        drawn = true;
        if (held) inner.absorb(label, held);
      }
      return value;
    },
  };
}

/** Never binds the message `label`. */
export function forgetting(inner: FiatShamir, label: string): FiatShamir {
  return {
    absorb: (own, message) => {
      if (own !== label) inner.absorb(own, message);
    },
    challenge: (own, order) => inner.challenge(own, order),
  };
}

/** Takes `value` for the challenge `label`. */
export function fixing(inner: FiatShamir, label: string, value: bigint): FiatShamir {
  return {
    absorb: (own, message) => inner.absorb(own, message),
    challenge: (own, order) => {
      const drawn = inner.challenge(own, order);
      return own === label ? value : drawn;
    },
  };
}

/** What happened on a transcript. */
export type TranscriptEvent =
  | { readonly absorbed: string; readonly message: Uint8Array }
  | { readonly drawn: string; readonly value: bigint };

/** Passes everything on and writes it down. */
export function recording(inner: FiatShamir, events: TranscriptEvent[]): FiatShamir {
  return {
    absorb: (absorbed, message) => {
      events.push({ absorbed, message: message.slice() });
      inner.absorb(absorbed, message);
    },
    challenge: (drawn, order) => {
      const value = inner.challenge(drawn, order);
      events.push({ drawn, value });
      return value;
    },
  };
}
