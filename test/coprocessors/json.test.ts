import { describe, expect, it } from 'vitest';
import { readBytes, readDigest, readFixedBytes } from '../../src/coprocessors/bytes-field.ts';
import { parseJson, pick, readInteger } from '../../src/coprocessors/json.ts';
import { ProofFormatError } from '../../src/errors.ts';

describe('integers', () => {
  it.each([
    ['0', 0n],
    [
      '21888242871839275222246405745257275088548364400416034343698204186575808495617',
      21888242871839275222246405745257275088548364400416034343698204186575808495617n,
    ],
    ['0x00ff', 255n],
    ['0XfF', 255n],
    [7, 7n],
    [Number.MAX_SAFE_INTEGER, 9007199254740991n],
    [5n, 5n],
  ])('%s is read', (text, value) => {
    expect(readInteger(text, 'Value')).toBe(value);
  });

  it.each([
    '',
    ' 1',
    '1 ',
    '+1',
    '-1',
    '1.0',
    '1e3',
    '0x',
    '0b1',
    '0o7',
    '01',
    '00',
    '1_000',
    '٣',
    'abc',
    '1'.repeat(300),
  ])('the string "%s" is refused', (text) => {
    expect(() => readInteger(text, 'Value')).toThrow(ProofFormatError);
  });

  it.each([
    -1,
    1.5,
    2 ** 53,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    undefined,
    true,
    [],
    ['1'],
    {},
    -1n,
  ])('%s is refused', (value) => {
    expect(() => readInteger(value, 'Value')).toThrow(ProofFormatError);
  });

  it('the message says how to mend numbers that lost digits and negative ones', () => {
    expect(() => readInteger(JSON.parse('12345678901234567890'), 'Input')).toThrow(/write it as a string/);
    expect(() => readInteger('-1', 'Input')).toThrow(/residue/);
  });
});

describe('bytes', () => {
  it('come from hexadecimal with and without 0x, and from arrays', () => {
    for (const value of ['0xff00', 'FF00', [255, 0], Uint8Array.of(255, 0)]) {
      expect([...readBytes(value, 'Value')]).toEqual([255, 0]);
    }
  });

  it.each(['0xf', 'zz', [256], [-1], [1.5], ['1'], 5, null, {}])('%j is refused', (value) => {
    expect(() => readBytes(value, 'Value')).toThrow(ProofFormatError);
  });

  it('of another length than asked for are refused', () => {
    expect(() => readFixedBytes('00', 2, 'Value')).toThrow(/expected 2 bytes, got 1/);
  });

  it('of a digest may be eight little-endian words', () => {
    const words = [1, 0, 0, 0, 0, 0, 0, 0x80000000];
    expect([...readDigest(words, 'Digest')]).toEqual([1, ...Array(30).fill(0), 128]);
    expect(() => readDigest([...words.slice(0, 7), 2 ** 32], 'Digest')).toThrow(ProofFormatError);
    expect(() => readDigest(words.slice(0, 7), 'Digest')).toThrow(ProofFormatError);
  });
});

describe('JSON', () => {
  it('that is nested absurdly deep is refused before it can exhaust the stack', () => {
    expect(() => parseJson('['.repeat(1_000_000), 'File')).toThrow(ProofFormatError);
    expect(() => parseJson(`${'['.repeat(65)}${']'.repeat(65)}`, 'File')).toThrow(/nested deeper/);
  });

  it('may hold brackets in strings', () => {
    const text = JSON.stringify({ a: `${'['.repeat(100)}"\\"`, b: ['\\'] });
    expect(parseJson(text, 'File')).toEqual(JSON.parse(text));
  });

  it('fields of one meaning must agree', () => {
    expect(pick({ a: ['1'], b: ['1'] }, ['a', 'b'])).toEqual({ name: 'a', value: ['1'] });
    expect(pick({ a: null, b: 2 }, ['a', 'b'])).toEqual({ name: 'b', value: 2 });
    expect(pick({}, ['a', 'constructor', '__proto__'])).toBeUndefined();
    expect(() => pick({ a: ['1'], b: ['2'] }, ['a', 'b'])).toThrow(ProofFormatError);
  });
});
