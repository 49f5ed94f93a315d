/** Witness generators of circom 2 (.wasm files), run off the main thread. */

import type { Curve } from '../../curve/curve.ts';
import {
  AbortedError,
  CircuitInputError,
  DisposedError,
  type SheafError,
  throwIfAborted,
  UnsatisfiedCircuitError,
  WitnessGeneratorError,
  WorkerFailedError,
} from '../../errors.ts';
import { type CreateWorker, createPlatformWorker, Turns } from '../../wasm/pool/index.ts';
import { type FileArgument, withFile } from '../files/file-argument.ts';
import { curveOfScalarField, type Witness } from '../files/wtns.ts';
import { type CircuitInputs, readInputs } from './inputs.ts';
import { calculateWitness, type WitnessJob, type WitnessOutcome, type WorkerReport } from './witness-loop.ts';
import { WITNESS_LOOP_SOURCE } from './witness-loop-source.ts';

/** Options of {@link loadWitnessGenerator}. */
export interface WitnessGeneratorOptions {
  /** Cancels the loading. */
  readonly signal?: AbortSignal | undefined;
  /** Makes the worker; for pages whose Content-Security-Policy forbids `blob:` workers, and for tests. */
  readonly createWorker?: CreateWorker | undefined;
}

/** Options of {@link WitnessGenerator.calculate}. */
export interface CalculateOptions {
  /** Cancels: the worker is ended in the midst of its work. */
  readonly signal?: AbortSignal | undefined;
  /** Has circom's generator check more of what it computes. */
  readonly sanityCheck?: boolean | undefined;
  /** Takes what the circuit says with `log()`, which may be secret; by default nobody hears it. */
  readonly onLog?: ((line: string) => void) | undefined;
}

/** A compiled witness generator. */
export interface WitnessGenerator {
  /**
   * The witness for the inputs. Throws CircuitInputError for signals that are missing, unknown, too short or too long, or not numbers;
   * UnsatisfiedCircuitError where a constraint or assertion of the circuit fails, with template and line; WitnessGeneratorError;
   * AbortedError.
   */
  calculate(inputs: CircuitInputs, options?: CalculateOptions): Promise<Witness>;
  /** Ends the worker. Idle, it does not keep the process alive. */
  dispose(): Promise<void>;
}

type Failure = Extract<WitnessOutcome, { kind: 'failed' }>;

/** circom's numbers of exceptions at run time. */
const ASSERT_FAILED = 4;
const EXCEPTIONS: Readonly<Record<number, string>> = {
  1: 'Signal not found',
  2: 'Too many signals set',
  3: 'Signal already set',
  5: 'Not enough memory',
  6: 'Input signal array access exceeds the size',
};
/** Of these, the caller's inputs are the cause. */
const INPUT_EXCEPTIONS = [1, 2, 3, 6];

function runtimeError(name: string, { code, detail, lines }: Failure): SheafError {
  const trace = lines.filter((line) => line !== '').join('; ');
  if (code === ASSERT_FAILED) {
    const [, template, line] = /template (\S+) line: (\d+)/.exec(trace) ?? [];
    return new UnsatisfiedCircuitError(
      `${name}: Assert Failed. The inputs do not satisfy the circuit. ${trace === '' ? 'Compile it with circom 2.0.7 or later to learn where.' : trace}`,
      { file: name, template, line: line === undefined ? undefined : Number(line) },
    );
  }
  const what = EXCEPTIONS[code] ?? `The generator stopped with ${code === 0 ? detail : `exception ${code}`}`;
  const message = `${name}: ${what}. ${trace}`.trim();
  return INPUT_EXCEPTIONS.includes(code)
    ? new CircuitInputError(message, { file: name })
    : new WitnessGeneratorError(message, { file: name, exception: code });
}

function errorOf(name: string, failure: Failure): SheafError {
  const { reason, detail: signal, expected, got } = failure;
  const context = { file: name, field: signal, expected, got };
  switch (reason) {
    case 'unknown-signal':
      return new CircuitInputError(`${name}: Signal ${signal} not found. The circuit has no such input.`, {
        file: name,
        field: signal,
      });
    case 'too-few':
      return new CircuitInputError(
        `${name}: Not enough values for input signal ${signal}: expected ${expected}, got ${got}.`,
        context,
      );
    case 'too-many':
      return new CircuitInputError(
        `${name}: Too many values for input signal ${signal}: expected ${expected}, got ${got}.`,
        context,
      );
    case 'missing':
      return new CircuitInputError(`${name}: Not all inputs have been set. Only ${got} out of ${expected}.`, {
        file: name,
        expected,
        got,
      });
    case 'interface':
      return new WitnessGeneratorError(
        `${name}: expected a witness generator of circom 2 (--wasm); this file ${signal}.`,
        { file: name },
      );
    case 'runtime':
      return runtimeError(name, failure);
  }
}

async function compile(bytes: Uint8Array, name: string): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>);
  } catch (error) {
    throw new WitnessGeneratorError(
      `${name}: expected a witness generator of circom 2 (.wasm); the file does not compile (${error instanceof Error ? error.message : String(error)}).`,
      { file: name },
      error,
    );
  }
}

