import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { ALARM_IDS, ALARMS } from '../infra/alarms/definitions.ts';
import { anchorsOf, documents, proseOf, ROOT } from './support/documents.ts';

const anchors = new Map(documents().map(({ file, text }) => [file, anchorsOf(text)]));

/** What is wrong with a link from a place to a path of the repository with an optional anchor. */
function faultOf(path: string, anchor: string | undefined): string | undefined {
  if (!existsSync(join(ROOT, path))) return 'no such file';
  return anchor === undefined || anchors.get(path)?.has(anchor) ? undefined : 'no such heading';
}

test.each([
  ['# A `b` C', ['a-b-c']],
  ['## Mapping: roles & users, 5.1', ['mapping-roles--users-51']],
  ['## Same\n## Same\n### Same', ['same', 'same-1', 'same-2']],
  ['```sh\n# no heading\n```\n## Heading', ['heading']],
])('the anchors of %j are those of GitHub', (text, expected) => {
  expect([...anchorsOf(text)]).toEqual(expected);
});

test('every link of a document to this repository leads to a file and a heading', () => {
  const links = documents().flatMap(({ file, text }) =>
    [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target))
      .map((target) => {
        const [path = '', anchor] = target.split('#');
        return { link: `${file}: ${target}`, path: path ? normalize(join(file, '..', path)) : file, anchor };
      }),
  );
  expect(links.length).toBeGreaterThan(100);
  expect(links.filter(({ path, anchor }) => faultOf(path, anchor)).map(({ link }) => link)).toEqual([]);
});

test('every document that code or a template names exists, with its heading', () => {
  const sources = globSync(['*/**/*.{ts,yaml,yml,json}', '.github/**/*.yml'], {
    cwd: ROOT,
    exclude: (path) => /(^|\/)(node_modules|dist|cdk\.out)$/.test(path),
  });
  const named = sources.flatMap((file) =>
    [
      ...readFileSync(join(ROOT, file), 'utf8').matchAll(/\b(?<!:\/\/\S*)(docs\/[\w-]+\.md)(?:#([\w-]+))?/g),
    ].map(([target, path = '', anchor]) => ({ link: `${file}: ${target}`, path, anchor })),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ path, anchor }) => faultOf(path, anchor)).map(({ link }) => link)).toEqual([]);
});

test('every alarm points to a heading of the runbook', () => {
  const missing = ALARM_IDS.filter((id) => faultOf('docs/runbook.md', ALARMS[id].runbook));
  expect(missing).toEqual([]);
});

test.each(['README.md', 'docs/README.md'])('%s leads to every page of docs', (index) => {
  const text = readFileSync(join(ROOT, index), 'utf8');
  const pages = globSync('docs/*.md', { cwd: ROOT }).filter((page) => page !== 'docs/README.md');
  const from = index.startsWith('docs/')
    ? (page: string) => page.slice('docs/'.length)
    : (page: string) => page;
  expect(pages.filter((page) => !text.includes(`](${from(page)})`))).toEqual([]);
});
