/** Options on where proofs come from and what they are taken for, shared by `aggregate` and `accumulate`. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ReadBatchOptions } from '../coprocessors/batch.ts';
import { COPROCESSORS } from '../coprocessors/registry.ts';
import type { Risc0Parameters } from '../coprocessors/risc0-parameters.ts';
import { OptionError } from '../errors.ts';
import type { VerificationKey } from '../groth16/verification-key.ts';
import { readKeys } from '../node/key-files.ts';

/** Flags of the intake. */
export interface IntakeFlags {
  readonly key?: string;
  readonly from: string;
  readonly trusted?: boolean;
  readonly risc0Parameters?: readonly Risc0Parameters[];
  readonly risc0AnyExit?: boolean;
  readonly sp1VkRoot?: string;
}

function parseRisc0Parameters(text: string, earlier: readonly Risc0Parameters[] = []): Risc0Parameters[] {
  const [controlRoot, bn254ControlId, rest] = text.split(':');
  const isDigest = (digits: string | undefined): digits is string =>
    /^(?:0x)?[0-9a-fA-F]{64}$/.test(digits ?? '');
  if (!isDigest(controlRoot) || !isDigest(bn254ControlId) || rest !== undefined) {
    throw new InvalidArgumentError(
      'Expected control root and BN254 control id, 64 hexadecimal digits each, with a colon between.',
    );
  }
  return [...earlier, { controlRoot, bn254ControlId }];
}

/** Adds the flags. */
export function withIntakeFlags(command: Command): Command {
  return command
    .option('--key <file>', 'verification key for all proofs: a file, or builtin:NAME (see `sheaf keys`)')
    .addOption(
      new Option('--from <system>', 'what made the proofs')
        .choices(['auto', ...COPROCESSORS.map((system) => system.name)])
        .default('auto'),
    )
    .option('--trusted', 'skip the check of each proof before folding; a false one is then found at the end')
    .option(
      '--risc0-parameters <root:id>',
      'also accept this RISC Zero parameter set: control root and BN254 control id (repeatable)',
      parseRisc0Parameters,
    )
    .option('--risc0-any-exit', 'also take RISC Zero runs that ended with another code than 0')
    .option(
      '--sp1-vk-root <hex>',
      'root of the recursion keys, for SP1 proofs of a release that is not built in',
    );
}

/** The one key that `--key` names. */
async function readOneKey(path: string, signal: AbortSignal): Promise<VerificationKey> {
  const [first, second] = await readKeys([path], signal);
  if (!first || second) {
    throw new OptionError(
      `--key takes one verification key; ${path} gives several, such as ${first?.name} and ${second?.name}. Name one of them.`,
      { file: path, field: 'key' },
    );
  }
  return first.key;
}

/** The flags as the intake takes them. Reads the key. */
export async function intakeOptions(flags: IntakeFlags, signal: AbortSignal): Promise<ReadBatchOptions> {
  return {
    from: flags.from,
    ...(flags.key === undefined ? {} : { key: await readOneKey(flags.key, signal) }),
    risc0: { parameters: flags.risc0Parameters, anyExit: flags.risc0AnyExit },
    sp1: { vkRoot: flags.sp1VkRoot },
    signal,
  };
}
