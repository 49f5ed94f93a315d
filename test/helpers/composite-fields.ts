/** Where each field of a .sheaf file stands, read by the format's description and not by the library's reader. */

/** One field. */
export interface Field {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

/** The fields of a well-formed file in order; together they cover it. */
export function compositeFields(bytes: Uint8Array): Field[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const fields: Field[] = [];
  let offset = 0;
  const field = (name: string, length: number): number => {
    fields.push({ name, offset, length });
    offset += length;
    return offset - length;
  };
  const u8 = (name: string): number => view.getUint8(field(name, 1));
  const u32 = (name: string): number => view.getUint32(field(name, 4), true);

  field('magic', 5);
  field('version', 1);
  field('scheme', u8('scheme length'));
  field('curve', 1);
  field('capacity', 1);
  const proofs = u32('number of proofs');
  const keys = u32('number of keys');
  field('SRS digest', 32);
  field('context', u32('context length'));
  const inputCounts: number[] = [];
  for (let k = 0; k < keys; k++) {
    field(`key ${k}, digest`, 32);
    inputCounts.push(u32(`key ${k}, input count`));
    field(`key ${k}, system`, u8(`key ${k}, system length`));
    field(`key ${k}, carried`, u32(`key ${k}, carried length`));
  }
  const keyOf = Array.from({ length: proofs }, (_, i) => u32(`proof ${i}, key`));
  for (const [i, k] of keyOf.entries()) {
    for (let j = 0; j < (inputCounts[k] ?? 0); j++) field(`proof ${i}, input ${j}`, 32);
  }
  field('proof', bytes.length - offset);
  return fields;
}
