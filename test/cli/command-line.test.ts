import { expect, test } from 'vitest';
import { renderUsage, UsageError } from '../../cli/command-line.ts';
import { COMMANDS } from '../../cli/commands.ts';
import { demoOptions } from '../../cli/demo.ts';
import { run } from '../../cli/run.ts';
import manifest from '../../package.json' with { type: 'json' };

const DEFAULTS = { once: false, json: false, nodes: 25, seed: 1, fail: 0, direct: false };

test.each([
  { args: [], options: { ...DEFAULTS, port: 8080 } },
  { args: ['--port', '9000'], options: { ...DEFAULTS, port: 9000 } },
  { args: ['--no-page'], options: DEFAULTS },
  { args: ['--once', '--json'], options: { ...DEFAULTS, once: true, json: true } },
  {
    args: ['--nodes', '5000', '--seed=0', '--fail', '100'],
    options: { ...DEFAULTS, nodes: 5000, seed: 0, fail: 100, port: 8080 },
  },
  { args: ['--direct'], options: { ...DEFAULTS, direct: true, port: 8080 } },
  { args: ['--break', 'dns'], options: { ...DEFAULTS, break: 'dns' } },
])('demo $args is understood', ({ args, options }) => {
  expect(demoOptions(args)).toEqual(options);
});

/** The exit code of a command line, and what it prints. */
async function ran(args: readonly string[]) {
  const texts = { stdout: '', stderr: '' };
  const into = (name: keyof typeof texts) => ({
    write: (text: string) => {
      texts[name] += text;
    },
  });
  return { code: await run(args, into('stdout'), into('stderr')), ...texts };
}

const HINT = '--help shows what is accepted.';

test.each([
  { args: ['demo', '--nodes', '0'], message: "--nodes takes a whole number from 1 to 10000, not '0'" },
  { args: ['demo', '--nodes', '1e3'], message: "--nodes takes a whole number from 1 to 10000, not '1e3'" },
  { args: ['demo', '--nodes'], message: "Option '--nodes <value>' argument missing" },
  { args: ['demo', '--seed', '-1'], message: "Option '--seed' argument is ambiguous" },
  { args: ['demo', '--fail', '5%'], message: "--fail takes a whole number from 0 to 100, not '5%'" },
  { args: ['demo', '--seed', ''], message: "--seed takes a whole number from 0 to 4294967295, not ''" },
  {
    args: ['demo', '--break', 'toString'],
    message: "--break takes one of the links that --help lists, not 'toString'",
  },
  { args: ['demo', '--once=yes'], message: "Option '--once' does not take an argument" },
  { args: ['demo', '--twice'], message: "Unknown option '--twice'" },
  { args: ['demo', 'now'], message: "Unexpected argument 'now'" },
  { args: ['watch'], message: '--context NAME is needed: the name of a context of the kubeconfig' },
  {
    args: ['watch', '--context='],
    message: '--context NAME is needed: the name of a context of the kubeconfig',
  },
  {
    args: ['watch', '--context', 'blue', '--every', '0'],
    message: "--every takes a whole number from 1 to 3600, not '0'",
  },
  {
    args: ['diagnose', '--json'],
    message: '--context NAME is needed: the name of a context of the kubeconfig',
  },
  { args: ['deploy'], message: "there is no command 'deploy'" },
  { args: ['toString'], message: "there is no command 'toString'" },
])('$args is refused in one sentence, with exit code 2', async ({ args, message }) => {
  expect(await ran(args)).toEqual({ code: 2, stdout: '', stderr: `eks-cni-metrics: ${message}. ${HINT}\n` });
});

test.each([[[]], [['--help']], [['-h']]])('%j lists the commands', async (args) => {
  const { code, stdout, stderr } = await ran(args);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^usage: eks-cni-metrics COMMAND \[options\]\n/);
  for (const name of Object.keys(COMMANDS)) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
});

test.each([
  { args: ['x\x9b31m'] },
  { args: ['watch', '--x\x9b31m'] },
  { args: ['demo', '--nodes', 'x\x9b31m'] },
])('$args is repeated in printable characters', async ({ args }) => {
  const { code, stderr } = await ran(args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(String.raw`x\u{9b}31m`)]);
});

test('--version prints the version', async () => {
  expect(await ran(['--version'])).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' });
});

test.each(Object.keys(COMMANDS))('%s --help shows its usage, whatever else is asked', async (name) => {
  for (const args of [['--help'], ['-h']]) {
    const { code, stdout, stderr } = await ran([name, ...args]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(name);
  }
});

test('a usage is as wide as the terminal, and breaks between words', async () => {
  const { usage } = await COMMANDS.demo.load();
  const lines = renderUsage(usage, 60).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
  expect(lines).toContain('  --break LINK    break one link of the path and let the');
  expect(lines).toContain('                  function diagnose it');
});

test('a command line error is an error of its own kind', () => {
  expect(() => demoOptions(['--nodes', '0'])).toThrow(UsageError);
});
