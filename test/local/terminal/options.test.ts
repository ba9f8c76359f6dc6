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
  { args: ['--once=yes'], message: "Option '--once' does not take an argument" },
  { args: ['--twice'], message: "Unknown option '--twice'" },
  { args: ['now'], message: "Unexpected argument 'now'" },
])('$args is refused', ({ args, message }) => {
  expect(() => parseOptions(args)).toThrow(new UsageError(message));
});

test('the usage names every option', () => {
  for (const option of [...Object.keys(DEFAULTS), 'break']) expect(USAGE).toContain(`--${option}`);
});
