/** `sheaf keys`: the verification keys that come with Sheaf. */

import type { Command } from 'commander';
import { builtinKeys } from '../../coprocessors/registry.ts';
import type { Runner } from '../command-context.ts';
import type { ConsoleOptions } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import { plural, table } from '../format.ts';
import { withConsoleFlags } from '../options.ts';

/** Adds the command. */
export function registerKeys(parent: Command, run: Runner): void {
  const command = parent.command('keys').description('list the verification keys that are built in');
  withConsoleFlags(command)
    .addHelpText(
      'after',
      '\nUse one by name:\n  $ sheaf verify all.sheaf --srs verifier.srs --keys builtin:risc0',
    )
    .action(
      run(async ({ console }, _flags: ConsoleOptions) => {
        const keys = builtinKeys().map(({ system, name, releases, key }) => ({
          name: `builtin:${name}`,
          system,
          curve: key().curve.name,
          inputs: key().inputCount,
          digest: key().id,
          releases: releases.map(({ selector, version }) => ({ selector, version })),
        }));
        console.print({ keys }, () =>
          keys.flatMap(({ name, curve, inputs, digest, releases }) => [
            `${name}  ${curve}, ${plural(inputs, 'public input')}`,
            `  digest ${digest}`,
            ...table(releases.map(({ selector, version }) => ['selector', selector, version])),
          ]),
        );
        return EXIT.done;
      }),
    );
}
