/** What a batch of proofs is made of: inputs or witnesses, each with the name that its result gets. */

import { basename, join } from 'node:path';
import { OptionError } from '../errors.ts';
import type { CircuitInputs } from '../groth16/witness/inputs.ts';
import { filesBelow, STDIN_NAME, slashes } from '../node/files.ts';
import { parseCircuitInput } from './circuit-input.ts';
import type { CommandContext } from './command-context.ts';
import { readBytes } from './read-bytes.ts';
import { readLines } from './stdin.ts';

/** One proof to be made. */
export interface ProveJob {
  /** Of the result, without ending. */
  readonly name: string;
  /** Shown in messages. */
  readonly file: string;
  /** Inputs for the witness generator, or the path of a witness. */
  read(): Promise<{ readonly inputs: CircuitInputs } | { readonly wtns: string }>;
}

function fileJob(path: string, name: string): ProveJob {
  const file = slashes(path);
  if (path.endsWith('.wtns')) return { name, file, read: async () => ({ wtns: path }) };
  return {
    name,
    file,
    read: async () => ({ inputs: parseCircuitInput(new TextDecoder().decode(await readBytes(path)), file) }),
  };
}

function stem(path: string): string {
  return slashes(path).replace(/\.(?:json|wtns)$/, '');
}

/** Files named, and the .json and .wtns files of folders named. */
async function* fileJobs(path: string, signal: AbortSignal): AsyncGenerator<ProveJob> {
  const { isFolder, files } = await filesBelow(path, signal);
  if (!isFolder) {
    yield fileJob(path, stem(basename(path)));
    return;
  }
  const mine = files.filter((file) => /\.(?:json|wtns)$/.test(file));
  if (mine.length === 0) {
    throw new OptionError(`${path}: expected .json inputs or .wtns witnesses in this folder, found none.`, {
      file: path,
    });
  }
  const prefix = `${slashes(join(path, '.')).replace(/\/\.?$/, '')}/`;
  for (const file of mine) {
    const inside = slashes(file).startsWith(prefix) ? slashes(file).slice(prefix.length) : basename(file);
    yield fileJob(file, stem(inside).replaceAll('/', '-'));
  }
}

/** The jobs that paths stand for, as they come; `-` is NDJSON on standard input, inputs a line. Throws OptionError for a name twice. */
export async function* proveJobs(
  { stdin, signal }: CommandContext,
  paths: readonly string[],
): AsyncGenerator<ProveJob> {
  const names = new Map<string, string>();
  const claim = (job: ProveJob): ProveJob => {
    const earlier = names.get(job.name);
    if (earlier !== undefined) {
      throw new OptionError(
        `${job.file} and ${earlier} would both be called ${job.name}. Rename one, or prove them into different folders.`,
        { file: job.file },
      );
    }
    names.set(job.name, job.file);
    return job;
  };
  for (const path of paths) {
    if (path === STDIN_NAME) {
      for await (const { line, number } of readLines(stdin, signal)) {
        const file = `standard input, line ${number}`;
        const name = `line-${String(number).padStart(6, '0')}`;
        yield claim({ name, file, read: async () => ({ inputs: parseCircuitInput(line, file) }) });
      }
      continue;
    }
    for await (const job of fileJobs(path, signal)) yield claim(job);
  }
}
