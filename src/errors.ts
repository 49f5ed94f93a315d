/**
 * Every error Sheaf throws on purpose. Each carries a stable `code`, and its message says what was expected,
 * what came and how to mend it. Anything else that escapes the library is a bug.
 */

/** Where in the caller's input an error arose. All fields are for people and scripts; none holds secret data. */
export interface ErrorContext {
  /** File or entry name, as the caller gave it. */
  file?: string | undefined;
  /** Position in a batch, from 0. */
  index?: number | undefined;
  /** Byte offset in a binary input. */
  offset?: number;
  /** Name of the field or value that was refused. */
  field?: string;
  [detail: string]: unknown;
}

/** Base class of every typed error. */
export class SheafError extends Error {
  /** Stable, machine-readable identifier such as `POINT_NOT_ON_CURVE`. */
  readonly code: string;
  /** What was wrong where. */
  readonly context: ErrorContext;

  constructor(code: string, message: string, context: ErrorContext = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    // Its own copy: context is added to errors on their way out.
    this.context = { ...context };
  }
}

/** The caller's input is malformed, inconsistent or refused. The command line exits with 2. */
export class InputError extends SheafError {}

/** A typed buffer or list has the wrong length. */
export class LengthMismatchError extends InputError {
  constructor(what: string, expected: number | string, got: number, context: ErrorContext = {}) {
    super('LENGTH_MISMATCH', `${what}: expected ${expected}, got ${got}.`, { ...context, expected, got });
  }
}

/** A scalar or public input is not a canonical element of the scalar field. */
export class ScalarOutOfRangeError extends InputError {
  constructor(what: string, context: ErrorContext = {}) {
    super(
      'SCALAR_OUT_OF_RANGE',
      `${what} is not below the group order. Public inputs must be reduced: x and x + order are different bytes for the same statement, so only the smaller one is taken.`,
      context,
    );
  }
}

/** A coordinate is not a canonical base-field element. */
export class FieldElementOutOfRangeError extends InputError {
  constructor(what: string, context: ErrorContext = {}) {
    super(
      'FIELD_ELEMENT_OUT_OF_RANGE',
      `${what} is not below the field modulus. Coordinates must be canonical; check that the curve and the byte order are right.`,
      context,
    );
  }
}

/** A point does not satisfy the curve equation. */
export class PointNotOnCurveError extends InputError {
  constructor(what: string, context: ErrorContext = {}) {
    super(
      'POINT_NOT_ON_CURVE',
      `${what} is not on the curve. Check the curve name, the coordinate order of G2 (snarkjs: c0 first, Solidity: c1 first) and the byte order.`,
      context,
    );
  }
}

/** A point is on the curve and outside the subgroup of prime order. */
export class PointNotInSubgroupError extends InputError {
  constructor(what: string, context: ErrorContext = {}) {
    super(
      'POINT_NOT_IN_SUBGROUP',
      `${what} is on the curve but outside the prime-order subgroup. No honest prover makes such a point; ask for the proof again.`,
      context,
    );
  }
}

/** A point at infinity stands where the protocol has none. */
export class PointAtInfinityError extends InputError {
  constructor(what: string, context: ErrorContext = {}) {
    super(
      'POINT_AT_INFINITY',
      `${what} is the point at infinity, which is refused here. Check that the file was read with the right format.`,
      context,
    );
  }
}

/** A GT element is outside the group of order r. */
export class GtNotInSubgroupError extends InputError {
  constructor(what: string, context: ErrorContext = {}) {
    super(
      'GT_NOT_IN_SUBGROUP',
      `${what} is not in the target group of prime order; the composite is corrupt.`,
      context,
    );
  }
}

/** An encoding is not the one canonical form: wrong flag, magic, count, or bytes left over. */
export class EncodingError extends InputError {
  constructor(message: string, context: ErrorContext = {}, cause?: unknown) {
    super('ENCODING', message, context, cause);
  }
}

/** A proof, key or batch file does not have the shape of the system it is said to come from. */
export class ProofFormatError extends InputError {
  constructor(message: string, context: ErrorContext = {}, cause?: unknown) {
    super('PROOF_FORMAT', message, context, cause);
  }
}

/** A proof is of a kind Sheaf names and does not fold, such as gnark's Groth16 with Pedersen commitments. */
export class UnsupportedProofError extends InputError {
  constructor(message: string, context: ErrorContext = {}) {
    super('UNSUPPORTED_PROOF', message, context);
  }
}

