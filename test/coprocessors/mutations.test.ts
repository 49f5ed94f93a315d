/**
 * Whatever is done to a proof file, reading it gives a typed error or a member that says what the original says: no other
 * exception, and no other statement.
 */
import fc from 'fast-check';
import { gzipSync, zipSync } from 'fflate';
import { expect, it } from 'vitest';
import type { NamedFile } from '../../src/coprocessors/batch.ts';
import { SheafError } from '../../src/errors.ts';
import type { BatchMember } from '../../src/groth16/proof.ts';
import { fuzzRuns } from '../helpers/fuzz.ts';
import { describeWithVectors } from '../helpers/vectors.ts';
import {
  gnarkBinaryKey,
  gnarkBinaryProof,
  gnarkJsonKey,
  gnarkJsonProof,
  gnarkWitness,
} from './gnark-encode.ts';
import { copy, file, inputsOf, type Json, keyOf, proofsOf, read, readOne, SETS } from './real-proofs.ts';

type Path = readonly (string | number)[];

/** Every place in a JSON value but the root. */
function pathsIn(value: Json, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  const inner = Object.keys(value).flatMap((name) =>
    pathsIn(value[name], [...at, Array.isArray(value) ? Number(name) : name]),
  );
  return at.length === 0 ? inner : [at, ...inner];
}

function holderOf(value: Json, path: Path): Json {
  return path.slice(0, -1).reduce((part: Json, name) => part[name], value);
}

const replacement = fc.oneof(
  fc.constantFrom<Json>(
    null,
    '',
    '0',
    '1',
    '-1',
    '0x',
    '0x0',
    0,
    1,
    -1,
    1.5,
    true,
    [],
    {},
    [[]],
    'NaN',
    '1e5',
    ['0', '1', '0'],
  ),
  fc.constantFrom<Json>(
    '__proto__',
    'toString',
    { toString: 1 },
    { Value: null },
    { Pruned: [] },
    { bytes: [] },
  ),
  fc.bigInt({ min: 0n, max: 2n ** 256n }).map(String),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  fc.jsonValue({ maxDepth: 3 }),
);

type Mutation =
  | { kind: 'replace'; at: number; value: Json }
  | { kind: 'remove' | 'double' | 'digit' | 'swap'; at: number; with: number };

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('replace' as const), at: fc.nat(), value: replacement }),
  fc.record({
    kind: fc.constantFrom('remove' as const, 'double' as const, 'digit' as const, 'swap' as const),
    at: fc.nat(),
    with: fc.nat(),
  }),
);

function mutate(value: Json, change: Mutation): void {
  const paths = pathsIn(value);
  if (paths.length === 0) return;
  const path = paths[change.at % paths.length] as Path;
  const holder = holderOf(value, path);
  const name = path.at(-1) as string | number;
  switch (change.kind) {
    case 'replace':
      holder[name] = copy(change.value);
      return;
    case 'remove':
      if (Array.isArray(holder)) holder.splice(Number(name), 1);
      else delete holder[name];
      return;
    case 'double':
      if (Array.isArray(holder)) holder.splice(Number(name), 0, copy(holder[Number(name)]));
      else holder[`${name}_`] = copy(holder[name]);
      return;
    case 'digit': {
      const text = holder[name];
      if (typeof text !== 'string' || text.length === 0) return;
      const at = change.with % text.length;
      holder[name] = text.slice(0, at) + '0123456789abcdef'[change.with % 16] + text.slice(at + 1);
      return;
    }
    case 'swap': {
      const other = paths[change.with % paths.length] as Path;
      const otherHolder = holderOf(value, other);
      const otherName = other.at(-1) as string | number;
      const [mine, theirs] = [copy(holder[name]), copy(otherHolder[otherName])];
      holder[name] = theirs;
      otherHolder[otherName] = mine;
    }
  }
}

