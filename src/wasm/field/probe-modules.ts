/**
 * Modules that show what an engine has: `run(at)` stores one operation on the vectors at 0, 16 and 32 bytes from `at` at 48. Written down,
 * since generating them takes a process longer at its start than running them; a test generates them anew.
 */

/** By operation, base64. */
export const PROBE_MODULES = {
  relaxedMadd:
    'AGFzbQEAAAABBQFgAX8AAhkCA2VudgZtZW1vcnkCAAEDZW52AnNwA38BAwIBAAcHAQNydW4AAAofAR0AIAAgAP0ABAAgAP0ABBAgAP0ABCD9hwL9CwQwCw==',
  relaxedNmadd:
    'AGFzbQEAAAABBQFgAX8AAhkCA2VudgZtZW1vcnkCAAEDZW52AnNwA38BAwIBAAcHAQNydW4AAAofAR0AIAAgAP0ABAAgAP0ABBAgAP0ABCD9iAL9CwQwCw==',
  extmulLowI32x4S:
    'AGFzbQEAAAABBQFgAX8AAhkCA2VudgZtZW1vcnkCAAEDZW52AnNwA38BAwIBAAcHAQNydW4AAAoZARcAIAAgAP0ABAAgAP0ABBD93AH9CwQwCw==',
} as const;

/** An operation that can be asked for. */
export type ProbedOperation = keyof typeof PROBE_MODULES;

/** The bytes of a probe. */
export function probeModule(operation: ProbedOperation): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(PROBE_MODULES[operation]), (letter) => letter.charCodeAt(0));
}