/** A proof comes with another number of public inputs than its key takes. */
export class PublicInputCountError extends InputError {
  constructor(expected: number, got: number, context: ErrorContext = {}) {
    super(
      'PUBLIC_INPUT_COUNT',
      `The key takes ${expected} public input${expected === 1 ? '' : 's'}, got ${got}. Missing inputs are never taken as zero; pass them all, in the circuit's order.`,
      { ...context, expected, got },
    );
  }
}

/** A member of a batch is well-formed and its proof is false. */
export class FalseProofError extends InputError {
  constructor(message: string, context: ErrorContext = {}) {
    super('FALSE_PROOF', message, context);
  }
}

/** Members of one batch are on different curves. */
export class MixedCurvesError extends InputError {
  constructor(expected: string, got: string, context: ErrorContext = {}) {
    super(
      'MIXED_CURVES',
      `One composite holds proofs on one curve: this one is on ${expected}, a member is on ${got}. Aggregate each curve apart.`,
      { ...context, expected, got },
    );
  }
}

/** The verifier was not given a key that the composite was made under. */
export class KeyNotTrustedError extends InputError {
  constructor(digests: readonly string[], context: ErrorContext = {}) {
    super(
      'KEY_NOT_TRUSTED',
      `The composite was made under ${digests.length === 1 ? 'a key' : 'keys'} that this verifier was not given: ${digests.join(', ')}. Pass the verification key${digests.length === 1 ? '' : 's'} you trust; keys carried inside the file are never trusted by default.`,
      { ...context, digests },
    );
  }
}

/** A proving key (.zkey) is malformed, damaged, or of a kind that cannot be proven with. */
export class ProvingKeyError extends InputError {
  constructor(message: string, context: ErrorContext = {}, cause?: unknown) {
    super('PROVING_KEY', message, context, cause);
  }
}

/** A witness (.wtns) is malformed or does not belong to the proving key. Never names a value of the witness. */
export class WitnessError extends InputError {
  constructor(message: string, context: ErrorContext = {}, cause?: unknown) {
    super('WITNESS', message, context, cause);
  }
}

/** The inputs given are not those the circuit takes: a signal is missing, unknown, too short or too long, or no number. */
export class CircuitInputError extends InputError {
  constructor(message: string, context: ErrorContext = {}, cause?: unknown) {
    super('CIRCUIT_INPUT', message, context, cause);
  }
}

/** A witness generator (.wasm) is malformed, of another compiler, or failed by itself. */
export class WitnessGeneratorError extends InputError {
  constructor(message: string, context: ErrorContext = {}, cause?: unknown) {
    super('WITNESS_GENERATOR', message, context, cause);
  }
}

/** Inputs or a witness do not satisfy the circuit: what was to be proven is not true. `context` says where, if circom does. */
export class UnsatisfiedCircuitError extends InputError {
  constructor(message: string, context: ErrorContext = {}) {
    super('UNSATISFIED_CIRCUIT', message, context);
  }
}

/** The reference string is malformed, inconsistent, or not the one the composite was made under. */
export class SrsError extends InputError {
  constructor(message: string, context: ErrorContext = {}, cause?: unknown) {
    super('SRS', message, context, cause);
  }
}

/** The batch has more proofs than the reference string or the chosen capacity has slots. */
export class CapacityError extends InputError {
  constructor(message: string, context: ErrorContext = {}) {
    super('CAPACITY', message, context);
  }
}

/** An option has a value outside what it can be. */
export class OptionError extends InputError {
  constructor(message: string, context: ErrorContext = {}) {
    super('OPTION', message, context);
  }
}

/** A journal or store holds something else than what was expected of it. */
export class StoreError extends InputError {
  constructor(message: string, context: ErrorContext = {}, cause?: unknown) {
    super('STORE', message, context, cause);
  }
}

/** The caller's AbortSignal fired. `cause` is the signal's reason. */
export class AbortedError extends SheafError {
  constructor(reason?: unknown) {
    super('ABORTED', 'The operation was cancelled by its AbortSignal.', {}, reason);
  }
}

/**
 * A thread of the CPU worker pool failed in the middle of a job: its code trapped, or its worker ended or would not start.
 * `context.reason` is `trap`, `exit` or `start`, `context.lane` the thread, `context.task` the task where it is known.
 */
export class WorkerFailedError extends SheafError {
  constructor(message: string, context: ErrorContext = {}, cause?: unknown) {
    super('WORKER_FAILED', message, context, cause);
  }
}

