import { describe, expect, it } from 'vitest';
import { OptionError } from '../../../src/errors.ts';
import { parseModule } from '../../../src/wasm/pool/module-bytes.ts';
import { kernels } from './kernels.ts';

/** Instantiates on a memory of the given kind and calls `square`. */
async function squareOn(bytes: Uint8Array<ArrayBuffer>, shared: boolean): Promise<unknown> {
  const memory = new WebAssembly.Memory({ initial: 3, maximum: 20, shared });
  const sp = new WebAssembly.Global({ value: 'i32', mutable: true }, 4096);
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory, sp } });
  return (instance.exports.square as (x: number) => number)(12);
}

const empty = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const withImports = (...imports: number[][]): Uint8Array => {
  const body = [imports.length, ...imports.flat()];
  return Uint8Array.from([...empty, 2, body.length, ...body]);
};
const memoryImport = [1, 101, 1, 109, 2];

describe('parseModule', () => {
  for (const declared of [true, false]) {
    for (const wanted of [true, false]) {
      it(`makes a module for ${declared ? 'shared' : 'unshared'} memory fit ${wanted ? 'shared' : 'unshared'} memory`, async () => {
        const original = kernels({ shared: declared, minimumPages: 3, maximumPages: 3 });
        const parsed = parseModule(original);
        expect(parsed.minimumPages).toBe(3);
        expect(await squareOn(parsed.bytesFor(wanted), wanted)).toBe(144);
        await expect(squareOn(parsed.bytesFor(wanted), !wanted)).rejects.toThrow(WebAssembly.LinkError);
      });
    }
  }

  it('finds the end of the data', () => {
    expect(parseModule(kernels()).dataEnd).toBe(0);
    for (const dataAt of [0, 1024, 100_000]) {
      expect(parseModule(kernels({ dataAt })).dataEnd).toBe(dataAt + 8);
    }
  });

  it('steps over imports of every other kind', () => {
    const func = [1, 101, 1, 102, 0, 0];
    const table = [1, 101, 1, 116, 1, 0x70, 1, 1, 0x80, 0x01];
    const global = [1, 101, 1, 103, 3, 0x7f, 0];
    const tag = [1, 101, 1, 120, 4, 0, 0];
    const parsed = parseModule(withImports(func, table, global, tag, [...memoryImport, 0, 0x81, 0x01]));
    expect(parsed.minimumPages).toBe(129);
  });

  it.each([
    ['is empty', Uint8Array.of()],
    ['is not wasm', Uint8Array.from([...empty].reverse())],
    ['is a component', Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0])],
    ['has no imports', Uint8Array.from(empty)],
    ['imports no memory', withImports([1, 101, 1, 103, 3, 0x7f, 0])],
    ['imports two memories', withImports([...memoryImport, 0, 1], [...memoryImport, 0, 1])],
    ['has a 64-bit memory', withImports([...memoryImport, 4, 1])],
    ['imports something unknown', withImports([1, 101, 1, 109, 9, 0])],
    ['has an endless integer', withImports([...memoryImport, 0, 255, 255, 255, 255, 255, 255])],
  ])('refuses a module that %s', (_, bytes) => {
    expect(() => parseModule(bytes)).toThrow(OptionError);
  });

  it('refuses a module cut off at any byte of its imports', () => {
    const bytes = kernels();
    // Sections up to the types are 8 + 2 + their length long; the import section follows.
    const importSection = 10 + (bytes[9] ?? 0);
    expect(bytes[importSection]).toBe(2);
    for (let end = importSection; end < importSection + 14; end++) {
      expect(() => parseModule(bytes.subarray(0, end))).toThrow(OptionError);
    }
  });
});
