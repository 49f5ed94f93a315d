/**
 * Runs witness generators of circom 2, in a worker or on the calling thread. This file must stand alone: its text, stripped of types,
 * is the worker's script (witness-loop-source.ts).
 *
 * A generator's interface, learned from circom's own output: values travel through a small shared buffer of 32-bit words
 * (`writeSharedRWMemory`, `readSharedRWMemory`), least significant first; a signal is named by the 64-bit FNV-1a hash of its name;
 * the circuit runs when its last input is set; what goes wrong is told to the import `exceptionHandler` as a number, after lines of
 * text to `printErrorMessage`, which are read by `getMessageChar`.
 */

/** Values of one input signal, in the order of its indices. */
export interface SignalInput {
  readonly name: string;
  readonly values: readonly bigint[];
}

/** What to compute. */
export interface WitnessJob {
  readonly module: WebAssembly.Module;
  readonly inputs: readonly SignalInput[];
  /** Has circom's generator check more of what it computes. */
  readonly sanityCheck: boolean;
  /** Whether what the circuit says with `log()` is wanted. */
  readonly keepLogs: boolean;
}

/** What came of it. */
export type WitnessOutcome =
  | {
      readonly kind: 'done';
      readonly order: bigint;
      /** Bytes of a value. */
      readonly size: number;
      /** All values, canonical little-endian. */
      readonly values: Uint8Array<ArrayBuffer>;
      readonly logs: readonly string[];
    }
  | {
      readonly kind: 'failed';
      /** Where: of the input given, of the generator, or circom's own number of what went wrong at run time. */
      readonly reason: 'unknown-signal' | 'too-few' | 'too-many' | 'missing' | 'interface' | 'runtime';
      /** Name of the signal, what the interface lacks, or the engine's message. */
      readonly detail: string;
      /** circom's number of the exception; 0 where the engine trapped. */
      readonly code: number;
      readonly expected: number;
      readonly got: number;
      /** What circom printed about it: template and line. */
      readonly lines: readonly string[];
      readonly logs: readonly string[];
    };

/** What a worker sends. */
export type WorkerReport = WitnessOutcome | { readonly kind: 'ready' };

/** The generator's functions that are used. */
interface Generator {
  readonly memory?: WebAssembly.Memory;
  getVersion(): number;
  getFieldNumLen32(): number;
  getRawPrime(): void;
  getWitnessSize(): number;
  getInputSize(): number;
  getWitness(index: number): void;
  getMessageChar(): number;
  readSharedRWMemory(word: number): number;
  writeSharedRWMemory(word: number, value: number): void;
  init(sanityCheck: number): void;
  setInputSignal(hashHigh: number, hashLow: number, index: number): void;
  /** Since circom 2.0.4; -1 or 0 for a signal that is not there. */
  getInputSignalSize?(hashHigh: number, hashLow: number): number;
  getSharedRWMemoryStart?(): number;
}

const NEEDED = [
  'getVersion',
  'getFieldNumLen32',
  'getRawPrime',
  'getWitnessSize',
  'getInputSize',
  'getWitness',
  'readSharedRWMemory',
  'writeSharedRWMemory',
  'init',
  'setInputSignal',
] as const;

