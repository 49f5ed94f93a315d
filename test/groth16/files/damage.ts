/** Binary files of iden3's container taken apart, changed and put together again. */

import { readSections, type Section, writeSections } from '../../../examples/lib/iden3-file.ts';

/** A copy with some sections changed; undefined leaves a section out. */
export function withSections(
  file: Uint8Array,
  magic: string,
  change: (id: number, content: Uint8Array) => Uint8Array | undefined,
): Uint8Array {
  const sections = [...readSections(file, magic)].flatMap(([id, content]): Section[] => {
    const changed = change(id, Uint8Array.from(content));
    return changed === undefined ? [] : [[id, changed]];
  });
  return writeSections(magic, sections);
}

/** A copy with its sections in another order. */
export function reordered(file: Uint8Array, magic: string, order: readonly number[]): Uint8Array {
  const sections = readSections(file, magic);
  return writeSections(
    magic,
    order.map((id): Section => [id, sections.get(id) as Uint8Array]),
  );
}

/** A copy with bytes written over at an offset. */
export function overwritten(bytes: Uint8Array, offset: number, ...values: number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(values, offset);
  return copy;
}
