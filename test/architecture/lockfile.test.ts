import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface LockedPackage {
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lockfile: { packages: Record<string, LockedPackage> } = JSON.parse(
  readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
);

/** The folders in which a package at `path` finds its dependency `name`, nearest first. */
function* lookupPaths(path: string, name: string): Generator<string> {
  for (let at = path; ; at = at.replace(/(?:^|\/)(?:node_modules\/(?:@[^/]+\/)?)?[^/]+$/, '')) {
    yield `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (at === '') return;
  }
}

describe('package-lock.json', () => {
  // `npm ci` refuses a lockfile that was written where a registry lacked the packages of other platforms.
  it('lists the optional packages of every platform', () => {
    const optional = Object.entries(lockfile.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).map((name) => ({ path, name })),
    );
    const missing = optional.filter(
      ({ path, name }) => ![...lookupPaths(path, name)].some((place) => place in lockfile.packages),
    );
    expect(optional.length).toBeGreaterThan(10);
    expect(missing).toEqual([]);
  });

  it('names no package host but the public registry', () => {
    const hosts = Object.values(lockfile.packages).flatMap(({ resolved }) =>
      resolved?.includes('://') ? [new URL(resolved).host] : [],
    );
    expect(hosts.filter((host) => host !== 'registry.npmjs.org')).toEqual([]);
  });
});
