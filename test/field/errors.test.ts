import { describe, expect, it } from 'vitest';
import * as errors from '../../src/errors.ts';

const {
  AbortedError,
  addContext,
  assertLength,
  CapacityError,
  CircuitInputError,
  DeviceLostError,
  DisposedError,
  EncodingError,
  FalseProofError,
  FieldElementOutOfRangeError,
  GpuFaultError,
  GpuLimitError,
  GpuOutOfMemoryError,
  GpuUnavailableError,
  GtNotInSubgroupError,
  InputError,
  InternalError,
  KeyNotTrustedError,
  LengthMismatchError,
  MemoryLimitError,
  MixedCurvesError,
  OptionError,
  PointAtInfinityError,
  PointNotInSubgroupError,
  PointNotOnCurveError,
  ProofFormatError,
  ProvingKeyError,
  PublicInputCountError,
  ScalarOutOfRangeError,
  ShaderCompileError,
  SheafError,
  SrsError,
  StoreError,
  throwIfAborted,
  UnsatisfiedCircuitError,
  UnsupportedProofError,
  WitnessError,
  WitnessGeneratorError,
  WorkerFailedError,
  withContext,
} = errors;

const context = { file: 'a.json', index: 3 };

/** Every error with its stable code: scripts match on the codes, so a change here is a breaking one. */
const TABLE: readonly [code: string, error: errors.SheafError][] = [
  ['LENGTH_MISMATCH', new LengthMismatchError('Scalars', 3, 4, context)],
  ['SCALAR_OUT_OF_RANGE', new ScalarOutOfRangeError('Input 0', context)],
  ['FIELD_ELEMENT_OUT_OF_RANGE', new FieldElementOutOfRangeError('A, x', context)],
  ['POINT_NOT_ON_CURVE', new PointNotOnCurveError('A', context)],
  ['POINT_NOT_IN_SUBGROUP', new PointNotInSubgroupError('B', context)],
  ['POINT_AT_INFINITY', new PointAtInfinityError('C', context)],
  ['GT_NOT_IN_SUBGROUP', new GtNotInSubgroupError('Z', context)],
  ['ENCODING', new EncodingError('Bad flag.', context)],
  ['PROOF_FORMAT', new ProofFormatError('No pi_a.', context)],
  ['UNSUPPORTED_PROOF', new UnsupportedProofError('Pedersen.', context)],
  ['PUBLIC_INPUT_COUNT', new PublicInputCountError(2, 1, context)],
  ['FALSE_PROOF', new FalseProofError('Member 3 is false.', context)],
  ['MIXED_CURVES', new MixedCurvesError('bn254', 'bls12-381', context)],
  ['KEY_NOT_TRUSTED', new KeyNotTrustedError(['ab', 'cd'], context)],
  ['SRS', new SrsError('Bad.', context)],
  ['CAPACITY', new CapacityError('Full.', context)],
  ['OPTION', new OptionError('No.', context)],
  ['STORE', new StoreError('No.', context)],
  ['PROVING_KEY', new ProvingKeyError('Short.', context)],
  ['WITNESS', new WitnessError('Short.', context)],
  ['CIRCUIT_INPUT', new CircuitInputError('Missing.', context)],
  ['WITNESS_GENERATOR', new WitnessGeneratorError('Old.', context)],
  ['UNSATISFIED_CIRCUIT', new UnsatisfiedCircuitError('False.', context)],
];

/** Errors that are not the caller's input. */
const OTHERS: readonly [code: string, error: errors.SheafError][] = [
  ['ABORTED', new AbortedError('why')],
  ['WORKER_FAILED', new WorkerFailedError('Trapped.', context)],
  ['MEMORY_LIMIT', new MemoryLimitError(10, 5, 100, context)],
  ['GPU_UNAVAILABLE', new GpuUnavailableError('None.', context)],
  ['GPU_LIMIT', new GpuLimitError('maxBufferSize', 10, 5, context)],
  ['DEVICE_LOST', new DeviceLostError('gone', context)],
  ['SHADER_COMPILE', new ShaderCompileError('scan', 7, 'no')],
  ['GPU_OUT_OF_MEMORY', new GpuOutOfMemoryError('full', context)],
  ['GPU_FAULT', new GpuFaultError('reset', context)],
  ['DISPOSED', new DisposedError('The pool', context)],
  ['INTERNAL', new InternalError('Off.', context)],
];