/** How often a waiting thread looks up, which keeps the process alive while a witness is computed. */
const KEEP_ALIVE_MS = 1000;

/** A worker that computes witnesses. */
interface Host {
  /** Whether it came up. */
  readonly ready: boolean;
  run(job: WitnessJob, signal: AbortSignal | undefined): Promise<WitnessOutcome>;
  end(): Promise<void>;
}

function startHost(createWorker: CreateWorker): Host {
  const worker = createWorker(WITNESS_LOOP_SOURCE, 'sheaf-witness');
  let ready = false;
  let loss: WorkerFailedError | undefined;
  let settle: ((outcome: WitnessOutcome | Error) => void) | undefined;
  const receive = (report: WorkerReport): void => {
    if (report.kind === 'ready') ready = true;
    else settle?.(report);
  };
  const lose = (cause: unknown): void => {
    loss ??= new WorkerFailedError(
      `The worker that computes witnesses ended (${String(cause)}). Try again.`,
      {
        reason: ready ? 'exit' : 'start',
      },
    );
    settle?.(loss);
  };
  if ('addEventListener' in worker) {
    worker.addEventListener('message', (event) => receive(event.data as WorkerReport));
    worker.addEventListener('error', (event) => lose(event.message ?? 'its script did not load'));
    worker.addEventListener('messageerror', () => lose('it cannot be sent a module'));
  } else {
    worker.on('message', (report) => receive(report as WorkerReport));
    worker.on('error', lose);
    worker.on('messageerror', lose);
    worker.on('exit', (code) => lose(`code ${String(code)}`));
    worker.unref();
  }
  return {
    get ready(): boolean {
      return ready;
    },
    run: (job, signal) =>
      new Promise((resolve, reject) => {
        const keepAlive = setInterval(() => {}, KEEP_ALIVE_MS);
        const abort = (): void => settle?.(new AbortedError(signal?.reason));
        settle = (outcome) => {
          settle = undefined;
          clearInterval(keepAlive);
          signal?.removeEventListener('abort', abort);
          if (outcome instanceof Error) reject(outcome);
          else resolve(outcome);
        };
        signal?.addEventListener('abort', abort);
        if (loss) settle(loss);
        else worker.postMessage(job);
      }),
    end: async () => {
      await worker.terminate();
    },
  };
}

class CircomGenerator implements WitnessGenerator {
  readonly #module: WebAssembly.Module;
  readonly #name: string;
  readonly #createWorker: CreateWorker;
  readonly #turns = new Turns();
  #host: Host | undefined;
  /** Where workers are forbidden the calling thread computes. */
  #forbidden = false;
  #disposed = false;

  constructor(module: WebAssembly.Module, name: string, createWorker: CreateWorker) {
    this.#module = module;
    this.#name = name;
    this.#createWorker = createWorker;
  }

  async calculate(inputs: CircuitInputs, options: CalculateOptions = {}): Promise<Witness> {
    const { signal, onLog } = options;
    const job: WitnessJob = {
      module: this.#module,
      inputs: readInputs(inputs),
      sanityCheck: options.sanityCheck === true,
      keepLogs: onLog !== undefined,
    };
    const end = await this.#turns.take(signal);
    try {
      if (this.#disposed) throw new DisposedError('A witness generator');
      const outcome = await this.#run(job, signal);
      for (const line of outcome.logs) onLog?.(line);
      if (outcome.kind === 'failed') throw errorOf(this.#name, outcome);
      return { curve: this.#curveOf(outcome.order, outcome.size), values: outcome.values };
    } finally {
      end();
    }
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#dropHost();
  }

  async #run(job: WitnessJob, signal: AbortSignal | undefined): Promise<WitnessOutcome> {
    throwIfAborted(signal);
    if (this.#forbidden) return calculateWitness(job);
    try {
      this.#host ??= startHost(this.#createWorker);
      return await this.#host.run(job, signal);
    } catch (error) {
      const started = this.#host?.ready === true;
      await this.#dropHost();
      if (started || error instanceof AbortedError || this.#disposed) throw error;
      this.#forbidden = true;
      return calculateWitness(job);
    }
  }

  async #dropHost(): Promise<void> {
    const host = this.#host;
    this.#host = undefined;
    await host?.end();
  }

  #curveOf(order: bigint, size: number): Curve {
    const curve = curveOfScalarField(order, size);
    if (curve) return curve;
    throw new WitnessGeneratorError(
      `${this.#name}: computes in the field of order ${order}; expected BN254 (circom --prime bn128) or BLS12-381 (bls12381).`,
      { file: this.#name },
    );
  }
}

/**
 * Compiles a witness generator; dispose of it when done. Witnesses are computed in a worker of its own, one at a time, or on the
 * calling thread where workers cannot be started. Throws WitnessGeneratorError, OptionError for what is no file, AbortedError.
 */
export async function loadWitnessGenerator(
  wasm: FileArgument,
  options: WitnessGeneratorOptions = {},
): Promise<WitnessGenerator> {
  const { signal, createWorker = createPlatformWorker } = options;
  throwIfAborted(signal);
  return withFile(wasm, 'Witness generator', signal, async (source) => {
    const module = await compile(await source.read(0, source.size), source.name);
    return new CircomGenerator(module, source.name, createWorker);
  });
}
