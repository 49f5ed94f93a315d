/**
 * A headless Chromium and a software GPU (SwiftShader) for tests, without root and without anything installed: both come,
 * compressed, in the npm package @sparticuz/chromium for Linux x64. They are unpacked once, below node_modules/.cache.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { fillOnce } from './fill-once.ts';

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));
const packageFolder = join(modules, '@sparticuz/chromium');

type Environment = Readonly<Record<string, string | undefined>>;
type Variables = Record<string, string>;

/** Whether the package's binaries run here. */
const fits = process.platform === 'linux' && process.arch === 'x64';

/** The folder `name` of the cache, filled by `fill` if it is not there. */
function cached(name: string, fill: (folder: string) => void): string {
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  const folder = join(modules, '.cache', 'sheaf', `${name}-${version}`);
  fillOnce(folder, fill);
  return folder;
}

function decompress(file: string): Buffer {
  return brotliDecompressSync(readFileSync(join(packageFolder, 'bin', file)));
}

function untar(file: string, folder: string): void {
  execFileSync('tar', ['-x', '-C', folder], { input: decompress(file) });
}

function withLibraries(folder: string, environment: Environment): Variables {
  const present = environment.LD_LIBRARY_PATH;
  return { LD_LIBRARY_PATH: present ? `${folder}:${present}` : folder };
}

/**
 * Environment in which a new process finds SwiftShader as its GPU, and no other: the loader reads LD_LIBRARY_PATH when a process
 * starts, so setting it inside comes too late. Empty, so that the machine's own GPU is used, where SHEAF_GPU is `system` and
 * where the package has no binaries.
 */
export function softwareGpuEnv(environment: Environment = process.env): Variables {
  if (!fits || environment.SHEAF_GPU === 'system') return {};
  const folder = cached('swiftshader', (draft) => untar('swiftshader.tar.br', draft));
  const icd = join(folder, 'vk_swiftshader_icd.json');
  // Loaders older than 1.3.207 know only the second name.
  return { ...withLibraries(folder, environment), VK_DRIVER_FILES: icd, VK_ICD_FILENAMES: icd };
}

/** A browser to start: its executable and the whole environment of its process. */
export interface ChromiumInstall {
  readonly executable: string;
  readonly env: Variables;
}

/** The package's Chromium; another one where SHEAF_CHROMIUM names its executable. Throws where neither is to be had. */
export function chromiumInstall(environment: Environment = process.env): ChromiumInstall {
  const inherited = Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const own = environment.SHEAF_CHROMIUM;
  if (own) return { executable: own, env: inherited };
  if (!fits) {
    throw new Error(
      `Expected SHEAF_CHROMIUM to name a Chromium, for the packaged one is for linux-x64; this is ${process.platform}-${process.arch}.`,
    );
  }
  const folder = cached('chromium', (draft) => {
    for (const file of ['al2023.tar.br', 'fonts.tar.br', 'swiftshader.tar.br']) untar(file, draft);
    writeFileSync(join(draft, 'chromium'), decompress('chromium.br'), { mode: 0o755 });
  });
  return {
    executable: join(folder, 'chromium'),
    env: { ...inherited, ...withLibraries(join(folder, 'lib'), environment), FONTCONFIG_PATH: folder },
  };
}
