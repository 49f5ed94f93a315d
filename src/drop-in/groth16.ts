/** `groth16` as snarkjs 0.7.6 has it: the same arguments and results, and options of its own in the last place. */

import { resolveBackend } from '../backend/create-backend.ts';
import { type RunOptions, stretch } from '../backend/progress.ts';
import { readPublicInputs } from '../coprocessors/json.ts';
import { readSnarkjsProof } from '../coprocessors/snarkjs-proof.ts';
import {
  type SnarkjsKeyJson,
  type SnarkjsProofJson,
  snarkjsCurveName,
  writeSnarkjsProof,
} from '../coprocessors/snarkjs-write.ts';
import { readVerificationKey } from '../coprocessors/verification-keys.ts';
import { BN254, CURVES } from '../curve/curve.ts';
import { PublicInputCountError, ScalarOutOfRangeError, SheafError } from '../errors.ts';
import { type FileArgument, isCallersMemory, withFile } from '../groth16/files/file-argument.ts';
import { readWitness, type Witness } from '../groth16/files/wtns.ts';
import { createMember } from '../groth16/proof.ts';
import type { Blinding } from '../groth16/prover/blinding.ts';
import { verifyBatch } from '../groth16/verify-batch.ts';
import type { CircuitInputs } from '../groth16/witness/inputs.ts';
import {
  type CalculateOptions,
  loadWitnessGenerator,
  type WitnessGenerator,
} from '../groth16/witness/witness-generator.ts';
import type { Logger } from './logger.ts';
import { loadedKey, loadProvingKey, type ProvingKey } from './proving-key.ts';

/** Options of proving. */
export interface Groth16ProveOptions extends RunOptions {
  /** Whether the proof is verified before it is returned. Default true. */
  readonly verify?: boolean | undefined;
  /**
   * For tests only: this blinding instead of fresh randomness. Whoever knows it can test guesses of the witness against the proof.
   */
  readonly insecureBlinding?: Blinding | undefined;
}

/** A proof with its public signals, as snarkjs gives them. */
export interface Groth16Result {
  readonly proof: SnarkjsProofJson;
  /** Decimal. */
  readonly publicSignals: string[];
}

/** Share of proving from a file that loading the key takes, about. */
const LOAD_SHARE = 0.3;
/** Share of a full proof that computing the witness takes, about. */
const WITNESS_SHARE = 0.1;

function isKey(zkey: FileArgument | ProvingKey): zkey is ProvingKey {
  return typeof zkey === 'object' && 'verificationKey' in zkey;
}

function isGenerator(wasm: FileArgument | WitnessGenerator): wasm is WitnessGenerator {
  return typeof wasm === 'object' && 'calculate' in wasm;
}

async function proveWitness(
  zkey: FileArgument | ProvingKey,
  witness: Witness,
  logger: Logger | undefined,
  options: Groth16ProveOptions,
): Promise<Groth16Result> {
  const { insecureBlinding: blinding, ...run } = options;
  const own = !isKey(zkey);
  if (own) logger?.debug?.('Reading proving key');
  const key = own ? await loadProvingKey(zkey, stretch(run, 0, LOAD_SHARE)) : zkey;
  try {
    logger?.debug?.('Proving');
    const proven = await loadedKey(key).prove(witness, {
      ...(own ? stretch(run, LOAD_SHARE, 1) : run),
      blinding,
    });
    return { proof: writeSnarkjsProof(proven), publicSignals: proven.publics.map(String) };
  } finally {
    if (own) key.dispose();
  }
}

/**
 * Proves with a witness from a .wtns file. The key is a .zkey file, or one that {@link loadProvingKey} loaded. Throws WitnessError,
 * UnsatisfiedCircuitError where the witness does not satisfy the circuit, ProvingKeyError, UnsupportedProofError, CapacityError, OptionError
 * or AbortedError.
 */
async function prove(
  zkey: FileArgument | ProvingKey,
  wtns: FileArgument,
  logger?: Logger,
  options: Groth16ProveOptions = {},
): Promise<Groth16Result> {
  logger?.debug?.('Reading witness');
  const witness = await withFile(wtns, 'Witness', options.signal, readWitness);
  try {
    return await proveWitness(zkey, witness, logger, options);
  } finally {
    if (!isCallersMemory(wtns)) witness.values.fill(0);
  }
}

