import { nodeBuiltin } from '../../wasm/pool/runtime.ts';

/** The slice of `node:fs` that reads a file. */
interface NodeFiles {
  readFileSync(path: URL): Uint8Array;
}

/**
 * A module from its own file, which Node reads in a tenth of the time that the text of the same takes to be loaded and unpacked. Undefined
 * where there is no such file beside the code: in browsers, and where a bundler has moved the code.
 *
 * @param name `curve-form`.
 * @param base Where the code is.
 */
export function kernelFile(name: string, base: string = import.meta.url): Uint8Array | undefined {
  try {
    const bytes = nodeBuiltin<NodeFiles>('node:fs')?.readFileSync(new URL(`./embedded/${name}.wasm`, base));
    // Node's own kind of bytes slices without copying.
    return bytes && new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  } catch {
    return undefined;
  }
}
