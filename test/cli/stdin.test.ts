import { describe, expect, it } from 'vitest';
import { abortable, readLines } from '../../src/cli/stdin.ts';
import { AbortedError } from '../../src/errors.ts';

const never = new AbortController().signal;

async function linesOf(...chunks: (string | Uint8Array)[]): Promise<[number, string][]> {
  const lines: [number, string][] = [];
  const open = async function* (): AsyncGenerator<string | Uint8Array> {
    yield* chunks;
  };
  for await (const { line, number } of readLines(open, never)) lines.push([number, line]);
  return lines;
}

describe('lines of standard input', () => {
  it('are found wherever the chunks are cut, even within a character', async () => {
    const bytes = new TextEncoder().encode('{"é":1}\r\n\n  \n{"b":2}');
    const expected = [
      [1, '{"é":1}'],
      [4, '{"b":2}'],
    ];
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(await linesOf(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(expected);
    }
    expect(await linesOf(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(expected);
  });

  it('come as soon as they are whole', async () => {
    const open = async function* (): AsyncGenerator<string> {
      yield 'a\nb';
      await new Promise(() => {});
    };
    const lines = readLines(open, never);
    expect((await lines.next()).value).toEqual({ line: 'a', number: 1 });
  });

  it('must be UTF-8', async () => {
    await expect(linesOf('a\n', Uint8Array.of(0xff, 0x0a))).rejects.toMatchObject({
      code: 'PROOF_FORMAT',
      context: { file: '-', line: 2 },
    });
    await expect(linesOf(Uint8Array.of(0xc3))).rejects.toMatchObject({ code: 'PROOF_FORMAT' });
  });

  it('end with AbortedError when the signal fires, though nothing more comes', async () => {
    const controller = new AbortController();
    const open = async function* (): AsyncGenerator<string> {
      yield 'a';
      await new Promise(() => {});
    };
    const chunks = abortable(open, controller.signal);
    await chunks.next();
    const waiting = chunks.next();
    controller.abort('reason');
    await expect(waiting).rejects.toThrow(AbortedError);
    await expect(abortable(open, controller.signal).next()).rejects.toThrow(AbortedError);
  });
});
