/** What a process that proves is told, and what it tells. */

/** Who proves: Sheaf on one of its backends, or snarkjs. */
export type Prover = 'wasm' | 'webgpu' | 'snarkjs';

/** What a process of its own does (run-prover.ts). */
export interface ProverJob {
  readonly prover: Prover;
  readonly zkey: string;
  /** A witness, or a witness generator with inputs. */
  readonly wtns?: string;
  readonly wasm?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly verificationKey: string;
  /** Proofs after the first. */
  readonly warmRuns: number;
}

/** Time of one call. */
export interface Sample {
  readonly ms: number;
  /** Of all threads. */
  readonly cpuMs: number;
}

/** What came of a {@link ProverJob}. */
export interface ProverOutcome {
  /** Loading the package and the first call, from files on disk. */
  readonly cold: Sample;
  /** Calls with whatever the prover can keep between them. */
  readonly warm: readonly Sample[];
  readonly peakBytes: number;
  readonly threads: number;
  /** Whether every proof verifies. */
  readonly valid: boolean;
}
