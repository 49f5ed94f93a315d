/** `sheaf aggregate`: many proofs into one composite. */

import type { Command } from 'commander';
import type { Backend } from '../../backend/backend.ts';
import type { Batch, NamedFile } from '../../coprocessors/batch.ts';
import { readBatch } from '../../coprocessors/read-batch.ts';
import type { Curve } from '../../curve/curve.ts';
import { readPaths } from '../../node/files.ts';
import { aggregate } from '../../recursion/aggregate.ts';
import { isComposite } from '../../recursion/composite-file.ts';
import { type CommandContext, type Runner, trackProgress } from '../command-context.ts';
import { compositeJson, compositeLines } from '../composite-report.ts';
import { EXIT } from '../exit-codes.ts';
import { plural, table } from '../format.ts';
import { type IntakeFlags, intakeOptions, withIntakeFlags } from '../intake-options.ts';
import { openBackend } from '../open-backend.ts';
import { type CommonFlags, parseCount, readContext, withCommonFlags } from '../options.ts';
import { planOutput } from '../output-file.ts';
import { lineCache, readSrs, warnIfInsecure } from '../srs-input.ts';
import { abortable } from '../stdin.ts';

interface Flags extends CommonFlags, IntakeFlags {
  readonly srs: string;
  readonly output: string;
  readonly capacity?: number;
  readonly context?: string;
  readonly carryKeys: boolean;
  readonly cacheLines?: boolean;
  readonly force?: boolean;
}

const PHASES: Readonly<Record<string, string>> = { fold: 'Folding', check: 'Verifying' };
/** More skipped files than this are counted, not listed. */
const MAX_SKIPPED_LINES = 10;

/** Counts the bytes of the files that are read. */
function countBytes(files: readonly NamedFile[]): { files: NamedFile[]; total: () => number } {
  let total = 0;
  const counted = files.map((file) => ({
    ...file,
    bytes: async () => {
      const bytes = typeof file.bytes === 'function' ? await file.bytes() : file.bytes;
      total += bytes.length;
      return bytes;
    },
  }));
  return { files: counted, total: () => total };
}

function skippedLines(skipped: Batch['skipped']): string[] {
  if (skipped.length === 0) return [];
  const shown = skipped.slice(0, MAX_SKIPPED_LINES);
  return [
    `Passed over ${plural(skipped.length, 'file')}`,
    ...table(shown.map(({ file, reason }) => [file, reason])),
    ...(skipped.length > shown.length ? [`  … ${skipped.length - shown.length} more; --json has all`] : []),
  ];
}

async function run(context: CommandContext, paths: readonly string[], flags: Flags): Promise<number> {
  const startedAt = performance.now();
  const { console, signal } = context;
  const output = await planOutput(flags.output, {
    force: flags.force,
    mayReplace: isComposite,
    signal,
  });
  const contextBytes = await readContext(flags.context);
  const { srs, backend } = await readSrs(flags.srs, flags.backend);
  warnIfInsecure(console, srs);
  // Members on another curve are checked on it, so that the error which refuses them can name their file.
  const backends = new Map<Curve, Promise<Backend>>([[srs.curve, Promise.resolve(backend)]]);
  const backendFor = (curve: Curve): Promise<Backend> => {
    const found = backends.get(curve) ?? openBackend(curve, flags.backend);
    backends.set(curve, found);
    return found;
  };
  const stdin = abortable(context.stdin, signal);
  const { files, total } = countBytes(await readPaths(paths, { stdin, signal }));
  const { members, skipped } = await readBatch(files, {
    ...(await intakeOptions(flags, signal)),
    trusted: flags.trusted,
    backend: backendFor,
    onProgress: trackProgress(context, 'Reading', files.length, 'files'),
  });
  const report = trackProgress(context, 'Folding', members.length, 'proofs');
  const result = await aggregate(members, {
    srs,
    backend,
    capacity: flags.capacity,
    context: contextBytes,
    carryKeys: flags.carryKeys,
    lines: lineCache(console, flags.srs, flags.cacheLines),
    signal,
    onProgress: ({ phase, fraction }) => report(fraction, PHASES[phase]),
  });
  for (const used of backends.values()) await (await used).dispose();
  await output.write(result.bytes);
  const making = { output: output.path, bytesIn: total(), startedAt };
  console.print(
    {
      ...compositeJson(result, making),
      members: members.map(({ origin }, i) => ({ ...origin, key: result.composite.statement.keyOf[i] })),
      skipped,
    },
    () => [...compositeLines(result, making), ...skippedLines(skipped)],
  );
  return EXIT.done;
}

/** Adds the command. */
export function registerAggregate(parent: Command, runner: Runner): void {
  const command = parent
    .command('aggregate')
    .description('fold proofs into one composite, and verify it')
    .argument(
      '<path...>',
      'files (.json, .ndjson, .zip, .gz, gnark binaries), folders of them, or - for NDJSON on stdin',
    )
    .requiredOption('--srs <file>', 'reference string')
    .requiredOption(
      '-o, --output <file>',
      'where to write the .sheaf file; an earlier composite there is replaced',
    )
    .option(
      '--capacity <n>',
      'slots, a power of two; by default the smallest that holds the proofs',
      parseCount,
    )
    .option('--context <hex|@file>', 'bytes that the composite binds, such as a request id')
    .option('--no-carry-keys', 'leave the verification keys out of the file')
    .option(
      '--cache-lines',
      'keep prepared lines of the string in a file beside it, some 28 KB a slot: later runs read instead of making them',
    )
    .option('--force', 'replace a file that is there, whatever it is');
  withCommonFlags(withIntakeFlags(command))
    .addHelpText(
      'after',
      `
Examples:
  $ sheaf aggregate proofs/ --srs real.srs -o all.sheaf
  $ sheaf aggregate receipts.zip sp1/ --srs real.srs -o all.sheaf --context 0x2a --json
  $ generate-proofs | sheaf aggregate - --key verification_key.json --srs real.srs -o all.sheaf`,
    )
    .action(runner(run));
}
