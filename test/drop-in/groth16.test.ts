/** The functions of snarkjs under their own names: arguments, results, errors, secrets. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { snarkjs } from '../../examples/lib/snarkjs.ts';
import type { Backend, FrVector } from '../../src/backend/backend.ts';
import { createBackend } from '../../src/backend/create-backend.ts';
import type { Progress } from '../../src/backend/progress.ts';
import { createWasmBackend } from '../../src/backend/wasm/wasm-backend.ts';
import { BLS12_381, BN254 } from '../../src/curve/curve.ts';
import { g1ToBytes } from '../../src/curve/points.ts';
import { AbortedError, SheafError, UnsatisfiedCircuitError, WitnessError } from '../../src/errors.ts';
import {
  aggregate,
  createDevSrs,
  fromSnarkjs,
  type Groth16Result,
  groth16,
  loadProvingKey,
  type ProvingKey,
  verify,
  type WitnessGenerator,
  zKey,
} from '../../src/index.ts';
import { writeWitness } from '../helpers/synthetic-circuit.ts';
import { type CircuitFiles, circuitFiles } from './circuits.ts';
import { endPeers, peerVerify } from './peer.ts';

let files: CircuitFiles;
let vk: Awaited<ReturnType<typeof zKey.exportVerificationKey>>;
let key: ProvingKey;
let good: Groth16Result;

beforeAll(async () => {
  files = await circuitFiles({ curve: BN254, kind: 'dense', constraints: 100, publics: 3 });
  vk = await zKey.exportVerificationKey(files.zkey);
  key = await loadProvingKey(files.zkey);
  good = await groth16.prove(key, files.wtns);
});

afterAll(async () => {
  key.dispose();
  await endPeers();
});

async function refusal(action: Promise<unknown>): Promise<SheafError> {
  const error = await action.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(SheafError);
  return error as SheafError;
}

/** The backend, and every vector of scalars that it makes and that is not given back. */
async function watched(): Promise<{ backend: Backend; alive: Set<FrVector> }> {
  const inner = await createBackend(BN254);
  const alive = new Set<FrVector>();
  const backend = new Proxy(inner, {
    get: (target, name) => {
      const value = target[name as keyof Backend];
      if (typeof value !== 'function') return value;
      return async (...given: unknown[]) => {
        const result = await (value as (...all: unknown[]) => unknown).apply(target, given);
        if (typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'fr') {
          const vector = result as FrVector;
          alive.add(vector);
          const dispose = vector.dispose.bind(vector);
          vector.dispose = () => {
            alive.delete(vector);
            dispose();
          };
        }
        return result;
      };
    },
  });
  return { backend, alive };
}

