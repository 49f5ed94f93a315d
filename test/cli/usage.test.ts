import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inProcess, sheaf } from './workspace.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

const commands = [
  ['prove'],
  ['verify-groth16'],
  ['aggregate'],
  ['verify'],
  ['inspect'],
  ['accumulate'],
  ['keys'],
  ['devices'],
  ['srs', 'dev'],
  ['srs', 'import'],
  ['srs', 'contribute'],
  ['srs', 'verifier'],
  ['srs', 'info'],
];

describe('usage', () => {
  it('prints the version and the help as a process, on stdout, with exit code 0', async () => {
    expect(await sheaf(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    const help = await sheaf(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const [command] of commands) expect(help.stdout).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
    expect(help.stdout).toMatch(/130 +interrupted/);
  });

  it.each(commands.map((command) => [command.join(' '), command] as const))(
    'has a help with examples for: %s',
    async (_, command) => {
      const { code, stdout, stderr } = await inProcess([...command, '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`Usage: sheaf ${command.join(' ')}`);
      expect(stdout).toContain('--json');
      expect(stdout).toMatch(/\n {2}\$ sheaf /);
    },
  );

  it('exits with 2 as a process and says on stderr alone how to go on', async () => {
    const { code, stdout, stderr } = await sheaf(['verfy']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/sheaf: error: unknown command 'verfy'/);
    expect(stderr).toMatch(/Did you mean verify/);
  });

  const wrong: [string, string[], RegExp][] = [
    ['no command', [], /Usage: sheaf/],
    ['a group without a command', ['srs'], /Usage: sheaf srs/],
    ['a missing option', ['verify', 'x.sheaf'], /--srs <file>/],
    ['an unknown option', ['inspect', 'x.sheaf', '--nope'], /unknown option '--nope'/],
    ['an argument too many', ['inspect', 'a', 'b'], /too many arguments/],
    ['a size that is no number', ['srs', 'dev', '--size', '4k', '-o', 'x'], /whole number/],
    ['a size of 0', ['srs', 'dev', '--size', '0', '-o', 'x'], /whole number/],
    [
      'an unknown system',
      ['aggregate', 'x', '--srs', 's', '-o', 'o', '--from', 'zk9'],
      /Allowed choices are auto/,
    ],
    ['an unknown backend', ['verify', 'x', '--srs', 's', '--backend', 'abacus'], /Allowed choices are auto/],
    [
      'RISC Zero parameters without a colon',
      ['aggregate', 'x', '--srs', 's', '-o', 'o', '--risc0-parameters', '00'],
      /64 hexadecimal digits/,
    ],
  ];

  it.each(wrong)('refuses %s', async (_, args, message) => {
    const { code, stdout, stderr } = await inProcess(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it.each(wrong.slice(2))('refuses %s, as one JSON object when asked for', async (_, args, message) => {
    const { code, stdout, stderr } = await inProcess([...args, '--json']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(stdout).toMatch(/^[^\n]+\n$/);
    const { error } = JSON.parse(stdout);
    expect(error).toEqual({
      code: 'USAGE',
      message: expect.stringMatching(message),
      context: { reason: expect.stringMatching(/^commander\./) },
    });
  });

  it('lists the built-in keys', async () => {
    const { code, stdout, stderr } = await inProcess(['keys', '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { keys } = JSON.parse(stdout);
    expect(keys.map(({ system }: { system: string }) => system)).toEqual(
      expect.arrayContaining(['risc0', 'sp1']),
    );
    for (const key of keys) {
      expect(key).toEqual({
        name: expect.stringMatching(/^builtin:/),
        system: expect.any(String),
        curve: 'bn254',
        inputs: expect.any(Number),
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        releases: expect.arrayContaining([
          { selector: expect.stringMatching(/^[0-9a-f]{8}$/), version: expect.any(String) },
        ]),
      });
    }
    const human = await inProcess(['keys']);
    for (const { name, digest } of keys) {
      expect(human.stdout).toContain(name);
      expect(human.stdout).toContain(digest);
    }
  });
});
