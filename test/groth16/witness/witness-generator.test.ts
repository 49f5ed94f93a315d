import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { compileCircuit } from '../../../examples/lib/artefacts.ts';
import { readWitness } from '../../../examples/lib/r1cs.ts';
import { type MemoryFile, snarkjs } from '../../../examples/lib/snarkjs.ts';
import { BN254 } from '../../../src/curve/curve.ts';
import { AbortedError, CircuitInputError, SheafError, UnsatisfiedCircuitError } from '../../../src/errors.ts';
import { bigintFromBytesLE } from '../../../src/field/bytes.ts';
import type { CircuitInputs } from '../../../src/groth16/witness/inputs.ts';
import {
  loadWitnessGenerator,
  type WitnessGenerator,
} from '../../../src/groth16/witness/witness-generator.ts';
import type { CreateWorker } from '../../../src/wasm/pool/index.ts';
import { describeWithVectors } from '../../helpers/vectors.ts';

let folder: string;
let wasm: Uint8Array;
let generator: WitnessGenerator;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sheaf-witness-'));
  const source = fileURLToPath(new URL('shapes.circom', import.meta.url));
  ({ wasm } = await compileCircuit(source, folder));
  generator = await loadWitnessGenerator(wasm);
});

afterAll(async () => {
  await generator.dispose();
  await rm(folder, { recursive: true });
});

const GOOD: CircuitInputs = {
  grid: [
    [1, '2', '0x3'],
    [4n, -5, '-6'],
  ],
  small: '13',
  any: '21888242871839275222246405745257275088548364400416034343698204186575808495618',
};

/** What snarkjs makes of the same inputs. */
async function oracle(inputs: CircuitInputs): Promise<bigint[]> {
  const file: MemoryFile = { type: 'mem' };
  await snarkjs.wtns.calculate(inputs as never, wasm, file);
  return readWitness(file.data as Uint8Array);
}

function valuesOf(bytes: Uint8Array): bigint[] {
  return Array.from({ length: bytes.length / 32 }, (_, i) =>
    bigintFromBytesLE(bytes.subarray(32 * i, 32 * i + 32)),
  );
}

async function refusal(inputs: CircuitInputs): Promise<SheafError> {
  const error = await generator.calculate(inputs).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(SheafError);
  return error as SheafError;
}

