/**
 * The container of .zkey and .wtns files (iden3 binary format): four letters, version and section count as u32le, then
 * sections, each a number as u32le, a length as u64le and that many bytes. Only the table is read here.
 */

import type { ErrorContext, SheafError } from '../../errors.ts';
import type { ByteSource } from '../../field/byte-source.ts';

/** Makes the error of one kind of file. */
export type FileErrorClass = new (message: string, context?: ErrorContext) => SheafError;

/** Which container is expected. */
export interface ContainerFormat {
  /** The four letters that a file begins with. */
  readonly magic: string;
  readonly maxVersion: number;
  /** The section that comes first in every such file. */
  readonly firstSection: number;
  readonly error: FileErrorClass;
}

const HEAD_BYTES = 12;
const ENTRY_BYTES = 12;
/** More sections than any such file has (fflonk keys have 17); a bound on what a corrupt count can ask for. */
const MAX_SECTIONS = 64;

/** Where the sections of a file stand, and how to read them. */
export class SectionTable {
  readonly source: ByteSource;
  readonly #format: ContainerFormat;
  readonly #sections: ReadonlyMap<number, { readonly offset: number; readonly length: number }>;

  private constructor(
    source: ByteSource,
    format: ContainerFormat,
    sections: ReadonlyMap<number, { offset: number; length: number }>,
  ) {
    this.source = source;
    this.#format = format;
    this.#sections = sections;
  }

  /**
   * Reads the table of a file. Throws the format's error for another kind of file, one that is cut short, has bytes left over,
   * a section twice, or does not begin with the section that comes first.
   */
  static async read(source: ByteSource, format: ContainerFormat): Promise<SectionTable> {
    const { magic, maxVersion, firstSection } = format;
    const fail = (message: string, offset: number): never => {
      throw new format.error(`${source.name}: ${message}`, { file: source.name, offset });
    };
    if (source.size < HEAD_BYTES) {
      fail(`expected a .${magic} file, got ${source.size} bytes, which is too short for one.`, 0);
    }
    const head = await source.read(0, HEAD_BYTES);
    const found = new TextDecoder('latin1').decode(head.subarray(0, 4));
    if (found !== magic) {
      fail(`expected a .${magic} file (it begins with "${magic}"), got ${JSON.stringify(found)}.`, 0);
    }
    const version = viewOf(head).getUint32(4, true);
    if (version < 1 || version > maxVersion) {
      fail(
        `expected version 1${maxVersion > 1 ? ` to ${maxVersion}` : ''} of the format, got ${version}.`,
        4,
      );
    }
    const count = viewOf(head).getUint32(8, true);
    if (count > MAX_SECTIONS)
      fail(`expected at most ${MAX_SECTIONS} sections, got ${count}; the head is damaged.`, 8);
    const sections = new Map<number, { offset: number; length: number }>();
    let offset = HEAD_BYTES;
    for (let i = 0; i < count; i++) {
      if (offset + ENTRY_BYTES > source.size) {
        fail(
          `cut short: it ends at byte ${source.size}, before section ${i + 1} of ${count}. Fetch it again.`,
          offset,
        );
      }
      const entry = viewOf(await source.read(offset, ENTRY_BYTES));
      const id = entry.getUint32(0, true);
      const length = Number(entry.getBigUint64(4, true));
      if (i === 0 && id !== firstSection) {
        fail(
          `expected section ${firstSection} first, got section ${id}; its sections are out of order.`,
          offset,
        );
      }
      if (sections.has(id)) fail(`section ${id} comes twice.`, offset);
      offset += ENTRY_BYTES;
      if (offset + length > source.size) {
        fail(
          `cut short: section ${id} has ${length} bytes from byte ${offset}, and the file ends at byte ${source.size}. Fetch it again.`,
          offset,
        );
      }
      sections.set(id, { offset, length });
      offset += length;
    }
    if (offset !== source.size) {
      fail(`${source.size - offset} bytes are left over after the last of ${count} sections.`, offset);
    }
    return new SectionTable(source, format, sections);
  }

  /** Bytes of a section. Throws where it is missing. */
  lengthOf(id: number, what: string): number {
    return this.#find(id, what).length;
  }

  /** A section that must have an exact length. The bytes are a view where the source is in memory. */
  async exactly(id: number, length: number, what: string): Promise<Uint8Array> {
    const section = this.#find(id, what);
    if (section.length !== length) {
      this.fail(
        `section ${id} (${what}): expected ${length} bytes, got ${section.length}.`,
        section.offset,
        what,
      );
    }
    return this.source.read(section.offset, length);
  }

  /** A section of at most `limit` bytes. */
  async atMost(id: number, limit: number, what: string): Promise<Uint8Array> {
    const section = this.#find(id, what);
    if (section.length > limit) {
      this.fail(
        `section ${id} (${what}): expected at most ${limit} bytes, got ${section.length}.`,
        section.offset,
        what,
      );
    }
    return this.source.read(section.offset, section.length);
  }

  /** Refuses the file. */
  fail(message: string, offset?: number, field?: string): never {
    throw new this.#format.error(`${this.source.name}: ${message}`, {
      file: this.source.name,
      ...(offset === undefined ? {} : { offset }),
      ...(field === undefined ? {} : { field }),
    });
  }

  #find(id: number, what: string): { offset: number; length: number } {
    return this.#sections.get(id) ?? this.fail(`section ${id} (${what}) is missing.`, undefined, what);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
