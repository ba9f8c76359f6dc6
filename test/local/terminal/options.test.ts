import { expect, test } from 'vitest';
import { parseOptions, USAGE, UsageError } from '../../../local/terminal/options.ts';

const DEFAULTS = { once: false, json: false, nodes: 25, seed: 1, fail: 0 };

test.each([
  { args: [], options: DEFAULTS },
  { args: ['--once', '--json'], options: { ...DEFAULTS, once: true, json: true } },
  {
    args: ['--nodes', '5000', '--seed=0', '--fail', '100'],
    options: { ...DEFAULTS, nodes: 5000, seed: 0, fail: 100 },
  },
  { args: ['--break', 'dns'], options: { ...DEFAULTS, break: 'dns' } },
  { args: ['--nodes', '1', '--help'], options: 'help' },
  { args: ['--context', 'blue'], options: { once: false, json: false, context: 'blue', everySeconds: 10 } },
  {
    args: ['--context=blue', '--every', '60', '--once', '--json'],
    options: { once: true, json: true, context: 'blue', everySeconds: 60 },
  },
])('$args is understood', ({ args, options }) => {
  expect(parseOptions(args)).toEqual(options);
});

test.each([
  { args: ['--nodes', '0'], message: "--nodes takes a whole number from 1 to 10000, not '0'" },
  { args: ['--nodes', '1e3'], message: "--nodes takes a whole number from 1 to 10000, not '1e3'" },
  { args: ['--nodes'], message: "Option '--nodes <value>' argument missing" },
  { args: ['--fail', '101'], message: "--fail takes a whole number from 0 to 100, not '101'" },
  { args: ['--fail', '5%'], message: "--fail takes a whole number from 0 to 100, not '5%'" },
  { args: ['--seed', ''], message: "--seed takes a whole number from 0 to 4294967295, not ''" },
  {
    args: ['--seed', '4294967296'],
    message: "--seed takes a whole number from 0 to 4294967295, not '4294967296'",
  },
  { args: ['--break', 'toString'], message: "--break takes one of the links below, not 'toString'" },
  {
    args: ['--context', 'blue', '--nodes', '25'],
    message: '--nodes shapes a simulated cluster, --context names a real one',
  },
  {
    args: ['--seed', '1', '--context', 'blue'],
    message: '--seed shapes a simulated cluster, --context names a real one',
  },
  {
    args: ['--context', 'blue', '--fail=0'],
    message: '--fail shapes a simulated cluster, --context names a real one',
  },
  {
    args: ['--context', 'blue', '--break', 'dns'],
    message: '--break shapes a simulated cluster, --context names a real one',
  },
  { args: ['--context='], message: '--context takes the name of a context of the kubeconfig' },
  {
    args: ['--context', 'blue', '--every', '0'],
    message: "--every takes a whole number from 1 to 3600, not '0'",
  },
  { args: ['--every', '60'], message: '--every needs --context: a simulated minute is always one' },
  { args: ['--once=yes'], message: "Option '--once' does not take an argument" },
  { args: ['--twice'], message: "Unknown option '--twice'" },
  { args: ['now'], message: "Unexpected argument 'now'" },
])('$args is refused', ({ args, message }) => {
  expect(() => parseOptions(args)).toThrow(new UsageError(message));
});

test('the usage names every option', () => {
  for (const option of [...Object.keys(DEFAULTS), 'break', 'context', 'every'])
    expect(USAGE).toContain(`--${option}`);
});
