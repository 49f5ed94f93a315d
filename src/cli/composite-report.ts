/** What a command says of a composite that it has made. */

import { toHex } from '../field/bytes.ts';
import type { AggregateResult } from '../recursion/aggregate.ts';
import { formatBytes, formatDuration, plural, shortDigest, table } from './format.ts';

/** How a composite came about. */
export interface Making {
  readonly output: string;
  /** Bytes of the files that the proofs were read from. */
  readonly bytesIn?: number | undefined;
  readonly startedAt: number;
}

interface KeyUse {
  readonly digest: string;
  readonly system: string;
  readonly inputs: number;
  readonly proofs: number;
}

function keyUses({ composite }: AggregateResult): KeyUse[] {
  const { keys, keyOf } = composite.statement;
  return keys.map(({ digest, system, inputCount }, k) => ({
    digest: toHex(digest),
    system,
    inputs: inputCount,
    proofs: keyOf.filter((own) => own === k).length,
  }));
}

/** For `--json`. */
export function compositeJson(result: AggregateResult, making: Making): Record<string, unknown> {
  const { statement, scheme } = result.composite;
  return {
    output: making.output,
    scheme,
    curve: statement.curve.name,
    proofs: statement.keyOf.length,
    capacity: statement.capacity,
    srs: toHex(statement.srsDigest),
    context: toHex(statement.context),
    keys: keyUses(result),
    bytes: { ...(making.bytesIn === undefined ? {} : { in: making.bytesIn }), out: result.bytes.length },
    ms: Math.round(performance.now() - making.startedAt),
    insecure: result.insecure,
    warnings: result.warnings,
  };
}

/** For people. */
export function compositeLines(result: AggregateResult, making: Making): string[] {
  const { statement } = result.composite;
  const keys = keyUses(result);
  const size =
    making.bytesIn === undefined
      ? formatBytes(result.bytes.length)
      : `${formatBytes(making.bytesIn)} read, ${formatBytes(result.bytes.length)} written`;
  return [
    `Wrote ${making.output}: ${plural(statement.keyOf.length, 'proof')} under ${plural(keys.length, 'key')} in one composite, verified`,
    ...table([
      ...keys.map(({ system, digest, proofs }) => [
        system,
        `key ${shortDigest(digest)}`,
        plural(proofs, 'proof'),
      ]),
    ]),
    `  ${size}, ${formatDuration(performance.now() - making.startedAt)}`,
    ...(result.insecure ? ['  INSECURE: made under a development reference string'] : []),
  ];
}
