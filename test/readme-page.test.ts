import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CATALOG, type MetricName } from '../lambda/contract.ts';
import { ROOT } from './support/documents.ts';
import { expectGeneratedBlock, markdownTable } from './support/generated-block.ts';
import { runCli } from './support/run-cli.ts';

test('the README has at most 200 lines', () => {
  const lines = readFileSync(join(ROOT, 'README.md'), 'utf8').trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(200);
});

test('every measured figure has the command that gives it beside it', () => {
  const text = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const blocks = text
    .replaceAll(/^<!-- .* -->\n+/gm, '')
    // A fenced block is one block, whatever it contains.
    .replaceAll(/^```.*?^```$/gms, (fence) => fence.replaceAll(/\n+/g, '\n'))
    .split(/\n\n+/);
  const figures = blocks.flatMap((block, index) =>
    !block.startsWith('```') && /\$\d|\d (s|ms|GB|events)\b/.test(block)
      ? [{ block, beside: blocks.slice(Math.max(0, index - 1), index + 2).join('\n') }]
      : [],
  );
  expect(figures.length).toBeGreaterThan(2);
  const withoutCommand = figures.filter(({ beside }) => !/\b(npm|node) [a-z]/.test(beside));
  expect(withoutCommand.map(({ block }) => block)).toEqual([]);
});

/** The questions people come with, and the metric that answers each. */
const TEN: readonly MetricName[] = [
  'assignIPAddresses',
  'totalIPAddresses',
  'warmIPAddresses',
  'nodesWithoutWarmIPs',
  'nodeIPUtilization',
  'subnetAvailablePercentMin',
  'noAvailableIPAddresses',
  'insufficientIPErr',
  'awsAPIErr',
  'scrapedPods',
];

test('the README says what the ten metrics that matter mean', () => {
  const rows = TEN.map((name) => [`\`${name}\``, CATALOG.find((row) => row.name === name)?.meaning ?? '']);
  expectGeneratedBlock('README.md', 'ten', markdownTable(['metric', 'what it says'], rows));
});

/** The lines of the second cycle that the README shows. */
const SHOWN =
  /^(Cycle 2|Addresses|Events|Subnets|Coverage|Fullest)|^ +(assignIP|totalIPA|warmIP|nodeIPU|addReq|awsAPILatency|subnetAvailablePercentMin|scrapedPods)|^ +[█░]+/;

test('the README shows what the first command prints', async () => {
  const { code, stdout } = await runCli(['demo', '--once'], {});
  expect(code).toBe(0);
  const cycle = stdout.slice(stdout.indexOf('Cycle 2'));
  const lines = cycle
    .split('\n')
    .filter((line) => SHOWN.test(line))
    // The clock and the duration are another one in each run.
    .map((line) => line.replace(/\b\d\d:\d\d\b/, '15:01').replace(/(read {2}· {2})[\d,]+ ms/, '$172 ms'));
  expect(lines.length).toBeGreaterThan(15);
  expectGeneratedBlock('README.md', 'demo', `\`\`\`text\n${lines.join('\n')}\n\`\`\``);
});
