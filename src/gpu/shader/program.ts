/**
 * Programs of the field machine (machine.ts): field arithmetic as data. A kernel holds one copy of the product whatever it
 * computes, so it compiles in the same short time for G1, G2 or a pairing. An instruction is one 32-bit word: operation (8 bits),
 * left, right and result register (8 bits each), from the highest byte down; those that go elsewhere have the place in the lower half.
 */

import { InternalError } from '../../errors.ts';

/** Operations of the field machine. */
export const OPERATIONS = {
  /** result = left·right/R. */
  multiply: 0,
  add: 1,
  subtract: 2,
  /** result = 1, in Montgomery form. */
  one: 3,
  /** Goes on elsewhere unless left is 0. */
  branch: 4,
  /** Goes on elsewhere. */
  jump: 5,
} as const;

/** Where the programs that are done go. */
export const HALTED = 0xffff;

/** Name of an operation. */
export type Operation = keyof typeof OPERATIONS;

/** A place in a program, which instructions may name before it is known. */
export interface Label {
  at: number | undefined;
  readonly uses: number[];
}

/** An element of a field of any degree over the prime field: the registers of its coefficients. */
export type Registers = readonly number[];

/** Assembles one program store: named programs one behind the other. */
export class Assembler {
  readonly #words: number[] = [];
  readonly #entries = new Map<string, number>();
  #registers = 0;
  #products = 0;

  /** Takes registers for an element of `degree` coefficients, for good. */
  register(degree = 1): Registers {
    const first = this.#registers;
    this.#registers += degree;
    if (this.#registers > 256) throw new InternalError('A field program has more than 256 registers.');
    return Array.from({ length: degree }, (_, i) => first + i);
  }

  /** Adds a program, which `write` emits; a halt follows. Returns how many products one run takes. */
  program(name: string, write: () => void): number {
    this.#entries.set(name, this.#words.length);
    const before = this.#products;
    write();
    this.halt();
    return this.#products - before;
  }

  emit(
    operation: 'multiply' | 'add' | 'subtract' | 'one',
    result: number,
    left: number,
    right: number,
  ): void {
    if (operation === 'multiply') this.#products++;
    this.#words.push(((OPERATIONS[operation] << 24) | (left << 16) | (right << 8) | result) >>> 0);
  }

  /** Makes a label, to be placed once. */
  label(): Label {
    return { at: undefined, uses: [] };
  }

  /** Where a label is: what comes next. */
  place(label: Label): void {
    label.at = this.#words.length;
    for (const use of label.uses)
      this.#words[use] = (((this.#words[use] as number) & ~HALTED) | label.at) >>> 0;
  }

  /** Goes on at a label unless all coefficients of an element are 0. */
  branch(element: Registers, label: Label): void {
    for (const register of element) this.#go((OPERATIONS.branch << 24) | (register << 16), label);
  }

  jump(label: Label): void {
    this.#go(OPERATIONS.jump << 24, label);
  }

  /** Ends a program. */
  halt(): void {
    this.#words.push((OPERATIONS.jump << 24) | HALTED);
  }

  #go(word: number, label: Label): void {
    label.uses.push(this.#words.length);
    this.#words.push((word | (label.at ?? 0)) >>> 0);
  }

  /** Where a program starts. */
  entry(name: string): number {
    const at = this.#entries.get(name);
    if (at === undefined) throw new InternalError(`No field program "${name}".`);
    return at;
  }

  /** Registers in use. */
  get registers(): number {
    return this.#registers;
  }

  /** The store, as the machine reads it: padded to whole vec4<u32>. */
  words(): Uint32Array<ArrayBuffer> {
    const words = new Uint32Array(4 * Math.ceil(this.#words.length / 4));
    words.set(this.#words);
    return words;
  }

  /** The store in words of people, one instruction a line; places that others name have their number before them. */
  listing(): string {
    const names = Object.keys(OPERATIONS) as Operation[];
    const starts = new Map([...this.#entries].map(([name, at]) => [at, name]));
    const operations = this.#words.map((word) => names[word >>> 24] as Operation);
    const targets = new Set(
      this.#words
        .filter((_, i) => operations[i] === 'branch' || operations[i] === 'jump')
        .map((word) => word & HALTED),
    );
    return this.#words
      .map((word, i) => {
        const head = `${starts.has(i) ? `${starts.get(i)}:\n` : ''}${targets.has(i) ? ` ${i}:\n` : ''}`;
        const [left, right, result] = [(word >>> 16) & 255, (word >>> 8) & 255, word & 255];
        const target = word & HALTED;
        switch (operations[i]) {
          case 'branch':
            return `${head}  unless r${left} = 0 go to ${target}`;
          case 'jump':
            return `${head}  ${target === HALTED ? 'halt' : `go to ${target}`}`;
          case 'one':
            return `${head}  r${result} = 1`;
          case 'multiply':
            return `${head}  r${result} = r${left} * r${right}`;
          case 'add':
            return `${head}  r${result} = r${left} + r${right}`;
          default:
            return `${head}  r${result} = r${left} - r${right}`;
        }
      })
      .join('\n')
      .concat('\n');
  }
}

/** Arithmetic of one field as instructions; the result may be one of the operands. */
export interface FieldEmitter {
  readonly degree: number;
  multiply(result: Registers, left: Registers, right: Registers): void;
  square(result: Registers, value: Registers): void;
  add(result: Registers, left: Registers, right: Registers): void;
  subtract(result: Registers, left: Registers, right: Registers): void;
}

function componentwise(assembler: Assembler, operation: 'add' | 'subtract') {
  return (result: Registers, left: Registers, right: Registers): void => {
    for (const [i, register] of result.entries()) {
      assembler.emit(operation, register, left[i] as number, right[i] as number);
    }
  };
}

/** The prime field. */
export function primeEmitter(assembler: Assembler): FieldEmitter {
  const multiply = ([result = 0]: Registers, [left = 0]: Registers, [right = 0]: Registers): void =>
    assembler.emit('multiply', result, left, right);
  return {
    degree: 1,
    multiply,
    square: (result, value) => multiply(result, value, value),
    add: componentwise(assembler, 'add'),
    subtract: componentwise(assembler, 'subtract'),
  };
}

/** Fq2 = Fq[u]/(u² + 1): three products a multiplication (Karatsuba), two a square. */
export function quadraticEmitter(assembler: Assembler): FieldEmitter {
  const [low, high, cross, sum] = assembler.register(4) as [number, number, number, number];
  return {
    degree: 2,
    multiply([r0 = 0, r1 = 0], [a0 = 0, a1 = 0], [b0 = 0, b1 = 0]) {
      assembler.emit('multiply', low, a0, b0);
      assembler.emit('multiply', high, a1, b1);
      assembler.emit('add', cross, a0, a1);
      assembler.emit('add', sum, b0, b1);
      assembler.emit('multiply', cross, cross, sum);
      assembler.emit('add', sum, low, high);
      assembler.emit('subtract', r0, low, high);
      assembler.emit('subtract', r1, cross, sum);
    },
    square([r0 = 0, r1 = 0], [a0 = 0, a1 = 0]) {
      assembler.emit('add', low, a0, a1);
      assembler.emit('subtract', high, a0, a1);
      assembler.emit('multiply', cross, a0, a1);
      assembler.emit('multiply', r0, low, high);
      assembler.emit('add', r1, cross, cross);
    },
    add: componentwise(assembler, 'add'),
    subtract: componentwise(assembler, 'subtract'),
  };
}
