import { expect, test } from 'vitest';
import { failed, notNeeded, ok } from '../../../lambda/diagnose/step-result.ts';
import { all, NOTHING, Steps } from '../../../lambda/diagnose/steps.ts';
import { CollectorError, ScrapeError } from '../../../lambda/errors.ts';

const clock = { now: () => 0, elapsed: () => performance.now() };
const stepsOf = (remainingMs = 60_000) => new Steps(clock, () => remainingMs);
const told = (steps: Steps) => steps.all.map(({ ms: _, ...step }) => step);

test('a step that needs a failed one is skipped and names the one that failed, over any distance', async () => {
  const steps = stepsOf();
  const dns = await steps.take('dns', NOTHING, async () => failed('dns-unresolved', 'ENOTFOUND'));
  const tcp = await steps.take('tcp', dns, async () => ok('connected'));
  await steps.take('tls', tcp, async () => ok('shaken'));
  await steps.take('state', NOTHING, async () => ok('may be written'));
  expect(told(steps)).toEqual([
    {
      name: 'dns',
      status: 'failed',
      seen: 'ENOTFOUND',
      cause: expect.stringMatching(/^dns-unresolved: /),
      remedy: expect.stringContaining('endpointPrivateAccess=true'),
    },
    { name: 'tcp', status: 'skipped', seen: 'not tried: needs dns' },
    { name: 'tls', status: 'skipped', seen: 'not tried: needs dns' },
    { name: 'state', status: 'ok', seen: 'may be written' },
  ]);
});

test('a step that is not needed, or that failed but knows its value, holds up nothing', async () => {
  const steps = stepsOf();
  const given = await steps.take('describe-cluster', NOTHING, async () => notNeeded('is given', 'endpoint'));
  const clock = await steps.take('clock', NOTHING, async () => ({
    ...failed('clock-skewed', '6 min'),
    value: 6,
  }));
  const seen: unknown[] = [];
  await steps.take('authentication', all(given, clock), async (values) => {
    seen.push(values);
    return ok('known');
  });
  expect(seen).toEqual([['endpoint', 6]]);
});

test('the order is that of the path, whatever ends first', async () => {
  const steps = stepsOf();
  for (const name of ['ec2', 'pods', 'dns', 'configuration'] as const)
    await steps.take(name, NOTHING, async () => ok(''));
  expect(steps.all.map(({ name }) => name)).toEqual(['configuration', 'dns', 'pods', 'ec2']);
});

test.each([
  {
    thrown: new CollectorError('api-forbidden', 'answered 403', { remedy: 'Do this.' }),
    step: { seen: 'answered 403', cause: expect.stringMatching(/^api-forbidden: /), remedy: 'Do this.' },
  },
  {
    thrown: new ScrapeError('port-refused', 'connection refused'),
    step: { seen: 'connection refused', cause: expect.stringMatching(/^port-refused: /) },
  },
  {
    thrown: new TypeError('x is not a function'),
    step: { seen: 'TypeError: x is not a function', cause: expect.stringMatching(/^diagnosis-fault: /) },
  },
])('what a step throws is its failure: $thrown', async ({ thrown, step }) => {
  const steps = stepsOf();
  await steps.take('pods', NOTHING, async () => {
    throw thrown;
  });
  expect(steps.all).toEqual([expect.objectContaining({ name: 'pods', status: 'failed', ...step })]);
});

test.each([
  { left: 60_000, ms: 4_000, what: 'its limit' },
  { left: 8_300, ms: 4_000, what: 'its limit, which is half of what is left after the reserve' },
  { left: 2_300, ms: 1_000, what: 'half of what is left after the reserve' },
])('a step gets $what: $ms of $left ms', async ({ left, ms }) => {
  const slices: number[] = [];
  await stepsOf(left).take('dns', NOTHING, async (_, slice) => {
    slices.push(slice.ms);
    return ok('resolved');
  });
  expect(slices).toEqual([ms]);
});

test('steps that never end are given up, and each leaves half of the time to the next', async () => {
  let left = 700;
  const steps = new Steps(clock, () => left);
  const slices: number[] = [];
  for (const name of ['dns', 'tcp', 'tls'] as const)
    await steps.take(name, NOTHING, (_, { ms }) => {
      slices.push(ms);
      left -= ms;
      return new Promise(() => {});
    });
  expect(slices).toEqual([200, 100, 50]);
  expect(told(steps)).toEqual(
    ['dns', 'tcp', 'tls'].map((name) =>
      expect.objectContaining({ name, status: 'failed', cause: expect.stringMatching(/^step-unfinished: /) }),
    ),
  );
});

test('without time left a step fails at once instead of being tried', async () => {
  const steps = stepsOf(200);
  await steps.take('dns', NOTHING, async () => {
    throw new Error('was tried');
  });
  expect(told(steps)).toEqual([
    {
      name: 'dns',
      status: 'failed',
      seen: 'no time was left for it',
      cause: expect.stringMatching(/^step-unfinished: /),
      remedy: expect.stringContaining("Raise the function's timeout"),
    },
  ]);
});

test('a step is told when its time is over', async () => {
  const steps = stepsOf(400);
  await steps.take(
    'dns',
    NOTHING,
    (_, { signal }) =>
      new Promise((resolve) => {
        signal.onabort = () => resolve(failed('dns-silent', 'nothing came'));
      }),
  );
  expect(steps.all).toEqual([expect.objectContaining({ status: 'failed', seen: 'nothing came' })]);
});
