import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLS12_381, BN254, CURVES } from '../../src/curve/curve.ts';
import { Transcript } from '../../src/recursion/transcript.ts';

/** What is done to a transcript: a message bound under a label, or a challenge drawn under one. */
type Step = { readonly label: string; readonly message?: Uint8Array };

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** The challenges after `steps`, straight from the description of the transcript. */
function challengesByDescription(domain: string, steps: readonly Step[], order: bigint): bigint[] {
  const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => {
    const hash = createHash('sha256');
    for (const bytes of parts) hash.update(bytes);
    return new Uint8Array(hash.digest());
  };
  const length = (bytes: Uint8Array): Uint8Array => {
    const out = Buffer.alloc(8);
    out.writeBigUInt64LE(BigInt(bytes.length));
    return out;
  };
  const challenges: bigint[] = [];
  let state = sha256(Uint8Array.of(0), length(text(domain)), text(domain));
  for (const { label, message } of steps) {
    const name = text(label);
    if (message) {
      state = sha256(Uint8Array.of(1), state, length(name), name, length(message), message);
      continue;
    }
    state = sha256(Uint8Array.of(2), state, length(name), name);
    const wide = Buffer.concat([sha256(Uint8Array.of(3), state), sha256(Uint8Array.of(4), state)]);
    challenges.push(1n + (BigInt(`0x${wide.toString('hex')}`) % (order - 1n)));
  }
  return challenges;
}

function challengesOf(domain: string, steps: readonly Step[], order: bigint): bigint[] {
  const transcript = new Transcript(domain);
  return steps.flatMap(({ label, message }) => {
    if (!message) return [transcript.challenge(label, order)];
    transcript.absorb(label, message);
    return [];
  });
}

const label = fc.string({ unit: 'binary', maxLength: 12 });
const absorption = fc.record({ label, message: fc.uint8Array({ maxLength: 80 }) });
const steps = fc.array(fc.oneof(absorption, fc.record({ label })), { maxLength: 12 });
const order = fc.constantFrom(...CURVES.map((curve) => curve.order), 1n << 128n, 3n);

