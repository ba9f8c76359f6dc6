import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { entrySchema } from '../../infra/entry.ts';
import { settingsSchema } from '../../infra/schema/settings.ts';
import { ROOT } from '../support/documents.ts';

test('docs/settings.md lists every setting', () => {
  const text = readFileSync(join(ROOT, 'docs/settings.md'), 'utf8');
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
