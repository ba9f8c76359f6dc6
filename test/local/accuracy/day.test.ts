import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Day, simulateDay } from '../../../local/accuracy/day.ts';
import { ROOT } from '../../support/documents.ts';
import { expectGeneratedBlock, markdownTable } from '../../support/generated-block.ts';

describe('npm run accuracy: a day of 1,440 cycles on 200 nodes', () => {
  let day: Day;
  // In a process of its own: the test runner's module wrapping would double the time. Fails where it exits with 1.
  beforeAll(async () => {
    const command = [join(ROOT, 'local/accuracy/main.ts'), '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, command, { maxBuffer: 1 << 20 });
    day = JSON.parse(stdout);
  }, 180_000);

  test('contains every kind of fault', () => {
    const { lostIntervals, ...happened } = day.happened;
    expect(Object.entries(happened).filter(([, times]) => times === 0)).toEqual([]);
    expect(lostIntervals).toBe(0);
    expect(day.counters.filter(({ events }) => events === 0)).toEqual([]);
  });

  test('publishes every event once: no counter has an error', () => {
    const wrong = day.counters.filter(({ events, published, error }) => error !== 0 || published !== events);
    expect(wrong).toEqual([]);
  });

  test("is wrong by the rule of AWS's helper, in every counter", () => {
    const right = day.counters.filter(({ helperError }) => helperError === 0);
    expect(right).toEqual([]);
  });

  test('leaves only little unseen: what happened after the last reading of a process', () => {
    for (const { events, unseen } of day.counters) expect(unseen).toBeLessThan(0.05 * events + 1);
  });

  test('is the table of docs/accuracy.md', () => {
    const number = (value: number) => value.toLocaleString('en');
    const rows = day.counters.map(({ name, events, published, unseen, error, helperError }) => [
      `\`${name}\``,
      ...[events, published, unseen, error].map(number),
      helperError === null ? '' : number(helperError),
    ]);
    const head = ['counter', 'events', 'published', 'unseen', 'error', "error of AWS's helper"];
    expectGeneratedBlock('docs/accuracy.md', 'accuracy', markdownTable(head, rows));
  });
});

test('other days are exact too, and a day is deterministic for its seed', async () => {
  const days = [];
  for (const seed of [2, 3, 3]) days.push(await simulateDay({ cycles: 240, nodes: 6, seed }));
  expect(days[1]).toEqual(days[2]);
  expect(days.flatMap(({ counters }) => counters).filter(({ error }) => error !== 0)).toEqual([]);
});