/** Computes a witness. Never throws: what goes wrong is in the outcome. */
export function calculateWitness(job: WitnessJob): WitnessOutcome {
  const lines: string[] = [];
  const logs: string[] = [];
  let code = 0;
  const fail = (
    reason: Extract<WitnessOutcome, { kind: 'failed' }>['reason'],
    detail: string,
    expected = 0,
    got = 0,
  ): WitnessOutcome => ({ kind: 'failed', reason, detail, code, expected, got, lines, logs });
  let generator: Generator | undefined;
  let line = '';
  const say = (text: string): void => {
    if (!job.keepLogs) return;
    if (text === '\n') {
      logs.push(line);
      line = '';
    } else {
      line = line === '' ? text : `${line} ${text}`;
    }
  };
  const message = (): string => {
    let text = '';
    for (let char = generator?.getMessageChar() ?? 0; char > 0; char = generator?.getMessageChar() ?? 0)
      text += String.fromCharCode(char);
    return text;
  };
  const readInteger = (words: number): bigint => {
    let value = 0n;
    for (let i = words - 1; i >= 0; i--)
      value = (value << 32n) | BigInt((generator?.readSharedRWMemory(i) ?? 0) >>> 0);
    return value;
  };
  const handlers: Readonly<Record<string, (value: number) => void>> = {
    exceptionHandler: (number) => {
      code = number;
      throw new Error(`circom exception ${number}`);
    },
    printErrorMessage: () => {
      lines.push(message().trim());
    },
    writeBufferMessage: () => say(message()),
    showSharedRWMemory: () => {
      if (job.keepLogs) say(String(readInteger(generator?.getFieldNumLen32() ?? 0)));
    },
  };
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module, name, kind } of WebAssembly.Module.imports(job.module)) {
    if (kind !== 'function') return fail('interface', `imports the ${kind} ${module}.${name}`);
    imports[module] ??= {};
    imports[module][name] = handlers[name] ?? ((): void => {});
  }

  try {
    const { exports } = new WebAssembly.Instance(job.module, imports);
    for (const name of NEEDED) {
      if (typeof exports[name] !== 'function') return fail('interface', `has no function ${name}`);
    }
    const wasm = exports as unknown as Generator;
    generator = wasm;
    const version = wasm.getVersion();
    if (version !== 2) return fail('interface', `was made by circom ${version}`);
    const words = wasm.getFieldNumLen32();
    wasm.getRawPrime();
    const order = readInteger(words);
    if (order < 2n) return fail('interface', 'names no field');

    wasm.init(job.sanityCheck ? 1 : 0);
    let set = 0;
    for (const { name, values } of job.inputs) {
      const hash = hashOf(name);
      const [high, low] = [Number(hash >> 32n) | 0, Number(hash & 0xffffffffn) | 0];
      const size = wasm.getInputSignalSize?.(high, low);
      if (size !== undefined) {
        if (size < 0 || (size === 0 && values.length > 0)) return fail('unknown-signal', name);
        if (values.length < size) return fail('too-few', name, size, values.length);
        if (values.length > size) return fail('too-many', name, size, values.length);
      }
      for (const [index, value] of values.entries()) {
        let rest = value % order;
        if (rest < 0n) rest += order;
        for (let i = 0; i < words; i++) {
          wasm.writeSharedRWMemory(i, Number(rest & 0xffffffffn) | 0);
          rest >>= 32n;
        }
        wasm.setInputSignal(high, low, index);
        set++;
      }
    }
    const wanted = wasm.getInputSize();
    if (set < wanted) return fail('missing', '', wanted, set);

    const count = wasm.getWitnessSize();
    const size = 4 * words;
    const values = new Uint8Array(count * size);
    const start = wasm.getSharedRWMemoryStart?.();
    if (start !== undefined && wasm.memory) {
      for (let i = 0; i < count; i++) {
        wasm.getWitness(i);
        values.set(new Uint8Array(wasm.memory.buffer, start, size), i * size);
      }
    } else {
      const view = new DataView(values.buffer);
      for (let i = 0; i < count; i++) {
        wasm.getWitness(i);
        for (let j = 0; j < words; j++) view.setInt32(i * size + 4 * j, wasm.readSharedRWMemory(j), true);
      }
    }
    return { kind: 'done', order, size, values, logs };
  } catch (error) {
    return fail('runtime', code === 0 ? String(error) : '');
  }
}

/** 64-bit FNV-1a over the characters of a name, as circom names signals. */
function hashOf(name: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < name.length; i++) {
    hash = ((hash ^ BigInt(name.charCodeAt(i))) * 0x100000001b3n) & 0xffffffffffffffffn;
  }
  return hash;
}

/** Where a worker gets messages from and sends them to, in Node or on the web. */
interface Port {
  on?(event: 'message', listener: (job: WitnessJob) => void): void;
  postMessage(message: WorkerReport, transfer?: readonly ArrayBuffer[]): void;
  onmessage?: (event: { readonly data: WitnessJob }) => void;
}

/**
 * Entry point of the worker: computes what it is sent, one witness after another. Called by the script only.
 * @public
 */
export function listen(): void {
  const scope = globalThis as unknown as Port & {
    process?: { getBuiltinModule?: (name: string) => { parentPort?: Port } };
  };
  const port: Port = scope.process?.getBuiltinModule?.('node:worker_threads').parentPort ?? scope;
  const receive = (job: WitnessJob): void => {
    const outcome = calculateWitness(job);
    port.postMessage(outcome, outcome.kind === 'done' ? [outcome.values.buffer] : []);
  };
  if (port.on) port.on('message', receive);
  else port.onmessage = (event) => receive(event.data);
  port.postMessage({ kind: 'ready' });
}
