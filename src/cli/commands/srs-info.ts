/** `sheaf srs info`: what a .srs or .ptau file is. */

import type { Command } from 'commander';
import { EncodingError } from '../../errors.ts';
import { openFileSource } from '../../node/file-source.ts';
import { type PtauInfo, readPtauInfo } from '../../recursion/srs/ptau.ts';
import type { Runner } from '../command-context.ts';
import type { ConsoleOptions } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import { formatBytes, table } from '../format.ts';
import { withConsoleFlags } from '../options.ts';
import { fileError } from '../report-error.ts';
import { readAnySrs, warnIfInsecure } from '../srs-input.ts';
import { srsJson, srsLines } from '../srs-output.ts';

/** The header of a .ptau file; undefined when the file is something else. */
async function readPtau(path: string): Promise<{ info: PtauInfo; bytes: number } | undefined> {
  try {
    const source = await openFileSource(path);
    try {
      const magic = await source.read(0, Math.min(4, source.size));
      if (String.fromCharCode(...magic) !== 'ptau') return undefined;
      return { info: await readPtauInfo(source), bytes: source.size };
    } finally {
      await source.close();
    }
  } catch (error) {
    throw fileError(error, path);
  }
}

/** Adds the command. */
export function registerSrsInfo(parent: Command, run: Runner): void {
  const command = parent
    .command('info')
    .description('show what a .srs file is, after checking it, or what a .ptau file says of itself')
    .argument('<file>', '.srs or .ptau file');
  withConsoleFlags(command)
    .addHelpText(
      'after',
      '\nExamples:\n  $ sheaf srs info real.srs\n  $ sheaf srs info hez_final_11.ptau --json',
    )
    .action(
      run(async ({ console }, path: string, _flags: ConsoleOptions) => {
        const ptau = await readPtau(path);
        if (ptau) {
          const { curve, power, ceremonyPower, maxSize } = ptau.info;
          console.print(
            { file: path, type: 'ptau', curve: curve.name, power, ceremonyPower, maxSize, bytes: ptau.bytes },
            () => [
              `${path} (${formatBytes(ptau.bytes)}): powers of tau; the points were not checked`,
              ...table([
                ['curve', curve.name],
                ['power', `${power} of ${ceremonyPower}`],
                ['serves', `up to ${maxSize} proofs`],
              ]),
            ],
          );
          return EXIT.done;
        }
        const { srs, size, bytes } = await readAnySrs(path).catch((error: unknown) => {
          if (error instanceof EncodingError && error.context.field === 'magic') {
            throw new EncodingError(
              `${path}: expected a .srs file (magic "sheafsrs") or a .ptau file (magic "ptau").`,
              error.context,
            );
          }
          throw error;
        });
        const warnings = warnIfInsecure(console, srs);
        console.print({ file: path, ...srsJson(srs, size), bytes, warnings }, () => [
          `${path} (${formatBytes(bytes)}): reference string; checksums and the verifier's points are right`,
          ...srsLines(srs, size),
        ]);
        return EXIT.done;
      }),
    );
}
