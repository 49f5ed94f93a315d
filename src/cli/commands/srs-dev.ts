/** `sheaf srs dev`: a development reference string from fresh local secrets. */

import type { Command } from 'commander';
import { curveByName } from '../../curve/curve.ts';
import { createDevSrs } from '../../recursion/srs/dev-srs.ts';
import { encodeSrs } from '../../recursion/srs/srs-file.ts';
import { type Runner, trackProgress } from '../command-context.ts';
import { EXIT } from '../exit-codes.ts';
import { openBackend } from '../open-backend.ts';
import { type CommonFlags, parseCount, withCommonFlags } from '../options.ts';
import { planOutput } from '../output-file.ts';
import { writeSrs } from '../srs-output.ts';

interface Flags extends CommonFlags {
  readonly size: number;
  readonly curve: string;
  readonly output: string;
  readonly force?: boolean;
}

/** Adds the command. */
export function registerSrsDev(parent: Command, run: Runner): void {
  const command = parent
    .command('dev')
    .description('make a development reference string: INSECURE, for tests and demos only')
    .requiredOption('--size <n>', 'largest number of proofs in a composite, a power of two', parseCount)
    .requiredOption('-o, --output <file>', 'where to write the .srs file')
    .option('--curve <name>', 'bn254 or bls12-381', 'bn254')
    .option('--force', 'replace a file that is there');
  withCommonFlags(command)
    .addHelpText('after', '\nExample:\n  $ sheaf srs dev --size 64 -o dev.srs')
    .action(
      run(async (context, flags: Flags) => {
        const curve = curveByName(flags.curve);
        const output = await planOutput(flags.output, { force: flags.force, signal: context.signal });
        const backend = await openBackend(curve, flags.backend);
        const onProgress = trackProgress(context, 'Powers', flags.size, 'slots');
        const srs = await createDevSrs(backend, flags.size, { signal: context.signal, onProgress });
        await backend.dispose();
        await writeSrs(context, output, srs, srs.size, encodeSrs(srs));
        return EXIT.done;
      }),
    );
}
