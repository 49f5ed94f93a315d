import { nodeBuiltin } from '../../wasm/pool/runtime.ts';

/** The slice of `node:buffer` that reads base64. */
interface NodeBuffer {
  readonly Buffer: { from(text: string, encoding: 'base64'): Uint8Array };
}

/** A module out of base64 of gzip, by what the runtime has: engines that run these modules all have one or the other. */
export async function unpackKernel(packed: string): Promise<Uint8Array> {
  // Streams take Node ten times as long to load and run, and a loop over characters as long as all the rest.
  const zlib = nodeBuiltin<{ gunzipSync(bytes: Uint8Array): Uint8Array }>('node:zlib');
  const buffer = nodeBuiltin<NodeBuffer>('node:buffer');
  if (zlib && buffer) return zlib.gunzipSync(buffer.Buffer.from(packed, 'base64'));
  const text = atob(packed);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
