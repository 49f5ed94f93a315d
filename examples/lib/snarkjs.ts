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

/** A group. Affine points are two coordinates and others three, little-endian in Montgomery form. */
export interface WasmGroup {
  readonly prefix: 'g1m' | 'g2m';
  readonly F: { readonly n8: number };
  readonly g: Uint8Array;
  readonly zero: Uint8Array;
  add(a: Uint8Array, b: Uint8Array): Uint8Array;
  double(a: Uint8Array): Uint8Array;
  batchToAffine(points: Uint8Array): Promise<Uint8Array>;
}

/** The main thread's WebAssembly instance. endSyncOp frees what was allocated since startSyncOp. */
export interface WasmThread {
  readonly u8: Uint8Array;
  readonly u32: Uint32Array;
  readonly instance: { readonly exports: Readonly<Record<string, (...pointers: number[]) => void>> };
  startSyncOp(): void;
  endSyncOp(): void;
  allocBuff(bytes: Uint8Array): number;
}

/** snarkjs' arithmetic on a pairing-friendly curve. */
export interface WasmCurve {
  readonly q: bigint;
  readonly r: bigint;
  readonly G1: WasmGroup;
  readonly G2: WasmGroup;
  readonly tm: WasmThread;
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
