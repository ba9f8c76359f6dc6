import { beforeAll, expect, test } from 'vitest';
import { COUNTERS } from '../../../lambda/domain/catalog.ts';
import { createCniMetricsHelper, HELPER_COUNTERS } from '../../../local/accuracy/cni-metrics-helper.ts';
import { documents } from '../../support/documents.ts';
import { expectGeneratedBlock, markdownTable } from '../../support/generated-block.ts';
import { startRealFunction } from '../function.ts';
import { startAwsHelper } from '../helper/aws-helper.ts';
import { startPutRecorder } from '../helper/put-recorder.ts';
import { applyEvents, eventsOf, familyTotal, POLLS, prepare, SCRIPT_PODS } from '../helper/script.ts';
import { createPod } from '../pods.ts';
import { describeReal } from '../suite.ts';

/** What both publish, as COUNTERS has it. */
const SHARED = HELPER_COUNTERS.flatMap((position) => COUNTERS[position] ?? []);

/** What the helper publishes differs from run to run. */
const withoutLastColumn = (text: string) => text.replaceAll(/\|[^|\n]*\|$/gm, '|');

describeReal("AWS's helper and this function on the same pods", (cluster) => {
  /** By counter, one value a poll. */
  const helper = new Map<string, readonly number[]>();
  const ours = new Map<string, number>();
  const restated: (readonly (number | undefined)[])[] = [];

  beforeAll(async () => {
    const { admin, ipamd } = cluster();
    await prepare(ipamd);
    for (const pod of SCRIPT_PODS) await createPod(admin, pod);
    await using recorder = await startPutRecorder();
    await using lambda = await startRealFunction(cluster());
    await using awsHelper = startAwsHelper(cluster(), recorder.url);
    const rule = createCniMetricsHelper();
    for (let poll = 0; poll < POLLS; poll += 1) {
      const answers = await awsHelper.poll();
      restated.push(
        rule.poll(answers.map((values) => COUNTERS.map(({ family }) => familyTotal(values, family)))),
      );
      const { metrics } = await lambda.cycle();
      for (const { name } of SHARED) {
        const metric = metrics.find((candidate) => candidate.name === name);
        ours.set(name, (ours.get(name) ?? 0) + (metric && 'value' in metric ? metric.value : 0));
      }
      await applyEvents(ipamd, poll);
    }
    const sent = () => SHARED.map(({ name }) => recorder.values.get(name) ?? []);
    await awsHelper.runUntil(() => sent().every(({ length }) => length >= POLLS));
    for (const [index, values] of sent().entries())
      helper.set(SHARED[index]?.name ?? '', values.slice(0, POLLS));
  });

  test('this function publishes every event once', () => {
    expect(Object.fromEntries(ours)).toEqual(
      Object.fromEntries(SHARED.map(({ name, family }) => [name, eventsOf(family)])),
    );
  });

  test('the table of the documents is what both published', () => {
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const number = (value: number) => value.toLocaleString('en');
    const rows = SHARED.map(
      ({ name, family }) =>
        [name, eventsOf(family), ours.get(name) ?? Number.NaN, sum(helper.get(name) ?? [])] as const,
    );
    const column = (index: 1 | 2 | 3) => sum(rows.map((row) => row[index]));
    const table = markdownTable(
      ['counter', 'events', 'this function', "AWS's helper"],
      [
        ...rows.map(([name, ...values]) => [`\`${name}\``, ...values.map(number)]),
        ['all', number(column(1)), number(column(2)), number(column(3))],
      ],
    );
    process.stdout.write(`${table}\n`);
    if (process.env.UPDATE_DOCS === '1') expectGeneratedBlock('docs/accuracy.md', 'helper', table);
    const document = documents().find(({ file }) => file === 'docs/accuracy.md');
    expect(withoutLastColumn(document?.text ?? '')).toContain(withoutLastColumn(table));
  });

  test("the restated rule publishes what AWS's helper does, poll by poll", () => {
    const rule = HELPER_COUNTERS.map((position) => restated.map((values) => values[position]));
    expect(Object.fromEntries(SHARED.map(({ name }, index) => [name, rule[index]]))).toEqual(
      Object.fromEntries(helper),
    );
  });
});
