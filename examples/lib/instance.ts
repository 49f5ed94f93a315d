/** What every example circuit is proven on. */

/** A value for a circuit's input signal: a field element, or a list of them in the signal's own order. */
export type SignalValue = bigint | readonly SignalValue[];

/** One statement with its witness inputs. */
export interface Instance {
  /** Values for all input signals, by name. */
  inputs: Readonly<Record<string, SignalValue>>;
  /** What the circuit must make public, computed without it, by name in the circuit's order. */
  publicSignals: Readonly<Record<string, bigint>>;
}
