import { expect, test } from 'vitest';
import { publishedRunbook } from '../../infra/runbook.ts';

const PROJECT = 'https://github.com/owner/project.name/blob/HEAD/docs/runbook.md';

test.each([
  [undefined, undefined],
  ['', undefined],
  ['https://gitlab.com/owner/project', undefined],
  ['owner/project.name', PROJECT],
  ['github:owner/project.name', PROJECT],
  [{ type: 'git', url: 'git+https://github.com/owner/project.name.git' }, PROJECT],
  [{ url: 'https://github.com/owner/project.name' }, PROJECT],
])('the runbook of the repository %j is at %s', (repository, url) => {
  expect(publishedRunbook(repository)).toBe(url);
});