describe('the transcript', () => {
  it('follows its description', () => {
    fc.assert(
      fc.property(label, steps, order, (domain, taken, modulus) => {
        expect(challengesOf(domain, taken, modulus)).toEqual(challengesByDescription(domain, taken, modulus));
      }),
    );
  });

  it.each([
    {
      title: 'nothing bound',
      steps: [{ label: 'r' }],
      bn254: ['2fc1c9d70a88cdd5c020522c6d2751b3dd729ff424ab52230f07e2b2bd6e3619'],
      bls: ['5c1506b01caff39750b4b2f126f9b976cc40f17ccdffc92bbc95fbd56d6e3619'],
    },
    {
      title: 'two messages, then two challenges',
      steps: [
        { label: 'header', message: Uint8Array.of(1, 2, 3) },
        { label: 'context', message: new Uint8Array(0) },
        { label: 'r' },
        { label: 'x' },
      ],
      bn254: [
        '29030d78a03da4d495594230345c6b34fa54d3ea7af22025e00a11e183590877',
        '2a84885d9241ed2e9814194676988a5ddd9d8641fb6e01d1b143b092d96ca582',
      ],
      bls: [
        '28dd27ee024a58170e23935ec83b7b055e5826a1deb31b93646f070bd3590877',
        '3e6e6f30a2ff4a452d26dcdd5bfd8d29a3d967124cb3925d7c196079696ca582',
      ],
    },
  ])('has not changed: $title', ({ steps: taken, bn254, bls }) => {
    const domain = 'sheaf/composite/snarkpack/1';
    for (const [curve, expected] of [
      [BN254, bn254],
      [BLS12_381, bls],
    ] as const) {
      expect(challengesOf(domain, taken, curve.order).map((value) => value.toString(16))).toEqual(expected);
      expect(challengesByDescription(domain, taken, curve.order).map((value) => value.toString(16))).toEqual(
        expected,
      );
    }
  });

  it('draws from 1 up to, not including, the order', () => {
    const one = new Transcript('range');
    for (let i = 0; i < 20; i++) expect(one.challenge('x', 2n)).toBe(1n);
    const three = new Transcript('range');
    const seen = new Set(Array.from({ length: 60 }, () => three.challenge('x', 4n)));
    expect([...seen].sort()).toEqual([1n, 2n, 3n]);
  });

  it('lets every message, label and earlier challenge into all later challenges and no earlier one', () => {
    const drawn = fc.record({
      before: steps,
      changed: absorption,
      after: steps,
      bit: fc.nat(),
    });
    fc.assert(
      fc.property(drawn, ({ before, changed, after, bit }) => {
        const { message } = changed;
        const other =
          message.length === 0
            ? Uint8Array.of(0)
            : message.map((byte, i) => (i === bit % message.length ? byte ^ (1 << (bit % 8)) : byte));
        const tail = [...after, { label: 'last' }];
        const run = (own: readonly Step[]): bigint[] =>
          challengesOf('domain', [...before, ...own, ...tail], BN254.order);
        const drawnBefore = before.filter((step) => !('message' in step)).length;
        const original = run([changed]);
        const variants = [
          run([{ ...changed, message: other }]),
          run([{ ...changed, label: `${changed.label}'` }]),
          run([changed, { label: '', message: new Uint8Array(0) }]),
          run([]),
        ];
        for (const variant of variants) {
          expect(variant.slice(0, drawnBefore)).toEqual(original.slice(0, drawnBefore));
          for (let i = drawnBefore; i < original.length; i++) expect(variant[i]).not.toBe(original[i]);
        }
        // A challenge more in between changes those after it.
        const withChallenge = run([changed, { label: 'more' }]).slice(drawnBefore + 1);
        for (const [i, value] of withChallenge.entries()) expect(value).not.toBe(original[drawnBefore + i]);
      }),
    );
  });

  it('does not confuse what stands where', () => {
    const pairs: readonly [readonly Step[], readonly Step[]][] = [
      [[{ label: 'ab', message: text('c') }], [{ label: 'a', message: text('bc') }]],
      [[{ label: '', message: text('ab') }], [{ label: 'ab', message: text('') }]],
      [
        [
          { label: 'a', message: text('x') },
          { label: 'a', message: text('y') },
        ],
        [{ label: 'a', message: text('xy') }],
      ],
      [[{ label: 'a', message: text('') }], []],
      [[{ label: 'a', message: text('\0') }], [{ label: 'a\0', message: text('') }]],
      [[{ label: 'a', message: text('') }], [{ label: 'a' }]],
      [
        [
          { label: 'a', message: text('x') },
          { label: 'b', message: text('y') },
        ],
        [
          { label: 'b', message: text('y') },
          { label: 'a', message: text('x') },
        ],
      ],
    ];
    for (const [first, second] of pairs) {
      const last = (own: readonly Step[]): bigint | undefined =>
        challengesOf('domain', [...own, { label: 'r' }], BN254.order).at(-1);
      expect(last(first)).not.toBe(last(second));
    }
    const under = (domain: string): bigint[] => challengesOf(domain, [{ label: 'r' }], BN254.order);
    expect(under('domain')).not.toEqual(under('domain '));
  });

  it('copies what it binds: a message changed afterwards changes nothing', () => {
    const message = Uint8Array.of(1, 2, 3);
    const transcript = new Transcript('domain');
    transcript.absorb('a', message);
    message.fill(9);
    const expected = challengesOf(
      'domain',
      [{ label: 'a', message: Uint8Array.of(1, 2, 3) }, { label: 'r' }],
      1n << 128n,
    );
    expect([transcript.challenge('r', 1n << 128n)]).toEqual(expected);
  });
});
