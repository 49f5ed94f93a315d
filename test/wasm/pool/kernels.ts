/** Hand-assembled WebAssembly modules for the pool to run. */

const I32 = 0x7f;
/** Opcodes, as far as the modules need them. */
const op = {
  unreachable: 0x00,
  loop: 0x03,
  end: 0x0b,
  brIf: 0x0d,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Load: 0x28,
  i32Store: 0x36,
  i32Const: 0x41,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
} as const;

const uleb = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...uleb(value >>> 7)];
const sleb = (value: number): number[] =>
  value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, ...sleb(value >> 7)];
const constant = (value: number): number[] => [op.i32Const, ...sleb(value | 0)];
const name = (text: string): number[] => [...uleb(text.length), ...new TextEncoder().encode(text)];
const vector = (items: readonly (readonly number[])[]): number[] => [...uleb(items.length), ...items.flat()];
const section = (id: number, content: readonly number[]): number[] => [
  id,
  ...uleb(content.length),
  ...content,
];

interface Code {
  readonly name: string;
  readonly params: number;
  readonly result: boolean;
  /** i32 locals besides the parameters. */
  readonly locals?: number;
  readonly body: readonly number[];
}

/** What a test module declares of its memory and data. */
export interface ModuleShape {
  readonly shared?: boolean;
  readonly minimumPages?: number;
  readonly maximumPages?: number;
  /** Address of an active data segment with the bytes 1 … 8. */
  readonly dataAt?: number;
  /** Adds `init_shared`, which adds 1 to the word at 1024. */
  readonly initShared?: boolean;
  /** Adds `init`, which stores its argument in a global that `init_argument` returns. */
  readonly init?: boolean;
}

const local = (index: number): number[] => [op.localGet, index];
const setLocal = (index: number): number[] => [op.localSet, index];
const loadWord = [op.i32Load, 2, 0];
const storeWord = [op.i32Store, 2, 0];
const SP = 0;
const INIT_ARGUMENT = 1;

const functions: readonly Code[] = [
  // address, value: stores value at address.
  { name: 'poke', params: 2, result: false, body: [...local(0), ...local(1), ...storeWord] },
  { name: 'peek', params: 1, result: true, body: [...local(0), ...loadWord] },
  { name: 'square', params: 1, result: true, body: [...local(0), ...local(0), op.i32Mul] },
  { name: 'answer', params: 0, result: true, body: constant(42) },
  // Turns a loop n times, at a clock cycle or so each. Returns n.
  {
    name: 'spin',
    params: 1,
    result: true,
    locals: 1,
    body: [
      ...[op.loop, 0x40],
      ...[...local(1), ...constant(1), op.i32Add, op.localTee, 1],
      ...[...local(0), op.i32Sub, op.brIf, 0],
      ...[op.end, ...local(1)],
    ],
  },
  {
    name: 'spin_for_ever',
    params: 0,
    result: false,
    body: [op.loop, 0x40, ...constant(1), op.brIf, 0, op.end],
  },
  // Traps when its argument is 13; otherwise spins a while and returns it.
  {
    name: 'trap_at_13',
    params: 1,
    result: true,
    body: [...local(0), ...constant(13), 0x46, 0x04, 0x40, op.unreachable, op.end, ...local(0)],
  },
  // The thread's stack pointer, moved down by the argument and back.
  {
    name: 'stack_top',
    params: 1,
    result: true,
    body: [
      ...[op.globalGet, SP, ...local(0), op.i32Sub, op.globalSet, SP],
      ...[op.globalGet, SP, ...local(0), op.i32Add, op.globalSet, SP],
      ...[op.globalGet, SP],
    ],
  },
  // Moves the stack pointer down and leaves it there, then traps.
  {
    name: 'trap_on_stack',
    params: 0,
    result: false,
    body: [op.globalGet, SP, ...constant(256), op.i32Sub, op.globalSet, SP, op.unreachable],
  },
  // Stores the argument's value over `words` words below the stack pointer.
  {
    name: 'fill_stack',
    params: 1,
    result: false,
    locals: 1,
    body: [
      ...[op.globalGet, SP, ...setLocal(1)],
      ...[op.loop, 0x40],
      ...[...local(1), ...constant(4), op.i32Sub, op.localTee, 1, ...constant(7), ...storeWord],
      ...[...local(0), ...constant(1), op.i32Sub, op.localTee, 0, op.brIf, 0],
      op.end,
    ],
  },
  // A function that tests replace by one that ends the worker from inside.
  { name: 'exit_process', params: 0, result: false, body: [] },
];

/** A module with the functions above. Types: by number of parameters and result. */
export function kernels(shape: ModuleShape = {}): Uint8Array<ArrayBuffer> {
  const { shared = true, minimumPages = 1, maximumPages = 65536, dataAt } = shape;
  const code: Code[] = [...functions];
  if (shape.initShared) {
    const body = [...constant(1024), ...constant(1024), ...loadWord, ...constant(1), op.i32Add, ...storeWord];
    code.push({ name: 'init_shared', params: 0, result: false, body });
  }
  if (shape.init) {
    const set = [...local(0), op.globalSet, INIT_ARGUMENT];
    code.push({ name: 'init', params: 1, result: false, body: set });
    code.push({ name: 'init_argument', params: 0, result: true, body: [op.globalGet, INIT_ARGUMENT] });
  }
  const type = (item: Code): number => item.params * 2 + (item.result ? 1 : 0);
  const types = Array.from({ length: 6 }, (_, i) => [
    0x60,
    ...vector(Array.from({ length: i >> 1 }, () => [I32])),
    ...vector(i & 1 ? [[I32]] : []),
  ]);
  const bodies = code.map(({ locals = 0, body }) => {
    const bytes = [...vector(locals > 0 ? [[...uleb(locals), I32]] : []), ...body, op.end];
    return [...uleb(bytes.length), ...bytes];
  });
  const limits = [shared ? 3 : 1, ...uleb(minimumPages), ...uleb(maximumPages)];
  const imports = [
    [...name('env'), ...name('memory'), 2, ...limits],
    [...name('env'), ...name('sp'), 3, I32, 1],
  ];
  const exports = code.map((item, index) => [...name(item.name), 0, ...uleb(index)]);
  const data = dataAt === undefined ? [] : [[0, ...constant(dataAt), op.end, 8, 1, 2, 3, 4, 5, 6, 7, 8]];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(2, vector(imports)),
    ...section(3, vector(code.map((item) => [type(item)]))),
    ...section(6, vector([[I32, 1, ...constant(0), op.end]])),
    ...section(7, vector(exports)),
    ...section(10, vector(bodies)),
    ...(data.length > 0 ? section(11, vector(data)) : []),
  ]);
}
