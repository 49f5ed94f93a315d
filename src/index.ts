/**
 * Sheaf: folds many Groth16 coprocessor proofs into one composite proof, checked once.
 *
 * Everything here runs in browsers and in Node; what needs a file system is in `sheaf/node`.
 *
 * @packageDocumentation
 */

export type {
  Backend,
  BackendName,
  BackendVector,
  FrVector,
  G1Vector,
  G2Vector,
  OperationOptions,
  PairingProduct,
  PairingTerm,
  VectorKind,
} from './backend/backend.ts';
export { AVAILABLE_BACKENDS, type BackendChoice, createBackend } from './backend/create-backend.ts';
export { createGpujsBackend } from './backend/gpujs/create.ts';
export type { GpujsBackend, GpujsBackendOptions } from './backend/gpujs/gpujs-backend.ts';
export type { Progress, RunOptions } from './backend/progress.ts';
export { createReferenceBackend } from './backend/reference/reference-backend.ts';
export { type MsmChunk, type StreamMsmOptions, streamMsm } from './backend/stream-msm.ts';
export { createWasmBackend, type WasmBackendOptions } from './backend/wasm/wasm-backend.ts';
export { createWebGpuBackend } from './backend/webgpu/create.ts';
export type { WebGpuBackendOptions } from './backend/webgpu/webgpu-backend.ts';
export type {
  Batch,
  NamedFile,
  ReadBatchLimits,
  ReadBatchOptions,
  SkippedFile,
} from './coprocessors/batch.ts';
export type { BuiltinKey, SystemOptions } from './coprocessors/coprocessor.ts';
export { fromGnark, type GnarkProof } from './coprocessors/gnark.ts';
export { readBatch } from './coprocessors/read-batch.ts';
export { builtinKeys } from './coprocessors/registry.ts';
export { type FromRisc0Options, fromRisc0 } from './coprocessors/risc0.ts';
export type { Risc0Options, Risc0Parameters } from './coprocessors/risc0-parameters.ts';
export { fromSnarkjs, type SnarkjsProof } from './coprocessors/snarkjs.ts';
export type { SnarkjsG1, SnarkjsG2, SnarkjsKeyJson, SnarkjsProofJson } from './coprocessors/snarkjs-write.ts';
export { type FromSp1Options, fromSp1 } from './coprocessors/sp1.ts';
export type { Sp1Options } from './coprocessors/sp1-releases.ts';
export { readVerificationKey } from './coprocessors/verification-keys.ts';
export { packG1, packG2, packScalars } from './curve/affine.ts';
export { BLS12_381, BN254, CURVES, type Curve, type CurveName, curveByName } from './curve/curve.ts';
export { type Groth16ProveOptions, type Groth16Result, groth16 } from './drop-in/groth16.ts';
export type { Logger } from './drop-in/logger.ts';
export { loadProvingKey, type ProvingKey } from './drop-in/proving-key.ts';
export { type ZkeyDescription, zKey } from './drop-in/zkey.ts';
export * from './errors.ts';
export { type ByteSource, blobSource, bytesSource } from './field/byte-source.ts';
export type { FileArgument } from './groth16/files/file-argument.ts';
export {
  type BatchMember,
  createMember,
  createProof,
  type Groth16Proof,
  type MemberOrigin,
  statementId,
} from './groth16/proof.ts';
export {
  createVerificationKey,
  decodeVerificationKey,
  type VerificationKey,
  type VerificationKeyPoints,
} from './groth16/verification-key.ts';
export { findFalseProofs, type VerifyBatchOptions, verifyBatch } from './groth16/verify-batch.ts';
export type { CircuitInputs, SignalValue } from './groth16/witness/inputs.ts';
export {
  type CalculateOptions,
  loadWitnessGenerator,
  type WitnessGenerator,
  type WitnessGeneratorOptions,
} from './groth16/witness/witness-generator.ts';
export {
  type Accumulator,
  type AccumulatorOptions,
  type Acknowledgement,
  createAccumulator,
} from './recursion/accumulator/accumulator.ts';
export { type AccumulatorStore, createMemoryStore, type MemoryStore } from './recursion/accumulator/store.ts';
export { type AggregateOptions, type AggregateResult, aggregate } from './recursion/aggregate.ts';
export {
  type CarriedKey,
  type Composite,
  decodeComposite,
  encodeComposite,
  isComposite,
} from './recursion/composite-file.ts';
export { type Inspection, inspect } from './recursion/inspect.ts';
export { checkPowers, checkVerifierSrs } from './recursion/srs/check-srs.ts';
export { type ContributeOptions, contributeToSrs } from './recursion/srs/contribute.ts';
export { createDevSrs } from './recursion/srs/dev-srs.ts';
export { type ImportOptions, importSrs } from './recursion/srs/import-srs.ts';
export { createMemoryLineStore, type LineKey, type LineStore } from './recursion/srs/line-store.ts';
export { type PtauInfo, readPtauInfo } from './recursion/srs/ptau.ts';
export {
  type Contribution,
  INSECURE_WARNING,
  type PowersOfTau,
  type Srs,
  type SrsProvenance,
  type StringSource,
  type VerifierSrs,
} from './recursion/srs/srs.ts';
export {
  decodeSrs,
  decodeVerifierSrs,
  encodeSrs,
  encodeVerifierSrs,
  srsFileCurve,
} from './recursion/srs/srs-file.ts';
export type { Statement, StatementKey } from './recursion/statement.ts';
export { type ProvenClaim, type Verified, type VerifyOptions, verify } from './recursion/verify.ts';
