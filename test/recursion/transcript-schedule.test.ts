import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BN254, CURVES, type Curve } from '../../src/curve/curve.ts';
import { aggregate } from '../../src/recursion/aggregate.ts';
import { proveSnarkpack } from '../../src/recursion/snarkpack/prove.ts';
import { TRANSCRIPT_DOMAIN } from '../../src/recursion/snarkpack/transcript-schedule.ts';
import { verifySnarkpack } from '../../src/recursion/snarkpack/verify.ts';
import { statementOf } from '../../src/recursion/statement.ts';
import { backendOf } from '../helpers/backends.ts';
import { right } from '../helpers/forgery.ts';
import { forAll } from '../helpers/seeded.ts';
import { type BatchRecipe, batchArbitrary, syntheticBatch } from '../helpers/synthetic-groth16.ts';
import { syntheticSrs, tausArbitrary } from '../helpers/synthetic-srs.ts';
import { recording, type TranscriptEvent } from '../helpers/weak-transcripts.ts';

function u32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
}

function scalarLE(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
}

const names = (events: readonly TranscriptEvent[]): string[] =>
  events.map((event) => ('drawn' in event ? `draw ${event.drawn}` : `bind ${event.absorbed}`));

describe('the order of messages and challenges', () => {
  it('is that of the protocol, and everything is bound, by prover and verifier alike', async () => {
    const drawn = fc.record({
      batch: batchArbitrary(BN254, { keyOf: [0, 1, 0], inputCounts: [2, 0] }),
      taus: tausArbitrary(BN254),
      context: fc.uint8Array({ maxLength: 20 }),
    });
    await forAll(drawn, 1, async ({ batch, taus, context }) => {
      const backend = backendOf(BN254);
      const { members, keys } = syntheticBatch(BN254, batch);
      const srs = await syntheticSrs(backend, 4, taus);
      const { statement } = statementOf(members, srs, { context });
      const proofs = members.map(({ proof }) => proof);
      const proving: TranscriptEvent[] = [];
      const proof = await proveSnarkpack({
        backend,
        srs,
        statement,
        proofs,
        transcript: recording(right(), proving),
      });
      const verifying: TranscriptEvent[] = [];
      const transcript = recording(right(), verifying);
      expect(await verifySnarkpack({ backend, srs, statement, keys, proof, transcript })).toBe(true);

      expect(names(proving)).toEqual([
        ...['header', 'keys', 'key map', 'public inputs', 'context', 'commitments'].map(
          (name) => `bind ${name}`,
        ),
        'draw r',
        'bind products',
        'draw rho',
        'bind round 1',
        'draw x',
        'bind round 2',
        'draw x',
        'bind folded',
        'draw z',
        'bind openings',
      ]);
      // The verifier alone draws weights, after everything.
      expect(verifying.slice(0, proving.length)).toEqual(proving);
      expect(names(verifying.slice(proving.length))).toEqual(new Array(9).fill('draw weight'));
      const values = verifying.flatMap((event) => ('drawn' in event ? [event.value] : []));
      expect(new Set(values).size).toBe(values.length);
      for (const weight of values.slice(-9)) expect(weight).toBeLessThan(1n << 128n);

      const messages = proving.flatMap((event) => ('drawn' in event ? [] : [Buffer.from(event.message)]));
      const system = Buffer.concat([u32(9), Buffer.from('synthetic')]);
      expect(messages.slice(0, 5)).toEqual([
        Buffer.concat([Buffer.of(1, 1), u32(3), u32(4), u32(2), srs.digest]),
        Buffer.concat(keys.flatMap(({ digest, inputCount }) => [digest, u32(inputCount), system])),
        Buffer.concat([0, 1, 0].map(u32)),
        Buffer.concat(batch.proofs.flatMap(({ inputs }) => inputs.map(scalarLE))),
        Buffer.from(context),
      ]);
      // What follows is the proof, every byte of it once and in order.
      expect(Buffer.concat(messages.slice(5))).toEqual(Buffer.from(proof));
    });
  });

  it('starts from a domain that names scheme and format', () => {
    expect(TRANSCRIPT_DOMAIN).toBe('sheaf/composite/snarkpack/1');
  });
});

describe('format 1', () => {
  /** Small numbers that make a batch under two keys, three proofs. */
  const recipe: BatchRecipe = {
    keys: [
      { alpha: 2n, beta: 3n, gamma: 5n, delta: 7n, ic: [11n, 13n, 17n] },
      { alpha: 19n, beta: 3n, gamma: 5n, delta: 23n, ic: [29n] },
    ],
    proofs: [
      { key: 0, inputs: [0n, 1n], a: 31n, b: 37n },
      { key: 1, inputs: [], a: 41n, b: 43n },
      { key: 0, inputs: [47n, 53n], a: 59n, b: 61n },
    ],
  };
  const FROZEN: Readonly<Record<Curve['name'], { readonly srs: string; readonly file: string }>> = {
    bn254: {
      srs: 'ac5c980f7eab471f6220fdb4c4cadca3ccddf893eb849e5222b63c09f426e531',
      file: '6f1a120302a7fdcb5faf388f6221651cc088db12764ba494751ac3705f76a095',
    },
    'bls12-381': {
      srs: 'fd3743ad46bac229626eca8423f85e3db4adf7fdfb5018a6637f13c7c2368743',
      file: '3999a203ce89c3f04c687cd3f6bbd2f42576d4b33a55b45cba6f3869cd11d31c',
    },
  };

  it.each(CURVES)('makes the same file of the same batch as ever, on $name', async (curve) => {
    const backend = backendOf(curve);
    const { members } = syntheticBatch(curve, recipe);
    const srs = await syntheticSrs(backend, 4, [67n, 71n]);
    const { bytes } = await aggregate(members, { srs, backend, context: Uint8Array.of(1, 2, 3) });
    const file = createHash('sha256').update(bytes).digest('hex');
    expect({ srs: srs.id, file }).toEqual(FROZEN[curve.name]);
  });
});