/** The linear memory of the CPU kernels has no room left for a piece of the size asked for. All figures are bytes. */
export class MemoryLimitError extends SheafError {
  constructor(neededBytes: number, availableBytes: number, limitBytes: number, context: ErrorContext = {}) {
    super(
      'MEMORY_LIMIT',
      `Expected room for ${neededBytes} bytes in the kernels' memory, got at most ${availableBytes} in one piece; the memory can have ${limitBytes} in all. Split the work (streamMsm takes a multi-scalar multiplication in chunks), free what is no longer needed, or raise the pool's maximumBytes (4 GiB at most).`,
      { ...context, neededBytes, availableBytes, limitBytes },
    );
  }
}

/** There is no GPU that WebGPU could use, or WebGPU itself is missing. */
export class GpuUnavailableError extends SheafError {
  constructor(message: string, context: ErrorContext = {}, cause?: unknown) {
    super('GPU_UNAVAILABLE', message, context, cause);
  }
}

/** A piece of data is larger than the GPU takes. All figures are bytes. */
export class GpuLimitError extends SheafError {
  constructor(limit: string, neededBytes: number, availableBytes: number, context: ErrorContext = {}) {
    super(
      'GPU_LIMIT',
      `Expected at most ${availableBytes} bytes (${limit} of the GPU device), got ${neededBytes}. Split the data, or use the CPU backend.`,
      { ...context, limit, neededBytes, availableBytes },
    );
  }
}

/** The GPU device is gone: reset by a watchdog, unplugged, or destroyed. What it held is lost with it. */
export class DeviceLostError extends SheafError {
  constructor(reason: string, context: ErrorContext = {}) {
    super(
      'DEVICE_LOST',
      `The GPU device was lost (${reason}). Data on it must be uploaded again; try again or use the CPU backend.`,
      context,
    );
  }
}

/** The GPU's driver refused one of our shaders: always worth reporting. `context.kernel` and `context.line` say where. */
export class ShaderCompileError extends SheafError {
  constructor(kernel: string, line: number, message: string, cause?: unknown) {
    super(
      'SHADER_COMPILE',
      `Kernel "${kernel}" does not compile, line ${line}: ${message}. Use the CPU backend, and please report this with the name of the adapter.`,
      { kernel, line },
      cause,
    );
  }
}

/** The GPU has no memory left for what was asked of it. */
export class GpuOutOfMemoryError extends SheafError {
  constructor(message: string, context: ErrorContext = {}) {
    super(
      'GPU_OUT_OF_MEMORY',
      `The GPU is out of memory: ${message}. Dispose of vectors that are no longer needed, split the work, or use the CPU backend.`,
      context,
    );
  }
}

/** The GPU or its driver failed in the middle of an operation, so its results were thrown away. */
export class GpuFaultError extends SheafError {
  constructor(message: string, context: ErrorContext = {}, cause?: unknown) {
    super('GPU_FAULT', `The GPU failed: ${message}. Try again or use the CPU backend.`, context, cause);
  }
}

/** Something was used after its `dispose()`. */
export class DisposedError extends SheafError {
  constructor(what: string, context: ErrorContext = {}) {
    super('DISPOSED', `${what} was used after dispose(). Create a new one.`, context);
  }
}

/** Sheaf contradicts itself: always a bug worth reporting. */
export class InternalError extends SheafError {
  constructor(message: string, context: ErrorContext = {}) {
    super(
      'INTERNAL',
      `${message} This is a bug in Sheaf; please report it with the code and context.`,
      context,
    );
  }
}

/** Throws {@link AbortedError} when the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortedError(signal.reason);
}

/** Throws {@link LengthMismatchError} unless the lengths are equal. */
export function assertLength(what: string, expected: number, got: number, context: ErrorContext = {}): void {
  if (expected !== got) throw new LengthMismatchError(what, expected, got, context);
}

/**
 * Runs `action`, adding `context` (file name, index …) to any {@link SheafError} it throws, so that an inner check needs
 * not know where its input came from. Fields that the error already has win.
 */
export function withContext<T>(context: ErrorContext, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw addContext(error, context);
  }
}

/** Adds context to an error in place when it is a {@link SheafError}; returns it. */
export function addContext(error: unknown, context: ErrorContext): unknown {
  if (error instanceof SheafError) {
    for (const [name, value] of Object.entries(context)) {
      if (value !== undefined && error.context[name] === undefined) error.context[name] = value;
    }
  }
  return error;
}