describe('a witness generator', () => {
  it('computes what snarkjs computes, of nested, negative, large and hexadecimal inputs', async () => {
    const variants: CircuitInputs[] = [
      GOOD,
      { ...GOOD, grid: [1, 2, 3, 4, 5, 6] },
      { ...GOOD, any: -(1n << 300n), small: 0 },
      { ...GOOD, any: [[true]], small: false },
    ];
    for (const inputs of variants) {
      const witness = await generator.calculate(inputs);
      expect(witness.curve).toBe(BN254);
      expect(valuesOf(witness.values)).toEqual(await oracle(inputs));
    }
  });

  it('reads a file by its path', async () => {
    const byPath = await loadWitnessGenerator(join(folder, 'shapes_js/shapes.wasm'));
    const { values } = await byPath.calculate(GOOD);
    expect(valuesOf(values)).toEqual(await oracle(GOOD));
    await byPath.dispose();
  });

  it.each<[string, CircuitInputs, string]>([
    ['too many values', { ...GOOD, any: [1, 2] }, 'Too many values for input signal any'],
    ['too few values', { ...GOOD, grid: [1] }, 'Not enough values for input signal grid'],
    ['an unknown signal', { ...GOOD, stranger: 1 }, 'Signal stranger not found'],
    [
      'a missing signal',
      { grid: GOOD.grid as bigint[], small: 1 },
      'Not all inputs have been set. Only 7 out of 8',
    ],
    ['text that is no number', { ...GOOD, any: 'seventeen' }, 'Signal any: expected integers'],
    ['a fraction', { ...GOOD, any: 1.5 }, 'Signal any: expected integers'],
    ['empty text', { ...GOOD, any: '' }, 'Signal any: expected integers'],
    ['null', { ...GOOD, any: null as never }, 'Signal any: expected integers'],
  ])('refuses %s', async (_, inputs, message) => {
    const error = await refusal(inputs);
    expect(error).toBeInstanceOf(CircuitInputError);
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('seventeen');
  });

  it('says which template and line a failed assertion is in, and no value', async () => {
    const error = await refusal({ ...GOOD, small: 77 });
    expect(error).toBeInstanceOf(UnsatisfiedCircuitError);
    expect(error.message).toMatch(/Assert Failed.*Bits_0 line: 14/);
    expect(error.context).toMatchObject({ template: 'Bits_0', line: 14 });
    expect(error.message).not.toContain('77');
    // It goes on working.
    expect((await generator.calculate(GOOD)).values.length).toBeGreaterThan(0);
  });

  it('hands what the circuit logs to nobody but those who ask', async () => {
    const printed = vi.spyOn(console, 'log');
    const lines: string[] = [];
    await generator.calculate(GOOD);
    await generator.calculate(GOOD, { onLog: (line) => lines.push(line) });
    expect(lines).toEqual(['small is 13']);
    expect(printed).not.toHaveBeenCalled();
    printed.mockRestore();
  });

  it('computes on the calling thread where workers cannot be started', async () => {
    const createWorker: CreateWorker = () => {
      throw new Error('forbidden');
    };
    const alone = await loadWitnessGenerator(wasm, { createWorker });
    expect(valuesOf((await alone.calculate(GOOD)).values)).toEqual(await oracle(GOOD));
    await alone.dispose();
  });

  it('is cancelled before, in the midst and while waiting, and works on', async () => {
    await expect(generator.calculate(GOOD, { signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
    const controller = new AbortController();
    const both = [1, 2].map(() => generator.calculate(GOOD, { signal: controller.signal }));
    controller.abort();
    for (const run of both) await expect(run).rejects.toThrow(AbortedError);
    expect((await generator.calculate(GOOD)).values.length).toBeGreaterThan(0);
  });

  it.each<[string, () => Promise<Uint8Array>]>([
    ['what is no WebAssembly', async () => new Uint8Array(100)],
    ['a module that is no generator', async () => Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)],
    [
      'a damaged generator',
      async () => (await readFile(join(folder, 'shapes_js/shapes.wasm'))).subarray(0, 5000),
    ],
  ])('refuses %s', async (_, bytes) => {
    const run = async (): Promise<unknown> => (await loadWitnessGenerator(await bytes())).calculate(GOOD);
    await expect(run()).rejects.toMatchObject({ code: 'WITNESS_GENERATOR' });
  });

  it('refuses a path where nothing is', async () => {
    await expect(loadWitnessGenerator(join(folder, 'nothing.wasm'))).rejects.toMatchObject({
      code: 'OPTION',
      context: { reason: 'ENOENT' },
    });
  });
});

describeWithVectors('the Semaphore circuit', (dir) => {
  it.each([1, 10, 20])('of depth %d gives the witness that snarkjs gets', async (depth) => {
    const path = join(dir, `zkeys/semaphore/semaphore-${depth}.wasm`);
    const inputs = {
      secret: '12345',
      merkleProofLength: 1,
      merkleProofIndex: 1,
      merkleProofSiblings: new Array<bigint>(depth).fill(7n),
      message: '0x10',
      scope: -5,
    };
    const semaphore = await loadWitnessGenerator(path);
    const file: MemoryFile = { type: 'mem' };
    await snarkjs.wtns.calculate(inputs as never, await readFile(path), file);
    expect(valuesOf((await semaphore.calculate(inputs)).values)).toEqual(
      readWitness(file.data as Uint8Array),
    );
    await semaphore.dispose();
  });
});
