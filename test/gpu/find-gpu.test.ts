import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findGpu, nodeGpu } from '../../src/gpu/find-gpu.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What `findGpu` rejects with in a process where importing "webgpu" fails with an error of this code. */
async function failureWithout(code: string): Promise<{ code: string; message: string }> {
  const hook = `import { registerHooks } from 'node:module';
    registerHooks({
      resolve(name, context, next) {
        if (name === 'webgpu') throw Object.assign(new Error('blocked'), { code: '${code}' });
        return next(name, context);
      },
    });`;
  const script = `const { findGpu } = await import('./src/gpu/find-gpu.ts');
    await findGpu().then(
      () => { throw new Error('found one'); },
      ({ code, message }) => console.log(JSON.stringify({ code, message })),
    );`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      '--import',
      'tsx',
      '--import',
      `data:text/javascript,${encodeURIComponent(hook)}`,
      '--input-type=module',
      '-e',
      script,
    ],
    { cwd: root },
  );
  return JSON.parse(stdout);
}

describe('finding WebGPU', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('takes the one of the package in Node, once', async () => {
    const gpu = await findGpu();
    expect(gpu.requestAdapter).toBeTypeOf('function');
    expect(await nodeGpu()).toBe(gpu);
  });

  it("prefers the platform's own", async () => {
    const own = {} as GPU;
    vi.stubGlobal('navigator', { gpu: own });
    expect(await findGpu()).toBe(own);
  });

  it('says what to install where the package is missing', async () => {
    const { code, message } = await failureWithout('ERR_MODULE_NOT_FOUND');
    expect(code).toBe('GPU_UNAVAILABLE');
    expect(message).toContain('npm install webgpu');
  });

  it('does not ask for what is installed and does not load', async () => {
    const { code, message } = await failureWithout('ERR_DLOPEN_FAILED');
    expect(code).toBe('GPU_UNAVAILABLE');
    expect(message).toMatch(/does not load/);
    expect(message).not.toContain('npm install');
  });

  it('asks for another browser, not for a package, outside Node', async () => {
    vi.stubGlobal('navigator', {});
    vi.stubGlobal('process', undefined);
    await expect(findGpu()).rejects.toThrow(/use a browser/);
  });
});
