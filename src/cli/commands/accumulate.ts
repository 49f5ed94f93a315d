/** `sheaf accumulate`: proofs one by one into a journal that survives the process, and a composite in the end. */

import type { Command } from 'commander';
import type { Backend } from '../../backend/backend.ts';
import { createBackend } from '../../backend/create-backend.ts';
import { readBatch } from '../../coprocessors/read-batch.ts';
import type { Curve } from '../../curve/curve.ts';
import { addContext, CapacityError, InputError, OptionError, StoreError } from '../../errors.ts';
import type { BatchMember } from '../../groth16/proof.ts';
import { readPaths, STDIN_NAME } from '../../node/files.ts';
import { type Accumulator, createAccumulator } from '../../recursion/accumulator/accumulator.ts';
import { isComposite } from '../../recursion/composite-file.ts';
import type { LineStore } from '../../recursion/srs/line-store.ts';
import type { Srs } from '../../recursion/srs/srs.ts';
import { type CommandContext, type Runner, trackProgress } from '../command-context.ts';
import { compositeJson, compositeLines } from '../composite-report.ts';
import { EXIT } from '../exit-codes.ts';
import { plural, shortDigest } from '../format.ts';
import { type IntakeFlags, intakeOptions, withIntakeFlags } from '../intake-options.ts';
import { type Journal, openJournal } from '../journal-file.ts';
import { MemberLines } from '../member-lines.ts';
import { type CommonFlags, parseCount, readContext, withCommonFlags } from '../options.ts';
import { type OutputFile, planOutput } from '../output-file.ts';
import { addHint, describeError } from '../report-error.ts';
import { lineCache, readSrs, warnIfInsecure } from '../srs-input.ts';
import { readLines } from '../stdin.ts';

interface Flags extends CommonFlags, IntakeFlags {
  readonly journal: string;
  readonly srs: string;
  readonly capacity?: number;
  readonly close?: string;
  readonly context?: string;
  readonly carryKeys: boolean;
  readonly skipDuplicates?: boolean;
  readonly keepGoing?: boolean;
  readonly cacheLines?: boolean;
  readonly force?: boolean;
}

/** Whether the trouble is with this one proof, so that the next can still be taken. */
function concernsOneProof(error: unknown): boolean {
  return error instanceof InputError && !(error instanceof StoreError) && !(error instanceof CapacityError);
}

/** Adds proofs to an accumulator and acknowledges each on stdout once it is in the journal. */
class Intake {
  refused = 0;
  readonly #context: CommandContext;
  readonly #accumulator: Accumulator;
  readonly #keepGoing: boolean;

  constructor(context: CommandContext, accumulator: Accumulator, keepGoing: boolean) {
    this.#context = context;
    this.#accumulator = accumulator;
    this.#keepGoing = keepGoing;
  }

  /** Takes the member that `read` gives, if it gives one. */
  async take(read: () => BatchMember | undefined | Promise<BatchMember | undefined>): Promise<void> {
    try {
      const member = await read();
      if (member) await this.#add(member);
    } catch (error) {
      if (!this.#keepGoing || !concernsOneProof(error)) throw error;
      const { code, message, context } = describeError(error);
      this.refused++;
      this.#context.console.print({ event: 'refused', error: { code, message, context } }, () => [
        `refused  ${message} [${code}]`,
      ]);
    }
  }

  async #add(member: BatchMember): Promise<void> {
    const { file, index } = member.origin;
    const { slot, statementId, duplicate } = await this.#accumulator
      .add(member, { signal: this.#context.signal })
      .catch((error: unknown) => {
        throw addContext(error, { file, index });
      });
    const place = file === STDIN_NAME ? 'stdin' : file;
    this.#context.console.print(
      {
        event: 'acknowledged',
        slot,
        statement: statementId,
        duplicate,
        system: member.system,
        ...member.origin,
      },
      () => [
        `slot ${slot}  ${member.system}  statement ${shortDigest(statementId)}  ${place}${index === undefined ? '' : ` #${index}`}${duplicate ? '  (duplicate)' : ''}`,
      ],
    );
  }
}

async function openAccumulator(
  { store, capacity }: Journal,
  srs: Srs,
  backend: Backend,
  lines: LineStore | undefined,
  flags: Flags,
): Promise<Accumulator> {
  return createAccumulator({
    srs,
    backend,
    capacity: flags.capacity ?? capacity,
    store,
    lines,
    duplicates: flags.skipDuplicates ? 'skip' : 'keep',
    trusted: flags.trusted,
  }).catch((error: unknown) => {
    if (error instanceof StoreError) {
      addHint(error, 'Continue a journal with the --srs and --capacity that it was begun with.');
      throw addContext(error, { file: flags.journal });
    }
    throw error;
  });
}

