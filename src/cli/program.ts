/** The command line as a whole: commands, usage errors, exit codes. */

import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { createRunner } from './command-context.ts';
import { registerAccumulate } from './commands/accumulate.ts';
import { registerAggregate } from './commands/aggregate.ts';
import { registerDevices } from './commands/devices.ts';
import { registerInspect } from './commands/inspect.ts';
import { registerKeys } from './commands/keys.ts';
import { registerProve } from './commands/prove.ts';
import { registerSrs } from './commands/srs.ts';
import { registerVerify } from './commands/verify.ts';
import { registerVerifyGroth16 } from './commands/verify-groth16.ts';
import type { Shell } from './console.ts';
import { EXIT } from './exit-codes.ts';
import { reportError } from './report-error.ts';

/** Version of the package, which lies as far above dist/cli as above src/cli. */
export function packageVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

const HELP = `
Exit codes:
  0    done; for verify, verify-groth16: valid
  1    verify, verify-groth16: invalid
  2    bad usage, bad input, or a file that cannot be read or written
  70   a bug in Sheaf
  130  interrupted by Ctrl-C (143 by SIGTERM)

First steps:
  $ sheaf srs dev --size 64 -o dev.srs               # tests and demos only
  $ sheaf aggregate proofs/ --srs dev.srs -o all.sheaf
  $ sheaf verify all.sheaf --srs dev.srs --keys proofs/`;

/** Whether the arguments ask for JSON, known before they are parsed, since parsing them may fail. */
function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? args.length : end).includes('--json');
}

function createProgram(shell: Shell, json: boolean, done: (exitCode: number) => void): Command {
  const program = new Command('sheaf')
    .description('Folds many Groth16 coprocessor proofs into one composite proof, checked once.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => shell.stdout.write(text),
      writeErr: (text) => shell.stderr.write(text),
      outputError: (text, write) => {
        if (!json) write(`sheaf: ${text}`);
      },
    })
    .showSuggestionAfterError(true)
    .addHelpText('after', HELP);
  if (!json) program.showHelpAfterError('(add --help for usage)');
  const run = createRunner(shell, done);
  registerProve(program, run);
  registerVerifyGroth16(program, run);
  registerAggregate(program, run);
  registerVerify(program, run);
  registerInspect(program, run);
  registerAccumulate(program, run);
  registerSrs(program, run);
  registerKeys(program, run);
  registerDevices(program, run);
  return program;
}

/** Runs the command line on its arguments. Never throws; resolves to the exit code. */
export async function runCli(args: readonly string[], shell: Shell): Promise<number> {
  const json = asksForJson(args);
  let exitCode: number = EXIT.done;
  try {
    await createProgram(shell, json, (code) => {
      exitCode = code;
    }).parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Help and version end in an "error" of exit code 0.
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    return reportError(error, shell, { json, version: packageVersion() });
  }
}
