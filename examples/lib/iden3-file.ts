/** The container of .r1cs, .wtns and .zkey files: a magic word, a version and numbered sections. */

import { EncodingError } from '../../src/errors.ts';
import { ByteReader } from '../../src/field/byte-reader.ts';
import { joinBytes, u32le, utf8 } from '../../src/field/bytes.ts';

/** A section's number and its content. */
export type Section = readonly [id: number, content: Uint8Array];

/** Sections by number. Throws {@link EncodingError} for a wrong magic word, a cut file, a repeated section. */
export function readSections(file: Uint8Array, magic: string): Map<number, Uint8Array> {
  const reader = new ByteReader(file, `.${magic} file`);
  const found = String.fromCharCode(...reader.take(4, 'magic'));
  if (found !== magic) reader.fail(`expected the magic word "${magic}", got "${found}"`, 'magic');
  reader.u32('version');
  const sections = new Map<number, Uint8Array>();
  for (let left = reader.u32('section count'); left > 0; left--) {
    const id = reader.u32('section number');
    const size = reader.u32('section size') + 2 ** 32 * reader.u32('section size');
    if (sections.has(id)) reader.fail(`section ${id} comes twice`, 'section number');
    sections.set(id, reader.take(size, `section ${id}`));
  }
  reader.end();
  return sections;
}

/** The content of one section. Throws {@link EncodingError} where it is missing. */
export function sectionOf(sections: ReadonlyMap<number, Uint8Array>, id: number, what: string): Uint8Array {
  const content = sections.get(id);
  if (content === undefined) {
    throw new EncodingError(`${what}: section ${id} is missing; make the file again.`, {
      field: `section ${id}`,
    });
  }
  return content;
}

/** A file of format version 1 with these sections. */
export function writeSections(magic: string, sections: readonly Section[]): Uint8Array {
  const parts = [utf8(magic), u32le(1), u32le(sections.length)];
  for (const [id, content] of sections) parts.push(u32le(id), u32le(content.length), u32le(0), content);
  return joinBytes(parts);
}
