import { test } from 'vitest';
import { CATALOGUE } from '../lambda/domain/catalogue.ts';
import { ERRORS, SCRAPE_FAILURES, WARNINGS } from '../lambda/domain/causes.ts';
import { expectGeneratedBlock, markdownTable } from './support/generated-block.ts';

test('the README lists every metric', () => {
  const rows = CATALOGUE.map((row) => {
    const labels = 'labels' in row && row.labels.length > 0 ? ` {${row.labels.join(', ')}}` : '';
    const source = 'family' in row ? `\`${row.family}\`${labels}` : '';
    return [`\`${row.name}\``, row.unit, row.kind, row.meaning, source];
  });
  expectGeneratedBlock(
    'README.md',
    'metrics',
    markdownTable(['metric', 'unit', 'kind', 'what it says', 'from'], rows),
  );
});

test('the README lists every code', () => {
  const rows = [
    ...Object.entries(ERRORS).map(([code, cause]) => [code, 'invocation fails', cause] as const),
    ...Object.entries(SCRAPE_FAILURES).map(([code, cause]) => [code, 'pod not read', cause] as const),
    ...Object.entries(WARNINGS).map(([code, cause]) => [code, 'warning', cause] as const),
  ].map(([code, kind, { meaning, remedy }]) => [`\`${code}\``, kind, meaning, remedy]);
  expectGeneratedBlock(
    'README.md',
    'codes',
    markdownTable(['code', 'kind', 'what it means', 'what to do'], rows),
  );
});
