import { describe, expect, test } from 'vitest';
import type { PageSource } from '../../../local/page/source.ts';
import { SCENARIOS, type ScenarioName } from '../../../local/scenarios/scenarios.ts';
import { runPage } from '../../support/page.ts';

interface Expected {
  /** Minutes that are lived. */
  readonly minutes: number;
  /** In the order in which they fire. */
  readonly fires: readonly string[];
  /** A day with the function has passed before. */
  readonly hasDay?: boolean;
}

const EXPECTED: Readonly<Record<ScenarioName, Expected>> = {
  healthy: { minutes: 60, fires: [] },
  busy: { minutes: 20, fires: [] },
  subnetEmpty: {
    minutes: 70,
    hasDay: true,
    fires: ['subnet-empty-soon'],
  },
  slowLeak: { minutes: 170, fires: ['addresses-leaked'] },
  fragmented: { minutes: 45, fires: ['nodes-refusing-pods', 'subnet-fragmented'] },
  nodeFull: { minutes: 25, fires: ['nodes-refusing-pods'] },
  crashLoop: { minutes: 10, fires: ['nodes-restarting'] },
  portClosed: { minutes: 8, fires: ['nodes-unread'] },
  throttled: { minutes: 15, fires: ['aws-api-errors', 'nodes-refusing-pods'] },
  replacement: { minutes: 30, fires: [] },
  scaleOut: { minutes: 25, fires: [] },
  notRunning: { minutes: 10, fires: ['heartbeat'] },
};

describe('the alarms of each scenario, in their order', () => {
  test.each(Object.entries(EXPECTED))(
    '%s',
    { timeout: 120_000 },
    async (name, { minutes, fires, hasDay = false }) => {
      const running = await runPage(12, Date.UTC(2026, 10, 22, 12));
      try {
        if (hasDay) await running.liveADay();
        await running.live(5);
        running.page.scenario.choose(name as ScenarioName);
        await running.live(minutes);
        expect(firedAlarms(running.page.runs.source())).toEqual(fires);
      } finally {
        await running.close();
      }
    },
  );
});

function firedAlarms({ deployment, alarms }: PageSource) {
  const fired = deployment.alarms.flatMap(({ name }) => {
    const first = alarms
      .changes()
      .get(name)
      ?.find(({ state }) => state === 'ALARM');
    return first ? [{ name: name.replace('cni-embedded-', ''), time: first.time }] : [];
  });
  return fired.sort((a, b) => a.time - b.time).map(({ name }) => name);
}

test('a scenario ends with the next one: load, rates and size are usual again', async () => {
  const running = await runPage(12, Date.UTC(2026, 10, 22, 12));
  const { scenario } = running.page;
  const { fleet } = running.cluster;
  try {
    const usual = { ...fleet.rates };
    for (const name of Object.keys(SCENARIOS) as ScenarioName[]) {
      scenario.choose(name);
      scenario.advance();
    }
    scenario.choose('healthy');
    scenario.advance();
    expect(fleet.rates).toEqual(usual);
    expect(fleet.nodes().length).toBe(12);
    expect(fleet.nodes().every(({ burst, excessPods }) => burst.pods === 0 && excessPods === 0)).toBe(true);
    expect(running.cluster.apiServer.faults.pods.size).toBe(0);
    expect(scenario.begun.map(({ title }) => title)).toEqual([
      ...Object.values(SCENARIOS).map(({ title }) => title),
      'Healthy day',
    ]);
  } finally {
    await running.close();
  }
});
