/** The page under test: the gpu.js backend as a user's bundler packs it. */

import { createGpujsBackend, curveByName, type GpujsBackend } from '../../../src/index.ts';

type ShaderMode = 'webgl2' | 'webgl';

const contexts: WebGLRenderingContext[] = [];
const getContext = HTMLCanvasElement.prototype.getContext as (...given: unknown[]) => unknown;

/** The platform's contexts, kept where the tests can lose them. */
HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, ...given: unknown[]) {
  const context = getContext.apply(this, given);
  if (context) contexts.push(context as WebGLRenderingContext);
  return context;
} as never;

let backend: GpujsBackend;

const page = {
  /** Creates the backend, in a mode or the best there is; says how it runs. */
  async open(curve: string, mode?: ShaderMode): Promise<string> {
    backend = await createGpujsBackend(curveByName(curve), { mode });
    return backend.mode;
  },

  /** What runs the shaders, and what becomes of a backend that is to have hardware. */
  async place(): Promise<{ renderer: string; isSoftware: boolean; hardware: string }> {
    const { curve, mode, renderer, isSoftware } = backend;
    const options = { mode: mode as ShaderMode, hardwareOnly: true };
    const hardware = await createGpujsBackend(curve, options).then(
      async (other) => {
        await other.dispose();
        return 'taken';
      },
      (error) => (error as { code?: string }).code ?? `untyped: ${String(error)}`,
    );
    return { renderer, isSoftware, hardware };
  },

  async msm(points: Uint8Array, scalars: Uint8Array): Promise<Uint8Array> {
    return backend.msmG1(await backend.uploadG1(points), await backend.uploadFr(scalars));
  },

  async foldG1(left: Uint8Array, right: Uint8Array, x: bigint): Promise<Uint8Array> {
    return backend.read(await backend.foldG1(await backend.uploadG1(left), await backend.uploadG1(right), x));
  },

  async foldFr(left: Uint8Array, right: Uint8Array, x: bigint): Promise<Uint8Array> {
    return backend.read(await backend.foldFr(await backend.uploadFr(left), await backend.uploadFr(right), x));
  },

  /** Loses every context, as a browser does when a GPU is reset; gives the code of the error that a product ends in. */
  async multiplyWithoutContext(scalars: Uint8Array): Promise<string> {
    const vector = await backend.uploadFr(scalars);
    for (const context of contexts) context.getExtension('WEBGL_lose_context')?.loseContext();
    try {
      await backend.mulFr(vector, vector);
      return 'a result';
    } catch (error) {
      return (error as { code?: string }).code ?? `untyped: ${String(error)}`;
    }
  },

  dispose: () => backend.dispose(),
};

/** What the tests call. */
export type GpujsPage = typeof page;

declare global {
  var gpujsPage: GpujsPage;
}

globalThis.gpujsPage = page;
