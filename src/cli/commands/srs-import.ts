/** `sheaf srs import`: a reference string from ceremony files. */

import type { Command } from 'commander';
import { SrsError } from '../../errors.ts';
import { type FileSource, openFileSource } from '../../node/file-source.ts';
import { importSrs } from '../../recursion/srs/import-srs.ts';
import { readPtauInfo } from '../../recursion/srs/ptau.ts';
import { encodeSrs } from '../../recursion/srs/srs-file.ts';
import { type CommandContext, type Runner, trackProgress } from '../command-context.ts';
import { EXIT } from '../exit-codes.ts';
import { openBackend } from '../open-backend.ts';
import { type CommonFlags, parseCount, withCommonFlags } from '../options.ts';
import { planOutput } from '../output-file.ts';
import { addHint, fileError } from '../report-error.ts';
import { writeSrs } from '../srs-output.ts';

interface Flags extends CommonFlags {
  readonly size: number;
  readonly output: string;
  readonly contribute?: boolean;
  readonly note?: string;
  readonly force?: boolean;
}

const CONTRIBUTE_HINT =
  'With files of one ceremony only, --contribute sets the second string apart by a secret that this machine draws and forgets; the result is then as good as that forgetting.';

async function importFrom(
  context: CommandContext,
  first: FileSource,
  second: FileSource | undefined,
  flags: Flags,
): Promise<number> {
  const output = await planOutput(flags.output, { force: flags.force, signal: context.signal });
  const backend = await openBackend((await readPtauInfo(first)).curve, flags.backend);
  const onProgress = trackProgress(context, 'Checking', flags.size, 'slots');
  const srs = await importSrs(backend, first, second, {
    size: flags.size,
    contribute: flags.contribute,
    note: flags.note,
    signal: context.signal,
    onProgress,
  }).catch((error: unknown) => {
    const needsContribution = error instanceof SrsError && (!second || error.context.reason === 'equal-tau');
    throw needsContribution && !flags.contribute ? addHint(error, CONTRIBUTE_HINT) : error;
  });
  await backend.dispose();
  await writeSrs(context, output, srs, srs.size, encodeSrs(srs));
  return EXIT.done;
}

async function openSource(path: string): Promise<FileSource> {
  return openFileSource(path).catch((error: unknown) => {
    throw fileError(error, path);
  });
}

/** Adds the command. */
export function registerSrsImport(parent: Command, run: Runner): void {
  const command = parent
    .command('import')
    .description(
      'make a reference string from powers-of-tau files of ceremonies; reads only the prefixes it needs',
    )
    .argument('<first.ptau>', 'file of one ceremony')
    .argument('[second.ptau]', 'file of another ceremony')
    .requiredOption('--size <n>', 'largest number of proofs in a composite, a power of two', parseCount)
    .requiredOption('-o, --output <file>', 'where to write the .srs file')
    .option('--contribute', 'multiply the second string by a secret drawn here; needed with one ceremony')
    .option('--note <text>', 'who or why, kept in the file with the contribution')
    .option('--force', 'replace a file that is there');
  withCommonFlags(command)
    .addHelpText(
      'after',
      `
Examples:
  $ sheaf srs import ceremony-a.ptau ceremony-b.ptau --size 1024 -o real.srs
  $ sheaf srs import hez_final_11.ptau --size 1024 --contribute --note "ops, 2nd floor" -o real.srs`,
    )
    .action(
      run(async (context, firstPath: string, secondPath: string | undefined, flags: Flags) => {
        const sources: FileSource[] = [];
        try {
          for (const path of [firstPath, secondPath])
            if (path !== undefined) sources.push(await openSource(path));
          return await importFrom(context, sources[0] as FileSource, sources[1], flags);
        } finally {
          for (const source of sources) await source.close();
        }
      }),
    );
}
