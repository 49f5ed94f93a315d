/**
 * Reads what the pool must know of a kernel module, and makes a module for shared memory fit an unshared one and the other way
 * round. Whether a memory is shared is written into the module (https://webassembly.github.io/spec/core/binary/), while
 * nothing else in the code depends on it: atomic loads, stores and additions are valid on both kinds.
 */

import { OptionError } from '../../errors.ts';
import { MAXIMUM_PAGES } from './linear-memory.ts';

const IMPORT_SECTION = 2;
const DATA_SECTION = 11;
const [FUNCTION, TABLE, MEMORY, GLOBAL, TAG] = [0, 1, 2, 3, 4];

/** A kernel module whose memory import has been found. */
export interface ParsedModule {
  /** Least size that the module asks of its memory. */
  readonly minimumPages: number;
  /** First address past the module's active data segments; 0 when it has none. */
  readonly dataEnd: number;
  /** The module, taking a memory of the given kind and of any maximum. */
  bytesFor(shared: boolean): Uint8Array<ArrayBuffer>;
}

class Reader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const value = this.bytes[this.at++];
    if (value === undefined) throw malformed('it ends too early');
    return value;
  }

  /** LEB128 of up to 32 bits; `signed` extends the sign. */
  number(signed = false): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value |= (byte & 127) << shift;
      if (byte < 128) {
        if (signed && byte & 64 && shift < 25) value |= -1 << (shift + 7);
        return signed ? value : value >>> 0;
      }
    }
    throw malformed('an integer in it is longer than 32 bits');
  }

  skip(count: number): void {
    this.at += count;
  }
}

function malformed(what: string): OptionError {
  return new OptionError(
    `Expected a WebAssembly module whose only memory is imported as env.memory, but ${what}.`,
  );
}

/** The two limits that `flags` announces. */
function readLimits(reader: Reader): { flags: number; minimum: number } {
  const flags = reader.byte();
  if (flags > 3) throw malformed('it has a 64-bit memory or custom page size');
  const minimum = reader.number();
  if (flags & 1) reader.number();
  return { flags, minimum };
}

/** Finds the memory import: where its limits begin and end. */
function findMemory(reader: Reader): { from: number; to: number; minimum: number } | undefined {
  let found: { from: number; to: number; minimum: number } | undefined;
  for (let left = reader.number(); left > 0; left--) {
    reader.skip(reader.number());
    reader.skip(reader.number());
    const kind = reader.byte();
    if (kind === FUNCTION) reader.number();
    else if (kind === GLOBAL) reader.skip(2);
    else if (kind === TAG) {
      reader.skip(1);
      reader.number();
    } else if (kind === TABLE) {
      reader.skip(1);
      readLimits(reader);
    } else if (kind === MEMORY) {
      if (found) throw malformed('it has several memories');
      const from = reader.at;
      const { minimum } = readLimits(reader);
      found = { from, to: reader.at, minimum };
    } else throw malformed(`it imports something of unknown kind ${kind}`);
  }
  return found;
}

/** First address past the active segments. */
function findDataEnd(reader: Reader): number {
  let end = 0;
  for (let left = reader.number(); left > 0; left--) {
    const mode = reader.number();
    if (mode === 2) reader.number();
    let address = 0;
    if (mode !== 1) {
      if (reader.byte() !== 0x41) throw malformed('a data segment starts at an address that is not constant');
      address = reader.number(true) >>> 0;
      if (reader.byte() !== 0x0b) throw malformed('a data segment starts at a computed address');
    }
    const length = reader.number();
    reader.skip(length);
    if (mode !== 1) end = Math.max(end, address + length);
  }
  return end;
}

function leb128(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb128(value >>> 7)];
}

/** Parses a module. Throws OptionError when it is malformed or does not import exactly one 32-bit memory. */
export function parseModule(bytes: Uint8Array): ParsedModule {
  const reader = new Reader(bytes, 8);
  if (bytes.length < 8 || bytes.subarray(0, 8).join() !== '0,97,115,109,1,0,0,0') {
    throw malformed('it does not start as one');
  }
  let dataEnd = 0;
  let imported: { section: number; body: number; end: number; from: number; to: number } | undefined;
  let minimumPages = 0;
  while (reader.at < bytes.length) {
    const section = reader.at;
    const id = reader.byte();
    const length = reader.number();
    const body = reader.at;
    if (id === IMPORT_SECTION) {
      const memory = findMemory(reader);
      if (memory) {
        imported = { section, body, end: body + length, from: memory.from, to: memory.to };
        minimumPages = memory.minimum;
      }
    } else if (id === DATA_SECTION) {
      dataEnd = findDataEnd(reader);
    }
    reader.at = body + length;
  }
  if (!imported) throw malformed('it imports none');
  const { section, body, end, from, to } = imported;
  return {
    minimumPages,
    dataEnd,
    bytesFor(shared) {
      const limits = [shared ? 3 : 1, ...leb128(minimumPages), ...leb128(MAXIMUM_PAGES)];
      const head = [IMPORT_SECTION, ...leb128(from - body + limits.length + (end - to))];
      const parts = [
        bytes.subarray(0, section),
        Uint8Array.from(head),
        bytes.subarray(body, from),
        Uint8Array.from(limits),
        bytes.subarray(to),
      ];
      const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of parts) {
        out.set(part, at);
        at += part.length;
      }
      return out;
    },
  };
}
