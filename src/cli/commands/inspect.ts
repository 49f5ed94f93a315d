/** `sheaf inspect`: what a composite says of itself. */

import type { Command } from 'commander';
import { addContext } from '../../errors.ts';
import { type Inspection, inspect } from '../../recursion/inspect.ts';
import type { Runner } from '../command-context.ts';
import { readComposite } from '../composite-input.ts';
import type { ConsoleOptions } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import { formatBytes, plural, table } from '../format.ts';
import { withConsoleFlags } from '../options.ts';

/** More inputs than this are summed up, so that a large composite does not flood the terminal. */
const MAX_CLAIM_LINES = 32;

function linesOf(path: string, found: Inspection): string[] {
  const { bytes, claims, keys } = found;
  const shown = claims.slice(0, MAX_CLAIM_LINES);
  return [
    `${path} (${formatBytes(bytes.total)}: proof ${formatBytes(bytes.proof)}, statement ${formatBytes(bytes.statement)}); nothing here was verified`,
    ...table([
      ['scheme', found.scheme],
      ['curve', found.curve],
      ['proofs', `${found.proofs} in ${plural(found.capacity, 'slot')}`],
      ['reference string', found.srs],
      ...(found.context === '' ? [] : [['context', found.context]]),
    ]),
    plural(keys.length, 'key'),
    ...table(
      keys.map(({ digest, system, inputs, proofs, carried }, k) => [
        String(k),
        digest,
        system,
        plural(proofs, 'proof'),
        plural(inputs, 'input'),
        carried ? 'carried' : 'not carried',
      ]),
    ),
    'Public inputs (proof, key, inputs)',
    ...table(shown.map(({ key, inputs }, i) => [String(i), String(key), inputs.join(' ')])),
    ...(claims.length > shown.length ? [`  … ${claims.length - shown.length} more; --json has all`] : []),
  ];
}

/** Adds the command. */
export function registerInspect(parent: Command, run: Runner): void {
  const command = parent
    .command('inspect')
    .description('show what a composite says of itself, without verifying it')
    .argument('<file.sheaf>', 'composite');
  withConsoleFlags(command)
    .addHelpText(
      'after',
      '\nExamples:\n  $ sheaf inspect all.sheaf\n  $ sheaf inspect all.sheaf --json | jq .keys',
    )
    .action(
      run(async ({ console }, path: string, _flags: ConsoleOptions) => {
        const bytes = await readComposite(path);
        let found: Inspection;
        try {
          found = inspect(bytes);
        } catch (error) {
          throw addContext(error, { file: path });
        }
        console.print({ file: path, verified: false, ...found }, () => linesOf(path, found));
        return EXIT.done;
      }),
    );
}
