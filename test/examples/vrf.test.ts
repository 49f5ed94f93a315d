import { beforeAll, describe, expect, test } from 'vitest';
import { type CompiledCircuit, compiledCircuit, DEFAULT_CACHE } from '../../examples/lib/artefacts.ts';
import { vrf } from '../../examples/lib/circuits.ts';
import { Fp, mapToCurve, randomFieldElement } from '../../examples/lib/curve.ts';
import { DOMAIN, poseidon4 } from '../../examples/lib/poseidon.ts';
import { generateVrfSecret, type VrfRequest, vrfInstance, vrfInstances } from '../../examples/lib/vrf.ts';
import { expectRefused, expectSatisfied, witnessOf } from './witness.ts';

const REQUEST: VrfRequest = { consumer: 0xc0n, seed: 0x5eedn, requestId: 1n };

let circuit: CompiledCircuit;
beforeAll(async () => {
  circuit = await compiledCircuit(vrf, DEFAULT_CACHE);
});

describe('an honest draw', () => {
  test('is the same in and out of the circuit, for random and extreme secrets', async () => {
    const extremes = [0n, 1n, 2n ** 248n - 1n].map((secret) => vrfInstance(secret, REQUEST));
    for (const { inputs, publicSignals } of [...vrfInstances(2), ...extremes]) {
      expect(await expectSatisfied(circuit, inputs)).toEqual(Object.values(publicSignals));
    }
  });

  test('depends on the secret and on each part of the request', () => {
    const secret = generateVrfSecret();
    const draws = [
      vrfInstance(secret, REQUEST),
      vrfInstance(secret ^ 1n, REQUEST),
      vrfInstance(secret, { ...REQUEST, consumer: 0xc1n }),
      vrfInstance(secret, { ...REQUEST, seed: 0x5eeen }),
      vrfInstance(secret, { ...REQUEST, requestId: 2n }),
    ].map(({ publicSignals }) => publicSignals.randomness);
    expect(new Set(draws).size).toBe(draws.length);
    expect(vrfInstance(secret, REQUEST).publicSignals.randomness).toBe(draws[0]);
  });

  test('does not depend on the sign that the prover picks for the mapped point', async () => {
    const { inputs, publicSignals } = vrfInstance(generateVrfSecret(), REQUEST);
    const mapV = Fp.neg(inputs.mapV as bigint);
    expect(await expectSatisfied(circuit, { ...inputs, mapV })).toEqual(Object.values(publicSignals));
  });

  test('takes both branches of the map', () => {
    const branches = Array.from({ length: 64 }, () => mapToCurve(randomFieldElement()).takesFirst);
    expect(new Set(branches)).toEqual(new Set([true, false]));
  });
});

describe('a draw is refused', () => {
  test('for the other branch of the map, which has no root', async () => {
    for (const { inputs, publicSignals } of vrfInstances(4)) {
      const { publicKey, consumer, seed, requestId } = publicSignals as Record<string, bigint> & {
        publicKey: bigint;
        consumer: bigint;
        seed: bigint;
        requestId: bigint;
      };
      const r = poseidon4(DOMAIN.vrfInput, [publicKey, consumer, seed, requestId]);
      const mapTakesFirst = inputs.mapTakesFirst === 1n ? 0n : 1n;
      expect(squareIn(r, mapTakesFirst === 1n)).toBe(false);
      for (const mapV of [inputs.mapV as bigint, randomFieldElement()]) {
        await expectRefused(circuit, { ...inputs, mapTakesFirst, mapV }, 'OnCurve');
      }
    }
  });

  test('for a branch bit that is no bit and for a wrong root', async () => {
    const { inputs } = vrfInstance(generateVrfSecret(), REQUEST);
    await expectRefused(circuit, { ...inputs, mapTakesFirst: 2n }, 'MapToCurve');
    await expectRefused(circuit, { ...inputs, mapV: Fp.add(inputs.mapV as bigint, 1n) }, 'OnCurve');
  });

  test('for a secret of 2^248 or more', async () => {
    const { inputs } = vrfInstance(3n, REQUEST);
    await expectRefused(circuit, { ...inputs, secret: 3n + 2n ** 248n }, 'Bits');
    await expectRefused(circuit, { ...inputs, secret: Fp.ORDER - 1n }, 'Bits');
  });

  test('for another secret with the same map: key and point change with it', async () => {
    const secret = generateVrfSecret();
    const { inputs } = vrfInstance(secret, REQUEST);
    await expectRefused(circuit, { ...inputs, secret: secret ^ 1n });
  });

  test('for inputs that are missing or unknown', async () => {
    const { secret, ...rest } = vrfInstance(generateVrfSecret(), REQUEST).inputs;
    await expect(witnessOf(circuit, rest)).rejects.toThrow('Not all inputs');
    await expect(witnessOf(circuit, { ...rest, secret: secret as bigint, extra: 1n })).rejects.toThrow(
      'extra',
    );
  });
});

/** Whether the curve's equation has a root v at the candidate that was not to be taken. */
function squareIn(r: bigint, first: boolean): boolean {
  const A = 168698n;
  const u1 = Fp.div(Fp.neg(A), Fp.add(1n, Fp.mul(5n, Fp.sqr(r))));
  const u = first ? u1 : Fp.sub(Fp.neg(A), u1);
  const square = Fp.add(Fp.mul(Fp.mul(u, u), Fp.add(u, A)), u);
  return Fp.eql(Fp.pow(square, (Fp.ORDER - 1n) / 2n), 1n);
}
