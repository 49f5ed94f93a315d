/** `sheaf prove`: Groth16 proofs of circom circuits, one or many. */

import type { Command } from 'commander';
import { type Groth16Result, groth16 } from '../../drop-in/groth16.ts';
import { loadProvingKey, type ProvingKey } from '../../drop-in/proving-key.ts';
import { addContext, OptionError, SheafError } from '../../errors.ts';
import type { CircuitInputs } from '../../groth16/witness/inputs.ts';
import { loadWitnessGenerator, type WitnessGenerator } from '../../groth16/witness/witness-generator.ts';
import { parseCircuitInput } from '../circuit-input.ts';
import { type CommandContext, type Runner, trackProgress } from '../command-context.ts';
import { EXIT } from '../exit-codes.ts';
import { formatDuration, plural } from '../format.ts';
import { backendsOf } from '../open-backend.ts';
import { type CommonFlags, withCommonFlags } from '../options.ts';
import { planOutput } from '../output-file.ts';
import { jsonFile, ProveFolder } from '../prove-folder.ts';
import { type ProveJob, proveJobs } from '../prove-jobs.ts';
import { readBytes } from '../read-bytes.ts';

interface Flags extends CommonFlags {
  readonly zkey: string;
  readonly wtns?: string;
  readonly input?: string;
  readonly wasm?: string;
  readonly output?: string;
  readonly public?: string;
  readonly batch?: readonly string[];
  readonly outDir?: string;
  readonly keepGoing?: boolean;
  readonly verify: boolean;
  readonly force?: boolean;
}

const PHASES: Readonly<Record<string, string>> = {
  witness: 'Computing witness',
  key: 'Loading key',
  verify: 'Verifying',
};

const beginsLike =
  (start: RegExp) =>
  (head: Uint8Array): boolean =>
    start.test(new TextDecoder().decode(head));

function usage(message: string): never {
  throw new OptionError(message);
}

/** Refuses combinations of flags that have no one meaning. */
function checkFlags({ wtns, input, wasm, output, public: publicFile, batch, outDir }: Flags): void {
  if (batch) {
    if (outDir === undefined) usage('--batch needs --out-dir, the folder that the proofs go to.');
    if (wtns ?? input ?? output ?? publicFile) {
      usage('--batch takes inputs and witnesses itself; leave --wtns, --input, --output and --public out.');
    }
    return;
  }
  if (outDir !== undefined) usage('--out-dir goes with --batch.');
  if (output === undefined || publicFile === undefined) {
    usage('Name the files for the proof (-o, --output) and the public signals (--public).');
  }
  if ((wtns === undefined) === (input === undefined)) usage('Give either --wtns, or --input with --wasm.');
  if ((input === undefined) !== (wasm === undefined)) usage('--input and --wasm go together.');
}

