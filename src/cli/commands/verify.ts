/** `sheaf verify`: does a composite prove what it says? */

import type { Command } from 'commander';
import { builtinKeys } from '../../coprocessors/registry.ts';
import { addContext, KeyNotTrustedError } from '../../errors.ts';
import { equalBytes, toHex } from '../../field/bytes.ts';
import { type NamedKey, readKeys } from '../../node/key-files.ts';
import { type Composite, decodeComposite } from '../../recursion/composite-file.ts';
import { type Verified, verify } from '../../recursion/verify.ts';
import { type CommandContext, type Runner, trackProgress } from '../command-context.ts';
import { readComposite } from '../composite-input.ts';
import { EXIT } from '../exit-codes.ts';
import { formatDuration, plural, shortDigest, table } from '../format.ts';
import { type CommonFlags, readContext, withCommonFlags } from '../options.ts';
import { addHint } from '../report-error.ts';
import { readVerifierSrs, warnIfInsecure } from '../srs-input.ts';

interface Flags extends CommonFlags {
  readonly srs: string;
  readonly keys?: readonly string[];
  readonly context?: string;
}

/** How to give the keys that are missing. */
function missingKeysHint({ statement }: Composite, digests: readonly string[]): string {
  const builtin = new Map(builtinKeys().map((entry) => [entry.key().id, entry.name]));
  const about = digests.map((digest) => {
    const key = statement.keys.find((candidate) => toHex(candidate.digest) === digest);
    const name = builtin.get(digest);
    return `${shortDigest(digest)} (${key?.system})${name === undefined ? '' : ` is built in: --keys builtin:${name}`}`;
  });
  return `Name files or folders with the keys you trust after --keys. Missing: ${about.join('; ')}.`;
}

interface KeySummary {
  readonly digest: string;
  readonly system: string;
  readonly proofs: number;
  readonly source: string;
}

function summariseKeys({ claims }: Verified, keys: readonly NamedKey[]): KeySummary[] {
  const counts = new Map<string, { system: string; proofs: number }>();
  for (const { key, system } of claims) {
    const count = counts.get(key.id) ?? { system, proofs: 0 };
    count.proofs++;
    counts.set(key.id, count);
  }
  return [...counts].map(([digest, { system, proofs }]) => ({
    digest,
    system,
    proofs,
    source: keys.find(({ key }) => key.id === digest)?.name ?? '',
  }));
}

function validLines(verified: Verified, keys: readonly KeySummary[], srs: string, ms: number): string[] {
  const caveat = verified.insecure
    ? ' (INSECURE development reference string: whoever made it can prove anything)'
    : '';
  return [
    `VALID${caveat}: ${plural(verified.claims.length, 'proof')} under ${plural(keys.length, 'trusted key')}, in ${formatDuration(ms)}`,
    ...table(
      keys.map(({ system, digest, proofs, source }) => [
        system,
        `key ${shortDigest(digest)}`,
        plural(proofs, 'proof'),
        source,
      ]),
    ),
    `  reference string ${shortDigest(srs)}`,
    ...(verified.context.length === 0 ? [] : [`  context ${toHex(verified.context)}`]),
  ];
}

async function run(context: CommandContext, path: string, flags: Flags): Promise<number> {
  const startedAt = performance.now();
  const { console, signal } = context;
  const bytes = await readComposite(path);
  const expectedContext = await readContext(flags.context);
  const { srs, backend } = await readVerifierSrs(flags.srs, flags.backend);
  const warnings = warnIfInsecure(console, srs);
  const keys = await readKeys(flags.keys ?? [], signal);
  let composite: Composite | undefined;
  let verified: Verified | false;
  try {
    composite = decodeComposite(bytes);
    const report = trackProgress(context, 'Verifying', composite.statement.keyOf.length, 'proofs');
    verified = await verify(composite, {
      srs,
      backend,
      keys: keys.map(({ key }) => key),
      context: expectedContext,
      signal,
      onProgress: ({ fraction }) => report(fraction),
    });
  } catch (error) {
    if (composite && error instanceof KeyNotTrustedError) {
      addHint(error, missingKeysHint(composite, error.context.digests as readonly string[]));
    }
    throw addContext(error, { file: path });
  }
  await backend.dispose();
  const ms = Math.round(performance.now() - startedAt);
  const common = { file: path, srs: srs.id, insecure: srs.insecure, warnings, ms };
  if (verified === false) {
    const otherContext = expectedContext && !equalBytes(expectedContext, composite.statement.context);
    const reason = otherContext ? 'context' : 'proof';
    console.print({ valid: false, reason, ...common }, () => [
      otherContext
        ? `INVALID: the composite binds the context ${toHex(composite.statement.context) || '(none)'}, not the one given`
        : 'INVALID: the composite does not prove its statement',
    ]);
    return EXIT.invalid;
  }
  const summaries = summariseKeys(verified, keys);
  const { claims, curve, scheme } = verified;
  console.print(
    {
      valid: true,
      ...common,
      scheme,
      curve: curve.name,
      proofs: claims.length,
      context: toHex(verified.context),
      keys: summaries,
      claims: claims.map(({ key, system, inputs }) => ({ key: key.id, system, inputs })),
    },
    () => validLines(verified, summaries, srs.id, ms),
  );
  return EXIT.done;
}

/** Adds the command. */
export function registerVerify(parent: Command, runner: Runner): void {
  const command = parent
    .command('verify')
    .description('verify a composite against the keys and the reference string that you trust')
    .argument('<file.sheaf>', 'composite')
    .requiredOption('--srs <file>', "reference string, or the verifier's part of it")
    .option(
      '--keys <path...>',
      'verification keys you trust: files, folders, or builtin:NAME (see `sheaf keys`)',
    )
    .option('--context <hex|@file>', 'bytes that the composite must bind');
  withCommonFlags(command)
    .addHelpText(
      'after',
      `
Exit code 0: valid; 1: invalid; 2: could not be decided (bad file, missing key, other reference string).

Examples:
  $ sheaf verify all.sheaf --srs verifier.srs --keys verification_key.json
  $ sheaf verify all.sheaf --srs verifier.srs --keys keys/ builtin:risc0 --context 0x2a --json`,
    )
    .action(runner(run));
}
