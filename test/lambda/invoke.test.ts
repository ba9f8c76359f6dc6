import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../lambda/config.ts';
import { failed } from '../../lambda/diagnose/step-result.ts';
import { ScrapeError } from '../../lambda/errors.ts';
import { createHandler, type Host } from '../../lambda/invoke.ts';
import { clusterOf, collectorOf, stillClock } from '../support/collector.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');

/** A function on a cluster of three pods, of which `refused` do not answer. */
function deployed({ env = {}, refused = [] as string[] }: { env?: Host['env']; refused?: string[] } = {}) {
  const lines: Record<string, unknown>[] = [];
  const times: number[] = [];
  let composed = 0;
  const text = 'awscni_assigned_ip_addresses 3\nawscni_total_ip_addresses 10\n';
  const answerOf = (name: string) =>
    refused.includes(name) ? new ScrapeError('port-refused', 'connection refused') : text;
  const collector = collectorOf({
    cluster: clusterOf(Object.fromEntries(['a', 'b', 'c'].map((name) => [name, answerOf(name)]))),
    sink: {
      name: 'notebook',
      publish: async (metrics, time) => {
        times.push(time);
        return { datums: metrics.length, requests: 1 };
      },
    },
    clock: stillClock(NOON),
    notices: [{ code: 'state-in-memory', message: 'STATE_BUCKET is not set' }],
  });
  const handler = createHandler(
    {
      env: { CLUSTER_NAME: 'prod', ...env },
      clock: collector.clock,
      write: (line) => {
        expect(line).toMatch(/^[^\n]*\n$/);
        lines.push(JSON.parse(line));
      },
    },
    () => {
      composed += 1;
      return async () => collector;
    },
    async ({ env, clock }) => ({
      config: () => parseConfig(env),
      credentials: async () => failed('credentials-missing', 'none'),
      probes: () => {
        throw new Error('nothing can be asked without credentials');
      },
      clock,
    }),
  );
  return { handler, lines, times, composed: () => composed };
}

const messages = (lines: readonly Record<string, unknown>[]) =>
  lines.map(({ level, message }) => `${level} ${message}`);

test('an invocation answers its report and logs it as one line', async () => {
  const { handler, lines } = deployed();
  const report = await handler({}, { awsRequestId: 'request-1' });
  expect(report).toMatchObject({ cluster: 'prod', pods: { found: 3, read: 3, failed: 0 } });
  expect(messages(lines)).toEqual(['WARN warning', 'INFO cycle']);
  expect(lines[1]).toEqual({
    timestamp: '2026-11-22T12:00:00.000Z',
    level: 'INFO',
    requestId: 'request-1',
    message: 'cycle',
    ...report,
  });
});

test('the scheduled time is the timestamp; without one it is now', async () => {
  const { handler, times } = deployed();
  await handler({ scheduledTime: '2026-11-22T11:59:00Z' });
  await handler();
  expect(times).toEqual([NOON - 60_000, NOON]);
});

test('expensive objects are created once', async () => {
  const { handler, composed } = deployed();
  await handler();
  await handler();
  await handler();
  expect(composed()).toBe(1);
});

describe('LOG_LEVEL', () => {
  test('debug adds a line for each metric', async () => {
    const { handler, lines } = deployed({ env: { LOG_LEVEL: 'debug' } });
    const { metrics } = await handler();
    expect(lines.filter(({ level }) => level === 'DEBUG').map(({ metric }) => metric)).toEqual(metrics);
  });

  test('error logs nothing about a good cycle', async () => {
    const { handler, lines } = deployed({ env: { LOG_LEVEL: 'error' } });
    await handler();
    expect(lines).toEqual([]);
  });
});

describe('an invocation fails', () => {
  test('where no pod could be read, after its report is logged', async () => {
    const { handler, lines } = deployed({ refused: ['a', 'b', 'c'] });
    await expect(handler()).rejects.toMatchObject({ name: 'CollectorError', code: 'no-pods-read' });
    expect(messages(lines)).toEqual(['WARN warning', 'WARN warning', 'INFO cycle', 'ERROR failure']);
    expect(lines[3]).toMatchObject({
      code: 'no-pods-read',
      error: expect.stringContaining(
        'none of 3 aws-node pods could be read: port-refused on 3 pods (a, b, c)',
      ),
      remedy: expect.stringContaining('DISABLE_METRICS'),
    });
  });

  test('where the event is not understood', async () => {
    const { handler, lines } = deployed();
    await expect(handler({ dry: true })).rejects.toMatchObject({ code: 'event-invalid' });
    expect(messages(lines)).toEqual(['ERROR failure']);
  });

  test('if the environment is wrong, each time and before anything is created', async () => {
    const { handler, lines, composed } = deployed({ env: { CLUSTER_NAME: '' } });
    await expect(handler()).rejects.toMatchObject({ code: 'config-invalid' });
    await expect(handler()).rejects.toMatchObject({ code: 'config-invalid' });
    expect(messages(lines)).toEqual(['ERROR failure', 'ERROR failure']);
    expect(composed()).toBe(0);
  });
});

describe('a diagnosis', () => {
  test('is answered and logged as one line, whatever is wrong with the environment', async () => {
    const { handler, lines, composed } = deployed({ env: { CLUSTER_NAME: '' } });
    const diagnosis = await handler({ diagnose: true });
    expect(diagnosis.healthy).toBe(false);
    expect(diagnosis.steps.slice(0, 2)).toEqual([
      {
        name: 'configuration',
        status: 'failed',
        ms: 0,
        seen: 'CLUSTER_NAME is "", but takes a value, or no such variable at all',
        cause: expect.stringMatching(/^config-invalid: /),
        remedy: expect.stringMatching(/^Correct the variables named/),
      },
      expect.objectContaining({ name: 'credentials', status: 'failed', seen: 'none' }),
    ]);
    expect(lines).toEqual([
      expect.objectContaining({ level: 'WARN', message: 'diagnosis', steps: diagnosis.steps }),
    ]);
    expect(composed()).toBe(0);
  });
});

describe('verbose', () => {
  test('adds a line a pod to the report, and none to the log', async () => {
    const { handler, lines } = deployed({ refused: ['b'] });
    const { podLines } = await handler({ verbose: true });
    expect(podLines).toEqual([
      'a on node-a: read, 3 of 10 addresses assigned',
      'b on node-b: port-refused: connection refused',
      'c on node-c: read, 3 of 10 addresses assigned',
    ]);
    expect(JSON.stringify(lines)).not.toContain('on node-a');
  });

  test('is off by default', async () => {
    const { handler } = deployed();
    expect(await handler()).not.toHaveProperty('podLines');
  });
});

test('a pod that fails costs its own numbers, and one warning a cause', async () => {
  const { handler, lines } = deployed({ refused: ['a', 'c'] });
  const report = await handler();
  expect(report.pods).toMatchObject({ found: 3, read: 1, failed: 2 });
  expect(lines.filter(({ level }) => level === 'WARN')).toHaveLength(2);
});