async function takeAll(
  context: CommandContext,
  accumulator: Accumulator,
  paths: readonly string[],
  backend: Backend,
  flags: Flags,
): Promise<Intake> {
  const { signal } = context;
  // Members on another curve are refused by the accumulator; that is rare, and needs no worker pool.
  const backendFor = (curve: Curve): Backend | Promise<Backend> =>
    curve === backend.curve ? backend : createBackend(curve, 'reference');
  const intake = new Intake(context, accumulator, flags.keepGoing ?? false);
  const options = await intakeOptions(flags, signal);
  for (const path of paths) {
    if (path === STDIN_NAME) {
      const lines = new MemberLines(options, backendFor);
      for await (const { line, number } of readLines(context.stdin, signal)) {
        await intake.take(() => lines.read(line, number));
      }
      continue;
    }
    // The accumulator verifies each proof itself, when it is its turn.
    const { members } = await readBatch(await readPaths([path], { signal }), {
      ...options,
      backend: backendFor,
      trusted: true,
    });
    const report = trackProgress(context, 'Taking in', members.length, 'proofs');
    for (const [i, member] of members.entries()) {
      await intake.take(() => member);
      report((i + 1) / members.length);
    }
  }
  return intake;
}

async function close(
  context: CommandContext,
  accumulator: Accumulator,
  output: OutputFile,
  contextBytes: Uint8Array | undefined,
  flags: Flags,
): Promise<void> {
  const startedAt = performance.now();
  const report = trackProgress(context, 'Folding', accumulator.size, 'proofs');
  const result = await accumulator.close({
    context: contextBytes,
    carryKeys: flags.carryKeys,
    signal: context.signal,
    onProgress: ({ phase, fraction }) => report(fraction, phase === 'check' ? 'Verifying' : 'Folding'),
  });
  await output.write(result.bytes);
  const making = { output: output.path, startedAt };
  context.console.print({ event: 'closed', ...compositeJson(result, making) }, () =>
    compositeLines(result, making),
  );
}

async function run(context: CommandContext, paths: readonly string[], flags: Flags): Promise<number> {
  const { console, signal } = context;
  if (flags.close === undefined && flags.context !== undefined) {
    throw new OptionError('--context is bound when the composite is made; give it together with --close.', {
      field: 'context',
    });
  }
  const output =
    flags.close === undefined
      ? undefined
      : await planOutput(flags.close, { force: flags.force, mayReplace: isComposite, signal });
  const contextBytes = await readContext(flags.context);
  const { srs, backend } = await readSrs(flags.srs, flags.backend);
  const warnings = warnIfInsecure(console, srs);
  const journal = await openJournal(flags.journal);
  try {
    const accumulator = await openAccumulator(
      journal,
      srs,
      backend,
      lineCache(console, flags.srs, flags.cacheLines),
      flags,
    );
    const { capacity, recovered, size } = accumulator;
    const opened = {
      journal: flags.journal,
      capacity,
      proofs: size,
      recovered,
      srs: srs.id,
      insecure: srs.insecure,
    };
    console.print({ event: 'opened', ...opened, warnings }, () => [
      `${flags.journal}: ${size} of ${plural(capacity, 'slot')} taken${recovered.tornBytes > 0 ? `; ${recovered.tornBytes} bytes of an unfinished record were cut off` : ''}`,
    ]);
    const { refused } = await takeAll(context, accumulator, paths, backend, flags);
    if (output) await close(context, accumulator, output, contextBytes, flags);
    await backend.dispose();
    return refused > 0 ? EXIT.badInput : EXIT.done;
  } finally {
    await journal.store.close();
  }
}

/** Adds the command. */
export function registerAccumulate(parent: Command, runner: Runner): void {
  const command = parent
    .command('accumulate')
    .description(
      'take proofs one by one into a journal, acknowledging each once it is durable; close it to a composite',
    )
    .argument(
      '[path...]',
      'files, folders, or - for NDJSON on stdin, one proof a line; none to look or close only',
    )
    .requiredOption('--journal <file>', 'journal; created when it is not there, continued when it is')
    .requiredOption('--srs <file>', 'reference string')
    .option(
      '--capacity <n>',
      "slots, a power of two, fixed when the journal begins; by default the string's size",
      parseCount,
    )
    .option(
      '--close <file>',
      'at the end, fold what the journal holds into this .sheaf file; the journal stays',
    )
    .option('--context <hex|@file>', 'with --close: bytes that the composite binds')
    .option('--no-carry-keys', 'with --close: leave the verification keys out of the file')
    .option('--skip-duplicates', 'acknowledge a statement that is in already without folding it again')
    .option('--keep-going', 'report refused proofs and take the next ones; the exit code is then 2')
    .option(
      '--cache-lines',
      'keep prepared lines of the string in a file beside it, some 28 KB a slot: later runs read instead of making them',
    )
    .option('--force', 'with --close: replace a file that is there, whatever it is');
  withCommonFlags(withIntakeFlags(command))
    .addHelpText(
      'after',
      `
With --json every event is one line: opened, acknowledged, refused, closed, or error.
A proof is acknowledged when it would survive kill -9; run the same command again to continue.

Examples:
  $ sheaf accumulate --journal day.journal --srs real.srs --capacity 64 receipts/
  $ worker | sheaf accumulate --journal day.journal --srs real.srs --capacity 64 --skip-duplicates --json -
  $ sheaf accumulate --journal day.journal --srs real.srs --close day.sheaf`,
    )
    .action(runner(run));
}
