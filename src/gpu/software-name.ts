/** Names that GPUs without hardware give themselves, in WebGPU and WebGL alike. */

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|software (?:render|rasterizer)|warp\b/i;

/** Whether a name is of something that computes on the CPU: SwiftShader, llvmpipe, WARP and their like. */
export function isSoftwareName(name: string): boolean {
  return SOFTWARE.test(name);
}