describeWithVectors('a proof file, however altered,', (dir) => {
  const withKey = (set: string): Json => {
    const { proof, public: inputs } = proofsOf(dir, set)[0];
    return { proof, public: inputs, verificationKey: keyOf(dir, set) };
  };
  const receipt = proofsOf(dir, SETS.risc0)[0];
  const files: Record<string, Json> = {
    snarkjs: withKey(SETS.nebra),
    'snarkjs on BLS12-381': withKey(SETS.bls),
    risc0: receipt,
    'risc0 without stated inputs': { seal: receipt.seal, imageId: receipt.imageId, journal: receipt.journal },
    sp1: proofsOf(dir, SETS.sp1v5)[0],
    'sp1 v6': proofsOf(dir, SETS.sp1v6)[2],
  };

  const prepare = async (): Promise<[string, Json, BatchMember][]> => {
    const original = await readOne(withKey(SETS.gnarkPlain));
    files.gnark = {
      proof: gnarkJsonProof(original.proof),
      inputs: inputsOf(original),
      vk: gnarkJsonKey(original.key),
    };
    return Promise.all(
      Object.entries(files).map(
        async ([name, value]): Promise<[string, Json, BatchMember]> => [name, value, await readOne(value)],
      ),
    );
  };

  it('is refused with a typed error or says what it said', async () => {
    const cases = await prepare();
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        async (which, changes) => {
          const [name, value, original] = cases[which % cases.length] as [string, Json, BatchMember];
          const altered = copy(value);
          for (const change of changes) mutate(altered, change);
          let members: readonly BatchMember[];
          try {
            ({ members } = await read([file('proof.json', JSON.stringify(altered))]));
          } catch (error) {
            if (!(error instanceof SheafError)) throw error;
            expect(error.code, error.message).not.toBe('INTERNAL');
            return;
          }
          taken++;
          for (const member of members) {
            expect(inputsOf(member), name).toEqual(inputsOf(original));
            expect(member.key.id, name).toBe(original.key.id);
          }
        },
      ),
      { numRuns: fuzzRuns(500) },
    );
    expect(taken).toBeGreaterThan(0);
  });

  it('is refused with a typed error when its text is cut or bytes change', async () => {
    const texts = Object.values(files).map((value) => new TextEncoder().encode(JSON.stringify(value)));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.nat(),
        fc.nat({ max: 255 }),
        fc.boolean(),
        async (which, at, byte, cut) => {
          const text = texts[which % texts.length] as Uint8Array;
          const altered = cut ? text.slice(0, at % text.length) : text.slice();
          if (!cut) altered[at % text.length] = byte;
          try {
            await read([file('proof.json', altered)], { trusted: true });
          } catch (error) {
            if (!(error instanceof SheafError)) throw error;
          }
        },
      ),
      { numRuns: fuzzRuns(300) },
    );
  });

  it('is refused with a typed error in binary forms and archives too', async () => {
    const original = await readOne(withKey(SETS.gnarkPlain));
    const text = new TextEncoder().encode(JSON.stringify(withKey(SETS.gnarkPlain)));
    const parts = [false, true].map((raw) => [
      file('proof.bin', gnarkBinaryProof(original.proof, raw, '0.11')),
      file('vk.bin', gnarkBinaryKey(original.key, raw, '0.11')),
      file('public.bin', gnarkWitness(inputsOf(original).map(BigInt))),
    ]);
    const batches = [
      ...parts,
      [file('a.zip', zipSync({ 'a/proof.json': text }))],
      [file('a.gz', gzipSync(text))],
    ];
    const change = fc.record({ part: fc.nat(), at: fc.nat(), byte: fc.nat({ max: 255 }), cut: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.nat(), change, async (which, { part, at, byte, cut }) => {
        const files = batches[which % batches.length] as NamedFile[];
        const altered = files.map((entry, i) => {
          const bytes = (entry.bytes as Uint8Array).slice();
          if (i !== part % files.length) return entry;
          if (!cut) bytes[at % bytes.length] = byte;
          return { ...entry, bytes: cut ? bytes.slice(0, at % bytes.length) : bytes };
        });
        try {
          for (const member of (await read(altered)).members)
            expect(inputsOf(member)).toEqual(inputsOf(original));
        } catch (error) {
          if (!(error instanceof SheafError)) throw error;
        }
      }),
      { numRuns: fuzzRuns(200) },
    );
  });
});