/**
 * Computes the witness for the inputs, and proves. The generator is a .wasm file, or one that `loadWitnessGenerator` loaded. Throws what
 * {@link prove} and WitnessGenerator.calculate throw.
 */
async function fullProve(
  input: CircuitInputs,
  wasm: FileArgument | WitnessGenerator,
  zkey: FileArgument | ProvingKey,
  logger?: Logger,
  witnessOptions: CalculateOptions = {},
  options: Groth16ProveOptions = {},
): Promise<Groth16Result> {
  const { signal } = options;
  const generator = isGenerator(wasm) ? wasm : await loadWitnessGenerator(wasm, { signal });
  let witness: Witness | undefined;
  try {
    logger?.debug?.('Computing witness');
    witness = await generator.calculate(input, { signal, ...witnessOptions });
    options.onProgress?.({ phase: 'witness', fraction: WITNESS_SHARE });
    return await proveWitness(zkey, witness, logger, stretch(options, WITNESS_SHARE, 1));
  } finally {
    witness?.values.fill(0);
    if (generator !== wasm) await generator.dispose();
  }
}

/**
 * Whether a proof is true. As in snarkjs, points that are none and public signals out of range make it false; unlike there, so do points outside
 * the subgroup and a wrong number of signals. Throws ProofFormatError, UnsupportedProofError, MixedCurvesError, or a point error of the key.
 */
async function verify(
  verificationKey: SnarkjsKeyJson | object,
  publicSignals: readonly (string | number | bigint)[],
  proof: SnarkjsProofJson | object,
  logger?: Logger,
  options: RunOptions = {},
): Promise<boolean> {
  const key = readVerificationKey(verificationKey);
  let member: ReturnType<typeof createMember>;
  try {
    member = createMember(
      key,
      readSnarkjsProof(proof, key.curve),
      readPublicInputs(publicSignals),
      'snarkjs',
    );
  } catch (error) {
    if (!isFalse(error)) throw error;
    logger?.error?.(error.message);
    return false;
  }
  const backend = await resolveBackend(key.curve, options.backend);
  const valid = await verifyBatch([member], { backend, signal: options.signal });
  if (valid) logger?.info?.('OK!');
  else logger?.error?.('Invalid proof');
  return valid;
}

/** Whether an error says that a well-formed proof cannot be true. */
function isFalse(error: unknown): error is SheafError {
  return (
    error instanceof PublicInputCountError ||
    error instanceof ScalarOutOfRangeError ||
    (error instanceof SheafError &&
      (error.code.startsWith('POINT_') || error.code === 'FIELD_ELEMENT_OUT_OF_RANGE'))
  );
}

const word = (value: string | bigint): string => `"0x${BigInt(value).toString(16).padStart(64, '0')}"`;

/**
 * Proof and public signals as arguments of the verifier contract that snarkjs generates. Throws ProofFormatError, UnsupportedProofError or a
 * point error.
 */
async function exportSolidityCallData(
  proof: SnarkjsProofJson | object,
  publicSignals: readonly (string | number | bigint)[],
): Promise<string> {
  const named = 'curve' in proof ? proof.curve : undefined;
  const curve = CURVES.find((each) => snarkjsCurveName(each) === named) ?? BN254;
  const { pi_a: a, pi_b: b, pi_c: c } = writeSnarkjsProof(readSnarkjsProof(proof, curve));
  const list = (...values: (string | bigint)[]): string => `[${values.map(word).join(', ')}]`;
  const signals = readPublicInputs(publicSignals).map(word).join(',');
  return `${list(a[0], a[1])},[${list(b[0][1], b[0][0])},${list(b[1][1], b[1][0])}],${list(c[0], c[1])},[${signals}]`;
}

/** Groth16 proofs. */
export const groth16: {
  readonly fullProve: typeof fullProve;
  readonly prove: typeof prove;
  readonly verify: typeof verify;
  readonly exportSolidityCallData: typeof exportSolidityCallData;
} = { fullProve, prove, verify, exportSolidityCallData };
