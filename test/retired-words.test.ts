import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './support/documents.ts';

/** One idea has one name. What it was called before, and what it is called now. */
const RETIRED: readonly [word: RegExp, now: string][] = [
  [/\b\w*(claimed|set)-?readings?\b|\breadingsStore\b|\breadings-(format|shape)\b/i, 'state'],
  [/\bclaim(State|Cycle|ed?Readings)\b/i, 'lease'],
  [/\bbudgetMs\b|\bSlice\b/, 'Deadline'],
  [/\b(ClusterAddress|ClusterIdentity)\b/, 'ClusterEndpoint'],
  [/\b(aws-fault\.ts|awsFault)\b/, 'aws-failure'],
  [/\bsilentLast\b|\bsilent lane\b/, 'unresponsive'],
  [/\bholdings-?book\b|\bkept-?text\b/i, 'holdings cache, text store'],
  [/\bpace\b|\bnoteStrain\b/i, 'concurrency limiter'],
  [/\bstrike-?tokens\b/i, 'redact'],
  [/\bsurroundings\b/i, 'probes'],
  [/\bequip(ment)?\b/i, 'composition'],
  [/\bbreakIn\b/, 'fault injection'],
  [/\bset aside\b/i, 'quarantine'],
  [/\bwishes\b/i, 'options'],
  [/\bworry\b/, 'warning, critical'],
  [/\bidlePods\b/, 'pods not running'],
  [/\b(Told|StoryHoldings|storyOf|run-story|Teller|loudAlarms(Of)?)\b/, 'simulation, message'],
  [/\b(isLoose|looseSince|leaveInterfaces)\b/, 'unattached, leaked'],
  [/\btells? the truth\b|\bthe same life\b|\bhears us\b/i, 'plain English'],
  [
    /catalogue|neighbour|labelled|synthesise|behaviour|colour|authoris|recognis|normalis|cancelled/i,
    'American spelling',
  ],
];

const files = globSync(
  '{*,.ci/*,.github/**/*,{cli,docs,examples,infra,lambda,local,test,tools}/**/*}.{md,ts,mjs,cjs,json,yaml,yml,go}',
  { cwd: ROOT, exclude: (path) => /(^|\/)(node_modules|dist|cdk\.out)$/.test(path) },
)
  // CHANGELOG.md gives the history of names; the lock file contains third-party text.
  .filter((file) => !/^CHANGELOG\.md$|^package-lock\.json$|retired-words\.test\.ts$/.test(file));

test('every folder has files that are checked', () => {
  for (const room of ['lambda', 'infra', 'local', 'cli', 'docs', 'test']) {
    expect(
      files.some((file) => file.startsWith(`${room}/`)),
      room,
    ).toBe(true);
  }
});

test.each(RETIRED)('nothing is called %s any more: it is %s', (word) => {
  const uses = files.flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .flatMap((line, index) => (word.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : [])),
  );
  expect(uses).toEqual([]);
});
