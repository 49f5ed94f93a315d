import { gzipSync, strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readBatch } from '../../src/coprocessors/read-batch.ts';
import { EncodingError, InputError, PointNotOnCurveError } from '../../src/errors.ts';
import { concatBytes } from '../../src/field/bytes.ts';
import { describeWithVectors } from '../helpers/vectors.ts';
import { copy, file, inputsOf, type Json, keyOf, proofsOf, read, refusal, SETS } from './real-proofs.ts';

const text = (value: Json): Uint8Array => strToU8(typeof value === 'string' ? value : JSON.stringify(value));
const trusted = { trusted: true } as const;

describeWithVectors('archives', (dir) => {
  const proofs = proofsOf(dir, SETS.nebra).slice(0, 3);
  const key = keyOf(dir, SETS.nebra);
  const expected = proofs.map((proof: Json) => proof.public);
  const zip = (entries: Record<string, Json>): Uint8Array =>
    zipSync(
      Object.fromEntries(
        Object.entries(entries).map(([name, value]) => [
          name,
          value instanceof Uint8Array ? value : text(value),
        ]),
      ),
    );
  const folder = (): Record<string, Json> => ({
    'set/verification_key.json': key,
    'set/a/proof_0.json': proofs[0].proof,
    'set/a/public_0.json': proofs[0].public,
    'set/b.json': proofs[1],
    'set/list.ndjson': JSON.stringify(proofs[2]),
    'set/circuit.zkey': new Uint8Array(10),
    '__MACOSX/set/._b.json': 'x',
  });

  it('a zip is read like the folder it holds', async () => {
    const { members, skipped } = await read([file('batch.zip', zip(folder()))]);
    expect(members.map(inputsOf)).toEqual(expected);
    expect(members.map((member) => member.origin.file)).toEqual([
      'batch.zip/set/a/proof_0.json',
      'batch.zip/set/b.json',
      'batch.zip/set/list.ndjson',
    ]);
    expect(skipped.map(({ file: name }) => name)).toEqual([
      'batch.zip/set/circuit.zkey',
      'batch.zip/__MACOSX/set/._b.json',
    ]);
  });

  it('a gzip is read like the file it holds, in one or more parts', async () => {
    const lines = proofs.map((proof: Json) => JSON.stringify({ ...proof, verificationKey: key })).join('\n');
    const half = lines.indexOf('\n') + 1;
    const parts = concatBytes(gzipSync(text(lines.slice(0, half))), gzipSync(text(lines.slice(half))));
    for (const bytes of [gzipSync(text(lines)), parts]) {
      const { members } = await read([file('batch.ndjson.gz', bytes)], trusted);
      expect(members.map(inputsOf)).toEqual(expected);
      expect(members[2]?.origin).toEqual({ file: 'batch.ndjson', index: 2 });
    }
  });

  it('archives in an archive are unpacked, deeper ones refused', async () => {
    const inner = zip({ 'verification_key.json': key, 'proof.json.gz': gzipSync(text(proofs[0])) });
    const { members } = await read(
      [file('a.zip.gz', gzipSync(zip({ 'proof.json': { ...proofs[0], vk: key } }))), file('a.zip', inner)],
      trusted,
    );
    expect(members.map((member) => member.origin.file)).toEqual(['a.zip/proof.json', 'a.zip/proof.json']);
    const deep = zip({ 'b.zip': zip({ 'c.zip': inner }) });
    const error = await refusal(() => read([file('a.zip', deep)]));
    expect(error).toBeInstanceOf(EncodingError);
    expect(error.message).toMatch(/nested deeper/);
  });

  it('a bad member is named with the archive', async () => {
    const bad = copy(proofs[1]);
    bad.proof.pi_a[1] = bad.proof.pi_a[0];
    const error = await refusal(() =>
      read([file('x.zip', zip({ ...folder(), 'set/b.json': [proofs[0], bad] }))]),
    );
    expect(error).toBeInstanceOf(PointNotOnCurveError);
    expect(error.context).toMatchObject({ file: 'x.zip/set/b.json', index: 1 });
    expect(error.message).toMatch(/^x\.zip\/set\/b\.json, member 1: /);
  });
});

describe('hostile archives', () => {
  const zeros = new Uint8Array(10_000_000);

  it('past the limit of unpacked bytes are refused', async () => {
    const limits = { unpackedBytes: 1_000_000 };
    const bombs = [
      file('bomb.zip', zipSync({ 'proof.json': zeros })),
      file('bomb.json.gz', gzipSync(zeros)),
      file(
        'many.zip',
        zipSync(
          Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${i}.json`, zeros.subarray(0, 60_000)])),
        ),
      ),
      file('inner.zip', zipSync({ 'proof.json.gz': gzipSync(zeros) })),
    ];
    for (const bomb of bombs) {
      const error = await refusal(() => readBatch([bomb], { ...trusted, limits }));
      expect(error).toBeInstanceOf(InputError);
      expect(error.code).toBe('INPUT_LIMIT');
      expect(error.context.file).toMatch(bomb.name);
    }
  });

  it('with too many entries are refused, and so are too many files', async () => {
    const entries = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`${i}.txt`, new Uint8Array()]));
    const options = { ...trusted, limits: { files: 10 } };
    expect((await refusal(() => readBatch([file('a.zip', zipSync(entries))], options))).code).toBe(
      'INPUT_LIMIT',
    );
    const files = Array.from({ length: 11 }, (_, i) => file(`${i}.md`, 'x'));
    expect((await refusal(() => readBatch(files, options))).code).toBe('INPUT_LIMIT');
  });

  it('that declare less than they hold unpack to what they declare at most', async () => {
    const bytes = zipSync({ 'proof.json': zeros });
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const directory = Array.from(bytes.keys()).find(
      (i) => i + 4 < bytes.length && view.getUint32(i, true) === 0x02014b50,
    ) as number;
    view.setUint32(directory + 24, 1000, true);
    const error = await refusal(() =>
      readBatch([file('a.zip', bytes)], { ...trusted, limits: { unpackedBytes: 2000 } }),
    );
    expect(error).toBeInstanceOf(InputError);
  });

  it('that are damaged are refused by name', async () => {
    const zip = zipSync({ 'proof.json': strToU8('{"proof": 1}'.repeat(50)) });
    const gzip = gzipSync(strToU8('{"proof": 1}'.repeat(50)));
    const swollen = zip.slice();
    const view = new DataView(swollen.buffer);
    const directory = Array.from(swollen.keys()).find(
      (i) => i + 4 < zip.length && view.getUint32(i, true) === 0x02014b50,
    ) as number;
    view.setUint32(directory + 24, 5000, true);
    const damaged = [
      file('a.zip', zip.subarray(0, 60)),
      file('a.zip', swollen),
      file('a.gz', gzip.subarray(0, -15)),
    ];
    for (const archive of damaged) {
      const error = await refusal(() => readBatch([archive], trusted));
      expect(error).toBeInstanceOf(EncodingError);
      expect(error.context.file).toMatch(/^a\./);
    }
  });
});
