import { nodeBuiltin } from '../../wasm/pool/runtime.ts';

/** A module out of base64 of gzip, by what the runtime has: engines that run these modules all have one or the other. */
export async function unpackKernel(packed: string): Promise<Uint8Array> {
  const text = atob(packed);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  // Streams take Node ten times as long to load and run.
  const zlib = nodeBuiltin<{ gunzipSync(bytes: Uint8Array): Uint8Array }>('node:zlib');
  if (zlib) return zlib.gunzipSync(bytes);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
