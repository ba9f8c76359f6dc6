import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './support/documents.ts';

/** Which files a file may import, by its place; packages and `node:` are judged by their specifier. */
const RULES: readonly { from: RegExp; may: RegExp }[] = [
  { from: /^lambda\/domain\//, may: /^lambda\/domain\// },
  { from: /^lambda\/(deadline|cluster-endpoint)\.ts$/, may: /^$/ },
  { from: /^lambda\/(errors|contract)\.ts$/, may: /^lambda\/domain\// },
  { from: /^lambda\/variable-parsers\.ts$/, may: /^lambda\/contract\.ts$|^node:crypto$/ },
  {
    from: /^lambda\/config\.ts$/,
    may: /^lambda\/(contract|variable-parsers|errors|cluster-endpoint|domain\/evidence)\.ts$/,
  },
  {
    from: /^lambda\/(collect|diagnose)\//,
    may: /^lambda\/(domain\/|collect\/|diagnose\/|(config|contract|errors|deadline|cluster-endpoint)\.ts$)/,
  },
  {
    from: /^lambda\/adapters\//,
    may: /^lambda\/(domain\/|adapters\/|(collect|diagnose)\/ports\.ts$|diagnose\/(causes|step-result)\.ts$|(contract|errors|deadline|cluster-endpoint)\.ts$)|^[@a-z][^.]*$/,
  },
  { from: /^lambda\/handler\.ts$/, may: /^lambda\/|^[@a-z][^.]*$/ },
  {
    from: /^lambda\/[a-z-]+\.ts$/,
    may: /^lambda\/(domain\/|collect\/|diagnose\/|[a-z-]+\.ts$)(?<!handler\.ts)/,
  },
  { from: /^infra\//, may: /^infra\/|^lambda\/contract\.ts$|^[@a-z][^.]*(\.json)?$/ },
  {
    // The page shows what the constructs make.
    from: /^local\/page\/deployment\.ts$/,
    may: /^infra\/(alarms\/alarms|dashboard\/dashboard)\.ts$|^local\/|^(node:|aws-cdk-lib)/,
  },
  { from: /^local\//, may: /^(local|lambda)\/|^[@a-z][^.]*$/ },
  {
    from: /^cli\//,
    may: /^(cli|local|lambda)\/(?!handler\.ts)|^infra\/configure\/configure\.ts$|^package\.json$|^[@a-z][^.]*$/,
  },
];

function imports(file: string): string[] {
  const source = readFileSync(join(ROOT, file), 'utf8');
  const specifiers = source.matchAll(/(?<!\.)(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g);
  return [...specifiers].map(([, specifier = '']) =>
    specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier,
  );
}

const files = globSync('{lambda,infra,local,cli}/**/*.ts', { cwd: ROOT }).map((file) => relative('.', file));

test.each(files)('%s imports only what its ring may', (file) => {
  const rule = RULES.find(({ from }) => from.test(file));
  expect(rule, 'a rule for this place').toBeDefined();
  expect(imports(file).filter((target) => !rule?.may.test(target))).toEqual([]);
});

test('no file imports itself by way of others', () => {
  const targets = new Map(files.map((file) => [file, imports(file)]));
  let left = files;
  let before = files.length + 1;
  // A file without imports among those left is in no circle.
  while (left.length < before) {
    before = left.length;
    const among = new Set(left);
    left = left.filter((file) => targets.get(file)?.some((target) => among.has(target)));
  }
  expect(left).toEqual([]);
});