describe('groth16.prove', () => {
  it('takes the key and the witness from paths, Blobs, bytes and memory objects alike', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sheaf-prove-'));
    const [zkey, wtns] = [join(folder, 'key.zkey'), join(folder, 'w.wtns')];
    await writeFile(zkey, files.zkey);
    await writeFile(wtns, files.wtns);
    for (const [k, w] of [
      [zkey, wtns],
      [new URL(`file://${zkey}`), new Blob([files.wtns as Uint8Array<ArrayBuffer>])],
      [
        { type: 'mem', data: files.zkey },
        { type: 'mem', data: files.wtns },
      ],
      [key, { type: 'file', fileName: wtns }],
    ] as const) {
      const { proof, publicSignals } = await groth16.prove(k, w);
      expect(Object.keys(proof)).toEqual(['pi_a', 'pi_b', 'pi_c', 'protocol', 'curve']);
      expect(publicSignals).toEqual(good.publicSignals);
      expect(await peerVerify(vk, publicSignals, proof)).toBe(true);
    }
    await rm(folder, { recursive: true });
  });

  it('refuses every witness that does not satisfy the circuit, and proves it on request only', async () => {
    for (const wire of [1, 4, 30, files.witness.length - 1]) {
      const changed = [...files.witness];
      changed[wire] = ((changed[wire] as bigint) + 1n) % BN254.order;
      const wtns = writeWitness(BN254, changed);
      const error = await refusal(groth16.prove(key, wtns));
      expect(error).toBeInstanceOf(UnsatisfiedCircuitError);
      for (const value of files.witness) {
        if (value > 1n << 64n)
          expect(error.message + JSON.stringify(error.context)).not.toContain(String(value));
      }
      const { proof, publicSignals } = await groth16.prove(key, wtns, undefined, { verify: false });
      expect(await peerVerify(vk, publicSignals, proof)).toBe(false);
    }
    const other = await circuitFiles({ curve: BN254, kind: 'dense', constraints: 100, publics: 3, seed: 2 });
    expect(await refusal(groth16.prove(key, other.wtns))).toBeInstanceOf(UnsatisfiedCircuitError);
  });

  it('refuses witnesses of another length or curve, or with values out of range', async () => {
    const short = await refusal(groth16.prove(key, writeWitness(BN254, files.witness.slice(1))));
    expect(short).toBeInstanceOf(WitnessError);
    expect(short.message).toContain(`Circuit: ${files.witness.length}, witness: ${files.witness.length - 1}`);
    const curve = await refusal(groth16.prove(key, writeWitness(BLS12_381, files.witness)));
    expect(curve.message).toContain('Curve of the witness does not match the curve of the proving key');
    const large = Uint8Array.from(files.wtns);
    large.fill(0xff, large.length - 32);
    expect(await refusal(groth16.prove(key, large))).toBeInstanceOf(WitnessError);
  });

  it('draws new blinding for every proof', async () => {
    const proofs = await Promise.all([1, 2, 3].map(() => groth16.prove(key, files.wtns)));
    for (const part of ['pi_a', 'pi_b', 'pi_c'] as const) {
      expect(new Set([good, ...proofs].map(({ proof }) => JSON.stringify(proof[part]))).size).toBe(4);
    }
  });

  it('reports progress that never falls and ends at 1, and tells a logger nothing secret', async () => {
    for (const zkey of [files.zkey, key]) {
      const seen: Progress[] = [];
      const said: string[] = [];
      const logger = { debug: (m: string) => said.push(m), info: (m: string) => said.push(m) };
      await groth16.prove(zkey, files.wtns, logger, { onProgress: (progress) => seen.push(progress) });
      const fractions = seen.map(({ fraction }) => fraction);
      expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
      expect(fractions.at(-1)).toBe(1);
      expect(new Set(seen.map(({ phase }) => phase)).size).toBeGreaterThan(3);
      expect(said.join()).toContain('Proving');
      expect(said.join()).not.toMatch(/\d/);
    }
  });

  it('is cancelled at any step, and leaves no scalar behind', async () => {
    const { backend, alive } = await watched();
    const own = await loadProvingKey(files.zkey, { backend });
    const steps = new Set<string>();
    await groth16.prove(own, files.wtns, undefined, { onProgress: ({ phase }) => steps.add(phase) });
    expect(alive.size).toBe(0);
    for (const step of steps) {
      const controller = new AbortController();
      const running = groth16.prove(own, files.wtns, undefined, {
        signal: controller.signal,
        onProgress: ({ phase }) => {
          if (phase === step) controller.abort();
        },
      });
      expect(await refusal(running), step).toBeInstanceOf(AbortedError);
      expect(alive.size, step).toBe(0);
    }
    const aborted = { signal: AbortSignal.abort() };
    expect(await refusal(groth16.prove(own, files.wtns, undefined, aborted))).toBeInstanceOf(AbortedError);
    expect(await refusal(loadProvingKey(files.zkey, aborted))).toBeInstanceOf(AbortedError);
    own.dispose();
    expect(await refusal(groth16.prove(own, files.wtns))).toMatchObject({ code: 'DISPOSED' });
    await backend.dispose();
  });
});

describe('secrets', () => {
  it('leave linear memory when a proof is made', async () => {
    const memories: WebAssembly.Memory[] = [];
    const { Memory } = WebAssembly;
    WebAssembly.Memory = class extends Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        super(descriptor);
        memories.push(this);
      }
    };
    const backend = await createWasmBackend(BN254, { threads: 2 });
    WebAssembly.Memory = Memory;
    expect(memories.length).toBeGreaterThan(0);
    const own = await loadProvingKey(files.zkey, { backend });
    await groth16.prove(own, files.wtns);
    const secrets = files.wtns.subarray(files.wtns.length - 32 * 90);
    // What nobody clears is found there: points are no secret.
    const point = g1ToBytes(BN254, BN254.g1.BASE.multiply(12345n));
    (await backend.uploadG1(point)).dispose();
    expect(memories.some(({ buffer }) => Buffer.from(buffer).indexOf(point) >= 0)).toBe(true);
    for (const { buffer } of memories) {
      const whole = Buffer.from(buffer);
      for (let at = 0; at < secrets.length; at += 32) {
        expect(whole.indexOf(secrets.subarray(at, at + 32))).toBe(-1);
      }
    }
    own.dispose();
    await backend.dispose();
  });

  it('are overwritten in what was read from a file or computed, and kept where they are the caller’s', async () => {
    const own = Uint8Array.from(files.wtns);
    await groth16.prove(key, own);
    expect(own).toEqual(files.wtns);

    const lent: Uint8Array[] = [];
    const blob = new (class extends Blob {
      override get size(): number {
        return files.wtns.length;
      }
      override slice(start = 0, end = this.size): Blob {
        const bytes = files.wtns.slice(start, end);
        lent.push(bytes);
        return { arrayBuffer: async () => bytes.buffer } as Blob;
      }
    })();
    await groth16.prove(key, blob);
    expect(lent.at(-1)).toHaveLength(32 * files.witness.length);
    expect(lent.at(-1)?.every((byte) => byte === 0)).toBe(true);

    const values = files.wtns.slice(files.wtns.length - 32 * files.witness.length);
    const generator: WitnessGenerator = {
      calculate: async () => ({ curve: BN254, values }),
      dispose: async () => {},
    };
    const { proof, publicSignals } = await groth16.fullProve({}, generator, key);
    expect(await groth16.verify(vk, publicSignals, proof)).toBe(true);
    expect(values.every((byte) => byte === 0)).toBe(true);
  });
});

