import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { entrySchema } from '../../infra/entry.ts';
import { DEFAULT_MEMORY_MB, DEFAULT_TIMEOUT_SECONDS } from '../../infra/function.ts';
import { settingsSchema } from '../../infra/schema/settings.ts';
import { SCRAPE_CONCURRENCY, SCRAPE_TIMEOUT_MS } from '../../lambda/contract.ts';
import { ROOT } from '../support/documents.ts';

const text = readFileSync(join(ROOT, 'docs/settings.md'), 'utf8');

test('docs/settings.md lists every setting', () => {
  const named = new Set([...text.matchAll(/`([\w.]+)`/g)].map(([, name = '']) => name));
  const { cluster, function: sizes, state } = entrySchema.shape;
  const settings = [
    ...Object.keys(entrySchema.shape).filter(
      (name) => !['cluster', 'function', 'state', 'settings'].includes(name),
    ),
    ...Object.keys(cluster.shape).map((name) => `cluster.${name}`),
    ...Object.keys(sizes.unwrap().shape).map((name) => `function.${name}`),
    ...Object.keys(state.unwrap().shape).map((name) => `state.${name}`),
    ...Object.keys(settingsSchema.shape),
  ];
  expect(settings.length).toBeGreaterThan(25);
  expect(settings.filter((name) => !named.has(name))).toEqual([]);
});

test.each([
  ['SCRAPE_TIMEOUT_MS', SCRAPE_TIMEOUT_MS.default, `at most ${SCRAPE_TIMEOUT_MS.most}`],
  [
    'SCRAPE_CONCURRENCY',
    SCRAPE_CONCURRENCY.default,
    `${SCRAPE_CONCURRENCY.least} to ${SCRAPE_CONCURRENCY.most}`,
  ],
  ['function.memoryMb', DEFAULT_MEMORY_MB, ''],
  ['function.timeoutSeconds', DEFAULT_TIMEOUT_SECONDS, ''],
])('docs/settings.md names the default and the limits of %s', (name, value, limits) => {
  const row = text.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
  expect(row?.split(' | ')).toEqual([expect.anything(), String(value), expect.stringContaining(limits)]);
});
