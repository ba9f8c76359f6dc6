import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DIAGNOSES } from '../lambda/diagnose/causes.ts';
import { CATALOG } from '../lambda/domain/catalog.ts';
import { ERRORS } from '../lambda/domain/causes/errors.ts';
import { SCRAPE_FAILURES } from '../lambda/domain/causes/scrape-failures.ts';
import { WARNINGS } from '../lambda/domain/causes/warnings.ts';
import { ROOT } from './support/documents.ts';
import { expectGeneratedBlock, markdownTable } from './support/generated-block.ts';

test('docs/metrics.md lists every metric', () => {
  const rows = CATALOG.map((row) => {
    const labels = 'labels' in row && row.labels.length > 0 ? ` {${row.labels.join(', ')}}` : '';
    const source = 'family' in row ? `\`${row.family}\`${labels}` : '';
    return [`\`${row.name}\``, row.unit, row.kind, row.meaning, source];
  });
  expectGeneratedBlock(
    'docs/metrics.md',
    'metrics',
    markdownTable(['metric', 'unit', 'kind', 'what it says', 'from'], rows),
  );
});

test('docs/troubleshooting.md lists every code', () => {
  const rows = [
    ...Object.entries(ERRORS).map(([code, cause]) => [code, 'invocation fails', cause] as const),
    ...Object.entries(SCRAPE_FAILURES).map(([code, cause]) => [code, 'pod not read', cause] as const),
    ...Object.entries(WARNINGS).map(([code, cause]) => [code, 'warning', cause] as const),
    ...Object.entries(DIAGNOSES).map(([code, cause]) => [code, 'diagnosis', cause] as const),
  ].map(([code, kind, { meaning, remedy }]) => [`\`${code}\``, kind, meaning, remedy]);
  expectGeneratedBlock(
    'docs/troubleshooting.md',
    'codes',
    markdownTable(['code', 'kind', 'what it means', 'what to do'], rows),
  );
});

test('the changelog begins with the version of package.json, its upgrade and its rollback', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const [, release = ''] = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8').split(/^(?=## )/m);
  expect(release).toMatch(new RegExp(`^## ${version} - \\d{4}-\\d\\d-\\d\\d\n`));
  expect(release).toMatch(/^### Upgrade\n[^#]*^### Rollback\n/m);
});

test('CONTRIBUTING.md gives a reason for every dependency', () => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  );
  const [, section = ''] = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8').split('## Dependencies');
  const named = new Set([...section.matchAll(/`([@a-z0-9/-]+)`/g)].map(([, name = '']) => name));
  const missing = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter(
    (name) => !named.has(name) && !named.has(name.replace('@aws-sdk/', '')),
  );
  expect(missing).toEqual([]);
});