describe('groth16.verify', () => {
  it('says what snarkjs says of proofs that are altered', async () => {
    const { proof, publicSignals } = good;
    const outside = String(BN254.order + BigInt(publicSignals[0] as string));
    const cases: [string, unknown, string[], unknown][] = [
      ['as made', vk, publicSignals, proof],
      ['A and C exchanged', vk, publicSignals, { ...proof, pi_a: proof.pi_c, pi_c: proof.pi_a }],
      ['A off the curve', vk, publicSignals, { ...proof, pi_a: ['1', '3', '1'] }],
      ['A at infinity', vk, publicSignals, { ...proof, pi_a: ['0', '1', '0'] }],
      ['a signal changed', vk, publicSignals.with(0, '7'), proof],
      ['a signal not reduced', vk, publicSignals.with(0, outside), proof],
      ['too few signals', vk, publicSignals.slice(1), proof],
    ];
    for (const [what, someKey, signals, some] of cases) {
      const own = await groth16.verify(someKey as object, signals, some as object);
      expect(own, what).toBe(await peerVerify(someKey as object, signals, some as object));
      expect(own, what).toBe(what === 'as made');
    }
    expect(await groth16.verify(vk, [...publicSignals, '1'], proof)).toBe(false);
  });

  it('tells a logger why', async () => {
    const logger = { info: vi.fn(), error: vi.fn() };
    await groth16.verify(vk, good.publicSignals, good.proof, logger);
    expect(logger.info).toHaveBeenCalledWith('OK!');
    await groth16.verify(vk, good.publicSignals.with(0, '1'), good.proof, logger);
    expect(logger.error).toHaveBeenCalledWith('Invalid proof');
  });

  it('throws for what is no proof or no key', async () => {
    expect(await refusal(groth16.verify(vk, good.publicSignals, {}))).toMatchObject({ code: 'PROOF_FORMAT' });
    expect(await refusal(groth16.verify({}, good.publicSignals, good.proof))).toMatchObject({
      code: 'PROOF_FORMAT',
    });
    const plonk = { ...good.proof, protocol: 'plonk' };
    expect(await refusal(groth16.verify(vk, good.publicSignals, plonk))).toMatchObject({
      code: 'UNSUPPORTED_PROOF',
    });
  });
});

describe('proofs go on', () => {
  it('as the call data that snarkjs writes', async () => {
    const peer = snarkjs.groth16 as unknown as typeof groth16;
    const { proof, publicSignals } = good;
    expect(await groth16.exportSolidityCallData(proof, publicSignals)).toBe(
      await peer.exportSolidityCallData(proof, publicSignals),
    );
    expect(await groth16.exportSolidityCallData(proof, [])).toBe(
      await peer.exportSolidityCallData(proof, []),
    );
  });

  it('into a composite', async () => {
    const backend = await createBackend(BN254);
    const results = [good, await groth16.prove(key, files.wtns)];
    const members = results.map(({ proof, publicSignals }) =>
      fromSnarkjs({ proof, publicSignals, verificationKey: vk }),
    );
    const srs = await createDevSrs(backend, 2);
    const { bytes } = await aggregate(members, { srs, backend });
    const proven = await verify(bytes, { keys: [key.verificationKey], srs, backend });
    expect(proven).toMatchObject({ claims: [{}, {}] });
    await backend.dispose();
  });
});
