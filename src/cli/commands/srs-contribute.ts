/** `sheaf srs contribute`: one more secret in the second string. */

import type { Command } from 'commander';
import { contributeToSrs } from '../../recursion/srs/contribute.ts';
import { encodeSrs } from '../../recursion/srs/srs-file.ts';
import { type Runner, trackProgress } from '../command-context.ts';
import { EXIT } from '../exit-codes.ts';
import { type CommonFlags, withCommonFlags } from '../options.ts';
import { planOutput } from '../output-file.ts';
import { readSrs } from '../srs-input.ts';
import { writeSrs } from '../srs-output.ts';

interface Flags extends CommonFlags {
  readonly output: string;
  readonly note?: string;
  readonly force?: boolean;
}

/** Adds the command. */
export function registerSrsContribute(parent: Command, run: Runner): void {
  const command = parent
    .command('contribute')
    .description('multiply the second string of a reference string by a secret drawn here and forgotten')
    .argument('<in.srs>', 'reference string to contribute to')
    .requiredOption('-o, --output <file>', 'where to write the new .srs file')
    .option('--note <text>', 'who or why, kept in the file')
    .option('--force', 'replace a file that is there');
  withCommonFlags(command)
    .addHelpText('after', '\nExample:\n  $ sheaf srs contribute round-1.srs --note "Bea" -o round-2.srs')
    .action(
      run(async (context, path: string, flags: Flags) => {
        const output = await planOutput(flags.output, { force: flags.force, signal: context.signal });
        const { srs, backend } = await readSrs(path, flags.backend);
        const onProgress = trackProgress(context, 'Contributing', srs.size, 'slots');
        const result = await contributeToSrs(backend, srs, {
          note: flags.note,
          signal: context.signal,
          onProgress,
        });
        await backend.dispose();
        await writeSrs(context, output, result, result.size, encodeSrs(result));
        return EXIT.done;
      }),
    );
}
