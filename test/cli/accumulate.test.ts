import { copyFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createWorkspace,
  falseMember,
  inProcess,
  keyJson,
  keys,
  memberJson,
  ndjson,
  outcomeOf,
  seen,
  sheaf,
  start,
  trueMember,
  type Workspace,
} from './workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace.remove());

function accumulate(journal: string, ...more: string[]): string[] {
  return ['accumulate', '--journal', workspace.at(journal), '--srs', workspace.srs, ...more];
}

interface Event {
  readonly event?: string;
  readonly [field: string]: unknown;
}

function events(stdout: string): Event[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const four = [trueMember(0, 0), trueMember(1, 0), trueMember(0, 1), trueMember(1, 1)];

describe('sheaf accumulate', () => {
  it('loses nothing acknowledged to kill -9, and closes to a valid composite', async () => {
    const child = start(accumulate('killed', '--json', '-'));
    const ended = outcomeOf(child);
    const acknowledged = seen(child.stdout, '"event":"acknowledged"', 2);
    child.stdin.on('error', () => {});
    child.stdin.write(ndjson(four.slice(0, 2)));
    await acknowledged;
    // Another one is on its way when the end comes.
    child.stdin.write(ndjson(four.slice(2, 3)));
    child.kill('SIGKILL');
    const killed = await ended;
    expect(killed.code).toBeNull();
    const before = events(killed.stdout).filter(({ event }) => event === 'acknowledged');
    expect(before.length).toBeGreaterThanOrEqual(2);

    const out = workspace.at('killed.sheaf');
    const again = await sheaf(
      accumulate('killed', '--json', '--skip-duplicates', '--close', out, '-'),
      ndjson(four),
    );
    expect(again.code).toBe(0);
    const [opened, ...rest] = events(again.stdout);
    const after = rest.slice(0, -1);
    expect(opened).toMatchObject({
      event: 'opened',
      capacity: 4,
      insecure: true,
      warnings: [expect.any(String)],
    });
    expect(opened?.proofs).toBeGreaterThanOrEqual(before.length);
    expect(after.map(({ event, slot }) => [event, slot])).toEqual(
      [0, 1, 2, 3].map((slot) => ['acknowledged', slot]),
    );
    for (const [i, { statement, slot }] of before.entries()) {
      expect(after[i]).toMatchObject({ statement, slot, duplicate: true });
    }
    expect(rest.at(-1)).toMatchObject({ event: 'closed', output: out, proofs: 4, insecure: true });

    const verified = await inProcess([
      'verify',
      out,
      '--srs',
      workspace.srs,
      '--keys',
      workspace.proofs,
      '--json',
    ]);
    expect(verified.code).toBe(0);
    expect(JSON.parse(verified.stdout).claims.map(({ inputs }: { inputs: string[] }) => inputs)).toEqual([
      ['1000', '2000'],
      ['3000'],
      ['1001', '2001'],
      ['3001'],
    ]);
  });

  it('acknowledges for people, one line a proof, and shows the journal without taking any', async () => {
    const taken = await inProcess(accumulate('plain', '--capacity', '2', workspace.at('proofs/circuit-0')));
    expect(taken.code).toBe(0);
    expect(taken.stdout).toMatch(
      /^.*plain: 0 of 2 slots taken\nslot 0 {2}snarkjs {2}statement [0-9a-f]{12}… {2}.*proof-0\.json\nslot 1 .*\n$/,
    );
    expect(taken.stderr).toMatch(/^sheaf: warning: INSECURE[^\n]*\n$/);
    const shown = await inProcess(accumulate('plain'));
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringMatching(/plain: 2 of 2 slots taken/) });
    const full = await inProcess(accumulate('plain', workspace.at('proofs/circuit-1')));
    expect(full.code).toBe(2);
    expect(full.stderr).toMatch(/proof-0\.json: .*\[CAPACITY\]/);
  });

  it('folds to the same bytes as aggregate', async () => {
    const [one, other] = [workspace.at('by-journal.sheaf'), workspace.at('at-once.sheaf')];
    const context = ['--context', '0102'];
    expect((await inProcess(accumulate('same', '--close', one, ...context, workspace.proofs))).code).toBe(0);
    const args = ['aggregate', workspace.proofs, '--srs', workspace.srs, '--capacity', '4', '-o', other];
    expect((await inProcess([...args, ...context])).code).toBe(0);
    expect(await readFile(one)).toEqual(await readFile(other));
  });

  it('takes keys from a line of their own', async () => {
    const table = `${JSON.stringify({ keys: { a: keyJson(keys[0]), b: keyJson(keys[1]) } })}\n`;
    const lines = four.map(
      (member, i) => `${JSON.stringify({ ...memberJson(member), key: i % 2 ? 'b' : 'a' })}\n`,
    );
    const { code, stdout } = await inProcess(accumulate('table', '--json', '-'), {
      input: [table, ...lines].join(''),
    });
    expect(code).toBe(0);
    expect(events(stdout).slice(1)).toMatchObject(four.map((_, slot) => ({ slot, file: '-', index: slot })));
  });

  it('stops at a false or broken proof, with those before it kept', async () => {
    for (const [bad, code] of [
      [ndjson([falseMember(1)]), 'FALSE_PROOF'],
      ['{"proof": 3}\n', 'PROOF_FORMAT'],
      ['{"proof"\n', 'PROOF_FORMAT'],
    ] as const) {
      const journal = `stops-${code}-${bad.length}`;
      const input = ndjson([four[0] as never]) + bad + ndjson([four[1] as never]);
      const outcome = await inProcess(accumulate(journal, '--json', '-'), { input });
      expect(outcome.code).toBe(2);
      expect(events(outcome.stdout).slice(1)).toMatchObject([
        { event: 'acknowledged', slot: 0 },
        { error: { code, context: { file: '-', index: 1 } } },
      ]);
      expect(events((await inProcess(accumulate(journal, '--json'))).stdout)).toMatchObject([{ proofs: 1 }]);
    }
  });

  it('goes on after a refused proof with --keep-going, and says so in the exit code', async () => {
    const input = `${ndjson([falseMember(0)])}{"proof": 3}\n${ndjson([four[0] as never])}`;
    const { code, stdout } = await inProcess(accumulate('going', '--json', '--keep-going', '-'), { input });
    expect(code).toBe(2);
    expect(events(stdout).slice(1)).toMatchObject([
      { event: 'refused', error: { code: 'FALSE_PROOF' } },
      { event: 'refused', error: { code: 'PROOF_FORMAT', context: { line: 2 } } },
      { event: 'acknowledged', slot: 0 },
    ]);
  });

  it('finds out at the end about false proofs that were vouched for', async () => {
    const args = accumulate('vouched', '--trusted', '--close', workspace.at('vouched.sheaf'), '-');
    const { code, stderr } = await inProcess(args, { input: ndjson([four[0] as never, falseMember(1)]) });
    expect(code).toBe(2);
    expect(stderr).toMatch(/\[FALSE_PROOF\]/);
    expect(await readdir(workspace.dir)).not.toContain('vouched.sheaf');
  });

  it('cuts off what a crash left half-written, and continues', async () => {
    await inProcess(accumulate('torn', '-'), { input: ndjson(four.slice(0, 2)) });
    const { size } = await stat(workspace.at('torn'));
    await truncate(workspace.at('torn'), size - 7);
    const { stdout } = await inProcess(accumulate('torn', '-'), { input: ndjson(four.slice(1, 2)) });
    expect(stdout).toMatch(
      /torn: 1 of 4 slots taken; \d+ bytes of an unfinished record were cut off\nslot 1 /,
    );
  });

  it('refuses a journal of another string or capacity, and says what is needed', async () => {
    await inProcess(accumulate('bound', '--capacity', '2'));
    const other = workspace.at('other.srs');
    await inProcess(['srs', 'dev', '--size', '4', '-o', other]);
    for (const args of [
      accumulate('bound', '--capacity', '4'),
      ['accumulate', '--journal', workspace.at('bound'), '--srs', other],
    ]) {
      const { code, stderr } = await inProcess(args);
      expect(code).toBe(2);
      expect(stderr).toMatch(/bound: .*belongs to another.*\[STORE\]\n {2}hint: .*--srs and --capacity/);
    }
  });

  it('leaves files alone that are no journal', async () => {
    await writeFile(workspace.at('notes'), 'precious notes');
    await copyFile(workspace.srs, workspace.at('copy.srs'));
    for (const name of ['notes', 'copy.srs']) {
      const before = await readFile(workspace.at(name));
      const { code, stderr } = await inProcess(accumulate(name));
      expect(code).toBe(2);
      expect(stderr).toMatch(/is no accumulator's journal.*\[STORE\]/);
      expect(await readFile(workspace.at(name))).toEqual(before);
    }
  });

  it('refuses a context without a close, an empty close, and a place that must not be overwritten', async () => {
    const cases: [string[], RegExp][] = [
      [['--context', '00'], /--context is bound when.*\[OPTION\]/],
      [['--close', workspace.at('empty.sheaf')], /empty.*\[CAPACITY\]/],
      [['--close', workspace.srs], /dev\.srs exists already.*\[OPTION\]/],
    ];
    for (const [more, message] of cases) {
      const { code, stderr } = await inProcess(accumulate('odd', ...more));
      expect(code).toBe(2);
      expect(stderr).toMatch(message);
    }
  });
});
