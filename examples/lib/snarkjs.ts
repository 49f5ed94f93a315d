/** The few functions of snarkjs that the examples call, with types; snarkjs ships none. */

import { createRequire } from 'node:module';
import type { SignalValue } from './instance.ts';

/** A file kept in memory; snarkjs fills `data` when it writes. */
export interface MemoryFile {
  type: 'mem';
  data?: Uint8Array;
}

/** A Groth16 proof in snarkjs' JSON form. */
export interface SnarkjsProof {
  pi_a: string[];
  pi_b: string[][];
  pi_c: string[];
  protocol: string;
  curve: string;
}

/** A verification key in snarkjs' JSON form. */
export type SnarkjsVerificationKey = Readonly<Record<string, unknown>>;

/** snarkjs' arithmetic on a pairing-friendly curve. */
export interface WasmCurve {
  terminate(): Promise<void>;
}

interface Snarkjs {
  curves: { getCurveFromName(name: 'bn128'): Promise<WasmCurve> };
  wtns: {
    calculate(
      inputs: Readonly<Record<string, SignalValue>>,
      wasm: Uint8Array,
      wtns: MemoryFile,
    ): Promise<void>;
  };
  zKey: { exportVerificationKey(zkey: Uint8Array): Promise<SnarkjsVerificationKey> };
  groth16: {
    prove(zkey: Uint8Array, wtns: MemoryFile): Promise<{ proof: SnarkjsProof; publicSignals: string[] }>;
    verify(key: SnarkjsVerificationKey, publicSignals: string[], proof: SnarkjsProof): Promise<boolean>;
  };
}

/** snarkjs, loaded as CommonJS: a static import would need declarations for the whole package. */
export const snarkjs: Snarkjs = createRequire(import.meta.url)('snarkjs');

/** Ends the worker threads that snarkjs keeps for BN254; without it the process would not exit. */
export async function terminateWorkers(): Promise<void> {
  const shared = (globalThis as { curve_bn128?: WasmCurve | null }).curve_bn128;
  await shared?.terminate();
}
