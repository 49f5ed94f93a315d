#!/usr/bin/env node
/** The `sheaf` command: wires the process to the command line. */

import type { Shell } from './console.ts';
import { EXIT } from './exit-codes.ts';
import { onInterruption } from './interruption.ts';
import { packageVersion, runCli } from './program.ts';
import { fileError, reportError } from './report-error.ts';

/** What a shell reports of a process that SIGPIPE ended. */
const SIGPIPE_EXIT = 141;

const controller = new AbortController();
onInterruption((interruption) => {
  if (process.stderr.isTTY) process.stderr.write('\nStopping; press Ctrl-C again to kill.\n');
  controller.abort(interruption);
});

const { stdout, stderr } = process;
const shell: Shell = {
  stdin: () => process.stdin,
  stdout,
  stderr,
  signal: controller.signal,
};

// Whoever read the output is gone: nothing is left to say, and nobody to say it to.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(SIGPIPE_EXIT);
  const typed = fileError(error, 'standard output', 'UNWRITABLE');
  process.exit(reportError(typed, shell, { json: false, version: packageVersion() }));
});
stderr.on('error', () => {});
// Node would exit with 1, which here means that a composite is invalid.
process.on('uncaughtException', (error) => {
  reportError(error, shell, { json: false, version: packageVersion() });
  process.exit(EXIT.bug);
});

const exitCode = await runCli(process.argv.slice(2), shell);
// An open standard input would keep the process alive; what was written must get out first.
for (const stream of [stdout, stderr]) await new Promise((resolve) => stream.write('', resolve));
process.exit(exitCode);