async function proveOne(context: CommandContext, flags: Flags): Promise<number> {
  const startedAt = performance.now();
  const { signal, console } = context;
  const { zkey, wtns, input = '', wasm = '', force, verify } = flags;
  const place = { force, signal };
  const proofFile = await planOutput(flags.output ?? '', {
    ...place,
    mayReplace: beginsLike(/^\{\s*"pi_a"/),
  });
  const publicFile = await planOutput(flags.public ?? '', {
    ...place,
    mayReplace: beginsLike(/^\[\s*(?:"\d|\])/),
  });
  const report = trackProgress(context, 'Proving', 1, 'proofs');
  const options = {
    backend: backendsOf(flags.backend),
    signal,
    verify,
    onProgress: ({ phase, fraction }: { phase: string; fraction: number }) => report(fraction, PHASES[phase]),
  };
  const result =
    wtns === undefined
      ? await groth16.fullProve(await readInput(input), wasm, zkey, undefined, {}, options)
      : await groth16.prove(zkey, wtns, undefined, options);
  await publicFile.write(jsonFile(result.publicSignals));
  await proofFile.write(jsonFile(result.proof));
  const ms = Math.round(performance.now() - startedAt);
  console.print(
    { files: { proof: proofFile.path, public: publicFile.path }, verified: verify, ms, ...result },
    () => [
      `${proofFile.path}: proof with ${plural(result.publicSignals.length, 'public signal')}${verify ? ', verified' : ''}, in ${formatDuration(ms)}`,
    ],
  );
  return EXIT.done;
}

async function readInput(path: string): Promise<CircuitInputs> {
  return parseCircuitInput(new TextDecoder().decode(await readBytes(path)), path);
}

/** Proves one job of a batch. */
async function proveJob(
  job: ProveJob,
  key: ProvingKey,
  generator: WitnessGenerator | undefined,
  options: { readonly signal: AbortSignal; readonly verify: boolean },
): Promise<Groth16Result> {
  const given = await job.read();
  if ('wtns' in given) return groth16.prove(key, given.wtns, undefined, options);
  if (!generator)
    return usage(`${job.file}: inputs need the circuit's witness generator; name it after --wasm.`);
  return groth16.fullProve(given.inputs, generator, key, undefined, {}, options);
}

/** What became of the jobs of a batch. */
interface Counts {
  proved: number;
  kept: number;
  failed: number;
}

async function proveBatch(context: CommandContext, flags: Flags): Promise<number> {
  const { signal, console } = context;
  const { zkey, wasm, batch = [], outDir = '', keepGoing, verify, force = false } = flags;
  const report = trackProgress(context, 'Loading key', 1, 'keys');
  const key = await loadProvingKey(zkey, {
    backend: backendsOf(flags.backend),
    signal,
    onProgress: ({ fraction }) => report(fraction),
  });
  console.progress.clear();
  const generator = wasm === undefined ? undefined : await loadWitnessGenerator(wasm, { signal });
  const counts: Counts = { proved: 0, kept: 0, failed: 0 };
  try {
    const folder = await ProveFolder.open(outDir, key.verificationKey, { force, signal });
    for await (const job of proveJobs(context, batch)) {
      const startedAt = performance.now();
      const path = folder.path(job.name);
      if (await folder.has(job.name)) {
        counts.kept++;
        console.print({ event: 'kept', input: job.file, file: path }, () => [`${path}: there already`]);
        continue;
      }
      try {
        await folder.write(job.name, await proveJob(job, key, generator, { signal, verify }));
      } catch (error) {
        if (!keepGoing || !(error instanceof SheafError) || signal.aborted || error.code === 'OPTION') {
          throw addContext(error, { file: job.file, written: counts.proved });
        }
        counts.failed++;
        console.print({ event: 'failed', input: job.file, code: error.code, message: error.message }, () => [
          `${job.file}: ${error.message} [${error.code}]`,
        ]);
        continue;
      }
      counts.proved++;
      const ms = Math.round(performance.now() - startedAt);
      console.print({ event: 'proved', input: job.file, file: path, ms }, () => [
        `${path}: proved in ${formatDuration(ms)}`,
      ]);
    }
  } catch (error) {
    throw addContext(error, { written: counts.proved });
  } finally {
    key.dispose();
    await generator?.dispose();
  }
  console.print({ event: 'done', ...counts }, () => [
    `${outDir}: ${plural(counts.proved, 'proof')} made, ${counts.kept} there before, ${counts.failed} failed`,
  ]);
  return counts.failed > 0 ? EXIT.badInput : EXIT.done;
}

async function run(context: CommandContext, flags: Flags): Promise<number> {
  checkFlags(flags);
  return flags.batch ? proveBatch(context, flags) : proveOne(context, flags);
}

/** Adds the command. */
export function registerProve(parent: Command, runner: Runner): void {
  const command = parent
    .command('prove')
    .description('make Groth16 proofs of a circom circuit, one or many, and verify them')
    .requiredOption('--zkey <file>', "the circuit's proving key")
    .option('--wtns <file>', 'witness')
    .option('--input <file>', 'inputs as JSON, for the witness generator')
    .option('--wasm <file>', "the circuit's witness generator, as circom makes it")
    .option('-o, --output <file>', 'where to write proof.json; an earlier proof there is replaced')
    .option('--public <file>', 'where to write public.json; earlier signals there are replaced')
    .option(
      '--batch <path...>',
      'many at once: .json inputs, .wtns witnesses, folders of them, or - for NDJSON inputs on stdin',
    )
    .option(
      '--out-dir <folder>',
      'with --batch: where each NAME.proof.json is written as it comes; proofs that are there are kept',
    )
    .option('--keep-going', 'with --batch: go on after inputs that cannot be proven; exit code 2 at the end')
    .option('--no-verify', 'do not verify proofs before they are written')
    .option(
      '--force',
      'replace files that are there, whatever they are; with --batch, prove everything again',
    );
  withCommonFlags(command)
    .addHelpText(
      'after',
      `
A batch that was stopped goes on where it was when it is run again. Its folder can be given to aggregate.

Examples:
  $ sheaf prove --zkey c.zkey --wtns w.wtns -o proof.json --public public.json
  $ sheaf prove --zkey c.zkey --wasm c.wasm --input input.json -o proof.json --public public.json
  $ sheaf prove --zkey c.zkey --wasm c.wasm --batch inputs/ --out-dir proofs/
  $ sheaf aggregate proofs/ --srs real.srs -o all.sheaf --json`,
    )
    .action(runner(run));
}
