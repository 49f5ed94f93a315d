/** What the benchmark ran on. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, release, totalmem, type } from 'node:os';
import type { Machine } from './report.ts';

/** CPU, memory and system of this machine. */
export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${type()} ${release()} ${process.arch}`,
  };
}

/** Versions of the runtime, of Sheaf and of the packages a run compares. */
export function describeVersions(packages: readonly string[]): Record<string, string> {
  const require = createRequire(import.meta.url);
  const versionOf = (file: string): string =>
    (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  const versions: Record<string, string> = {
    node: process.versions.node,
    v8: process.versions.v8,
    sheaf: versionOf(new URL('../../package.json', import.meta.url).pathname),
  };
  for (const name of packages) {
    // Packages may hide package.json behind "exports"; the folder name in the resolved path does not lie.
    const resolved = require.resolve(name);
    const root = resolved.slice(
      0,
      resolved.lastIndexOf(`node_modules/${name}/`) + `node_modules/${name}/`.length,
    );
    versions[name] = versionOf(`${root}package.json`);
  }
  return versions;
}
