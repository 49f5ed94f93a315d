/**
 * Programs of the field machine (machine.ts): straight-line field arithmetic as data. A kernel holds one copy of the product
 * whatever it computes, so it compiles in the same short time for G1, G2 or a pairing. An instruction is one 32-bit word:
 * operation (8 bits), left, right and result register (8 bits each), from the highest byte down.
 */

import { InternalError } from '../../errors.ts';

/** Operations of the field machine. */
export const OPERATIONS = {
  /** result = left·right/R. */
  multiply: 0,
  add: 1,
  subtract: 2,
  /** Ends the program. */
  halt: 3,
  /**
   * Where two points over one denominator meet: `left` is the first register of their difference in x, `right` in y. Goes on
   * when x differs; else doubles the accumulator (same y), or makes it infinity and ends.
   */
  meet: 4,
} as const;

/** Name of an operation. */
export type Operation = keyof typeof OPERATIONS;

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
    this.emit('halt', 0, 0, 0);
    return this.#products - before;
  }

  emit(operation: Operation, result: number, left: number, right: number): void {
    if (operation === 'multiply') this.#products++;
    this.#words.push(((OPERATIONS[operation] << 24) | (left << 16) | (right << 8) | result) >>> 0);
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

  /** The store in words of people, one instruction a line. */
  listing(): string {
    const names = Object.keys(OPERATIONS) as Operation[];
    const starts = new Map([...this.#entries].map(([name, at]) => [at, name]));
    return this.#words
      .map((word, i) => {
        const head = starts.has(i) ? `${starts.get(i)}:\n` : '';
        const operation = names[word >>> 24] as Operation;
        const [left, right, result] = [(word >>> 16) & 255, (word >>> 8) & 255, word & 255];
        if (operation === 'halt') return `${head}  halt`;
        if (operation === 'meet') return `${head}  meet r${left}, r${right}`;
        const sign = { multiply: '*', add: '+', subtract: '-' }[operation];
        return `${head}  r${result} = r${left} ${sign} r${right}`;
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
