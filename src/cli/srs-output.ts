/** Writing reference strings, and describing them. */

import { stat } from 'node:fs/promises';
import type { StringSource, VerifierSrs } from '../recursion/srs/srs.ts';
import type { CommandContext } from './command-context.ts';
import { formatBytes, shortDigest, table } from './format.ts';
import type { OutputFile } from './output-file.ts';
import { warnIfInsecure } from './srs-input.ts';

/** A reference string as `--json` shows it. */
export function srsJson(srs: VerifierSrs, size: number): Record<string, unknown> {
  return {
    type: 'srs',
    part: size === 0 ? 'verifier' : 'prover',
    curve: srs.curve.name,
    size,
    digest: srs.id,
    insecure: srs.insecure,
    strings: srs.provenance.strings,
    contributions: srs.provenance.contributions,
  };
}

function sourceText(source: StringSource): string {
  if (source.kind === 'development') return 'development secrets of one process';
  if (source.kind === 'copy-of-first') return 'a copy of the first, set apart by the contributions';
  return `${source.file}, power ${source.power} of ${source.ceremonyPower}, prefix SHA-256 ${shortDigest(source.prefixSha256)}`;
}

/** A reference string for people. */
export function srsLines(srs: VerifierSrs, size: number): string[] {
  const { strings, contributions } = srs.provenance;
  return table([
    ['kind', srs.insecure ? 'DEVELOPMENT, INSECURE' : 'ceremony'],
    ['curve', srs.curve.name],
    ['serves', size === 0 ? "verifying alone (the verifier's part)" : `up to ${size} proofs`],
    ['digest', srs.id],
    ['string 1', sourceText(strings[0])],
    ['string 2', sourceText(strings[1])],
    ...contributions.map(({ date, note }, i) => [
      `contribution ${i + 1}`,
      note === undefined ? date : `${date}, ${JSON.stringify(note)}`,
    ]),
  ]);
}

/** Writes a .srs file and says what it is. */
export async function writeSrs(
  { console }: CommandContext,
  output: OutputFile,
  srs: VerifierSrs,
  size: number,
  bytes: Uint8Array,
): Promise<void> {
  const warnings = warnIfInsecure(console, srs);
  await output.write(bytes);
  const { size: written } = await stat(output.path);
  console.print({ output: output.path, bytes: written, ...srsJson(srs, size), warnings }, () => [
    `Wrote ${output.path} (${formatBytes(written)})`,
    ...srsLines(srs, size),
  ]);
}