describe('typed errors', () => {
  it.each(TABLE)('%s: input error with name, code, message and context', (code, error) => {
    expect(error).toBeInstanceOf(InputError);
    expect(error).toBeInstanceOf(SheafError);
    expect(error).toBeInstanceOf(Error);
    expect(error.code).toBe(code);
    expect(error.name).toBe(error.constructor.name);
    expect(error.message.length).toBeGreaterThan(1);
    expect(error.context).toMatchObject(context);
  });

  it('are all listed here, each under a code of its own', () => {
    const classes = Object.values(errors).filter(
      (value) => typeof value === 'function' && value.prototype instanceof SheafError && value !== InputError,
    );
    const listed = [...TABLE, ...OTHERS];
    expect(new Set(listed.map(([, error]) => error.constructor))).toEqual(new Set(classes));
    expect(new Set(listed.map(([code]) => code)).size).toBe(classes.length);
  });

  it.each(OTHERS)('%s: not the input’s fault, with name, code and context', (code, error) => {
    expect(error).toBeInstanceOf(SheafError);
    expect(error).not.toBeInstanceOf(InputError);
    expect(error.code).toBe(code);
    expect(error.name).toBe(error.constructor.name);
    expect(error.message.length).toBeGreaterThan(1);
    if (error instanceof ShaderCompileError) expect(error.context).toMatchObject({ kernel: 'scan', line: 7 });
    else if (!(error instanceof AbortedError)) expect(error.context).toMatchObject(context);
  });

  it('an abort carries the reason of its signal', () => {
    expect(new AbortedError('why')).toMatchObject({ cause: 'why', context: {} });
  });

  it('says what was expected and what came', () => {
    expect(new LengthMismatchError('Scalars', 3, 4)).toMatchObject({
      message: 'Scalars: expected 3, got 4.',
      context: { expected: 3, got: 4 },
    });
    expect(new PublicInputCountError(1, 0).message).toContain('takes 1 public input, got 0');
    expect(new PublicInputCountError(2, 1)).toMatchObject({
      message: expect.stringContaining('takes 2 public inputs, got 1'),
      context: { expected: 2, got: 1 },
    });
    expect(new MixedCurvesError('bn254', 'bls12-381').message).toMatch(/bn254.*bls12-381/);
    expect(new MemoryLimitError(10, 5, 100)).toMatchObject({
      message: expect.stringMatching(/10 bytes.*at most 5.*100/),
      context: { neededBytes: 10, availableBytes: 5, limitBytes: 100 },
    });
    expect(new KeyNotTrustedError(['ab', 'cd']).message).toContain('ab, cd');
  });

  it('carries a cause only when there is one', () => {
    const cause = new Error('inner');
    expect(new EncodingError('x', {}, cause).cause).toBe(cause);
    expect('cause' in new EncodingError('x')).toBe(false);
  });
});

describe('assertLength and throwIfAborted', () => {
  it('throw when they should and not otherwise', () => {
    expect(() => assertLength('x', 2, 2)).not.toThrow();
    expect(() => assertLength('x', 2, 3, { index: 1 })).toThrow(
      expect.objectContaining({ code: 'LENGTH_MISMATCH', context: { index: 1, expected: 2, got: 3 } }),
    );
    const controller = new AbortController();
    expect(() => throwIfAborted(undefined)).not.toThrow();
    expect(() => throwIfAborted(controller.signal)).not.toThrow();
    controller.abort('enough');
    expect(() => throwIfAborted(controller.signal)).toThrow(
      expect.objectContaining({ code: 'ABORTED', cause: 'enough' }),
    );
  });
});

describe('context', () => {
  it('is added to a typed error where it is missing, and what is there wins', () => {
    const error = new EncodingError('x', { index: 1, file: undefined });
    addContext(error, { file: undefined });
    expect(addContext(error, { index: 2, file: 'a' })).toBe(error);
    expect(error.context).toEqual({ index: 1, file: 'a' });
  });

  it('belongs to one error: what is added to it shows neither in the caller’s object nor in another error', () => {
    const shared = { file: 'batch.json' };
    const [first, second] = [new EncodingError('x', shared), new EncodingError('y', shared)];
    addContext(first, { index: 0 });
    addContext(second, { index: 1 });
    expect(first.context).toEqual({ file: 'batch.json', index: 0 });
    expect(second.context).toEqual({ file: 'batch.json', index: 1 });
    expect(shared).toEqual({ file: 'batch.json' });
  });

  it('leaves other errors alone', () => {
    const error = new TypeError('x');
    expect(addContext(error, { index: 2 })).toBe(error);
    expect(error).not.toHaveProperty('context');
  });

  it('withContext passes results through and adds context to what is thrown', () => {
    expect(withContext({ file: 'a' }, () => 5)).toBe(5);
    expect(() =>
      withContext({ file: 'a', index: 0 }, () => {
        throw new EncodingError('x', { index: 4 });
      }),
    ).toThrow(expect.objectContaining({ context: { file: 'a', index: 4 } }));
    const other = new RangeError('y');
    expect(() =>
      withContext({ file: 'a' }, () => {
        throw other;
      }),
    ).toThrow(other);
  });
});
