/** `sheaf srs`: the commands on reference strings. */

import type { Command } from 'commander';
import type { Runner } from '../command-context.ts';
import { registerSrsContribute } from './srs-contribute.ts';
import { registerSrsDev } from './srs-dev.ts';
import { registerSrsImport } from './srs-import.ts';
import { registerSrsInfo } from './srs-info.ts';
import { registerSrsVerifier } from './srs-verifier.ts';

/** Adds the group of commands. */
export function registerSrs(parent: Command, run: Runner): void {
  const group = parent.command('srs').description('make, import and look at reference strings');
  registerSrsDev(group, run);
  registerSrsImport(group, run);
  registerSrsContribute(group, run);
  registerSrsVerifier(group, run);
  registerSrsInfo(group, run);
}
