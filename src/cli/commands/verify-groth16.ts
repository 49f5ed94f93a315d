/** `sheaf verify-groth16`: one plain proof, as snarkjs writes it. */

import type { Command } from 'commander';
import { parseJson } from '../../coprocessors/json.ts';
import { groth16 } from '../../drop-in/groth16.ts';
import { addContext } from '../../errors.ts';
import type { CommandContext, Runner } from '../command-context.ts';
import { EXIT } from '../exit-codes.ts';
import { formatDuration, plural } from '../format.ts';
import { backendsOf } from '../open-backend.ts';
import { type CommonFlags, withCommonFlags } from '../options.ts';
import { readBytes } from '../read-bytes.ts';

async function readJson(path: string): Promise<unknown> {
  return parseJson(new TextDecoder().decode(await readBytes(path)), path, { file: path });
}

async function run(
  { console, signal }: CommandContext,
  keyPath: string,
  publicPath: string,
  proofPath: string,
  flags: CommonFlags,
): Promise<number> {
  const startedAt = performance.now();
  const [key, publicSignals, proof] = await Promise.all([keyPath, publicPath, proofPath].map(readJson));
  let reason = '';
  let valid: boolean;
  try {
    valid = await groth16.verify(
      key as object,
      publicSignals as string[],
      proof as object,
      {
        error: (message) => {
          reason = message;
        },
      },
      { backend: backendsOf(flags.backend), signal },
    );
  } catch (error) {
    throw addContext(error, { file: proofPath });
  }
  const ms = Math.round(performance.now() - startedAt);
  const count = Array.isArray(publicSignals) ? publicSignals.length : 0;
  console.print({ valid, ...(valid ? {} : { reason }), publicSignals: count, ms }, () => [
    valid
      ? `VALID: the proof and its ${plural(count, 'public signal')} hold under this key, in ${formatDuration(ms)}`
      : `INVALID: ${reason}`,
  ]);
  return valid ? EXIT.done : EXIT.invalid;
}

/** Adds the command. */
export function registerVerifyGroth16(parent: Command, runner: Runner): void {
  const command = parent
    .command('verify-groth16')
    .description('verify one Groth16 proof that is not folded')
    .argument('<verification_key.json>', 'the key you trust')
    .argument('<public.json>', 'public signals')
    .argument('<proof.json>', 'proof');
  withCommonFlags(command)
    .addHelpText(
      'after',
      `
Exit code 0: valid; 1: invalid; 2: could not be decided (a file is malformed or cannot be read).

Example:
  $ sheaf verify-groth16 verification_key.json public.json proof.json`,
    )
    .action(runner(run));
}
