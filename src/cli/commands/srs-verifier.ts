/** `sheaf srs verifier`: the small part of a reference string that verifiers need. */

import type { Command } from 'commander';
import { encodeVerifierSrs } from '../../recursion/srs/srs-file.ts';
import type { Runner } from '../command-context.ts';
import { EXIT } from '../exit-codes.ts';
import { type CommonFlags, withCommonFlags } from '../options.ts';
import { planOutput } from '../output-file.ts';
import { readVerifierSrs } from '../srs-input.ts';
import { writeSrs } from '../srs-output.ts';

interface Flags extends CommonFlags {
  readonly output: string;
  readonly force?: boolean;
}

/** Adds the command. */
export function registerSrsVerifier(parent: Command, run: Runner): void {
  const command = parent
    .command('verifier')
    .description(
      "write the verifier's part of a reference string: about a kilobyte, all that `sheaf verify` needs",
    )
    .argument('<in.srs>', 'reference string')
    .requiredOption('-o, --output <file>', "where to write the verifier's .srs file")
    .option('--force', 'replace a file that is there');
  withCommonFlags(command)
    .addHelpText('after', '\nExample:\n  $ sheaf srs verifier real.srs -o verifier.srs')
    .action(
      run(async (context, path: string, flags: Flags) => {
        const output = await planOutput(flags.output, { force: flags.force, signal: context.signal });
        const { srs, backend } = await readVerifierSrs(path, flags.backend);
        await backend.dispose();
        await writeSrs(context, output, srs, 0, encodeVerifierSrs(srs));
        return EXIT.done;
      }),
    );
}
