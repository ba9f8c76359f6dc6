import { expect, test } from 'vitest';
import { type Clock, Deadline } from '../../../lambda/deadline.ts';
import { failed, notNeeded, ok } from '../../../lambda/diagnose/step-result.ts';
import { allOf, NO_INPUT, Steps } from '../../../lambda/diagnose/steps.ts';
import { CollectorError, ScrapeError } from '../../../lambda/errors.ts';

/** A clock that stands still until somebody moves it. */
function manualClock() {
  let now = 0;
  const clock: Clock = { now: () => now, elapsed: () => now, wait: () => new Promise(() => {}) };
  return {
    clock,
    advance: (ms: number) => {
      now += ms;
    },
  };
}

const stepsOf = (remainingMs = 60_000) => {
  const { clock } = manualClock();
  return new Steps(clock, Deadline.in(remainingMs, clock));
};
const told = (steps: Steps) => steps.all.map(({ ms: _, ...step }) => step);

test('a step that needs a failed one is skipped and names the one that failed, over any distance', async () => {
  const steps = stepsOf();
  const dns = await steps.run('dns', NO_INPUT, async () => failed('dns-unresolved', 'ENOTFOUND'));
  const tcp = await steps.run('tcp', dns, async () => ok('connected'));
  await steps.run('tls', tcp, async () => ok('shaken'));
  await steps.run('state', NO_INPUT, async () => ok('may be written'));
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

test('a step that is not needed, or that failed but knows its value, blocks no other', async () => {
  const steps = stepsOf();
  const given = await steps.run('describe-cluster', NO_INPUT, async () => notNeeded('is given', 'endpoint'));
  const skew = await steps.run('clock', NO_INPUT, async () => ({
    ...failed('clock-skewed', '6 min'),
    value: 6,
  }));
  const seen: unknown[] = [];
  await steps.run('authentication', allOf(given, skew), async (values) => {
    seen.push(values);
    return ok('known');
  });
  expect(seen).toEqual([['endpoint', 6]]);
});

test('the order is that of the path, whatever ends first', async () => {
  const steps = stepsOf();
  for (const name of ['ec2', 'pods', 'dns', 'configuration'] as const)
    await steps.run(name, NO_INPUT, async () => ok(''));
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
  await steps.run('pods', NO_INPUT, async () => {
    throw thrown;
  });
  expect(steps.all).toEqual([expect.objectContaining({ name: 'pods', status: 'failed', ...step })]);
});

test.each([
  { left: 60_000, ms: 4_000, what: 'its limit' },
  { left: 8_300, ms: 4_000, what: 'its limit, which is half of what is left after the reserve' },
  { left: 2_300, ms: 1_000, what: 'half of what is left after the reserve' },
])('a step gets $what: $ms of $left ms', async ({ left, ms }) => {
  const limits: number[] = [];
  await stepsOf(left).run('dns', NO_INPUT, async (_, deadline) => {
    limits.push(deadline.remainingMs);
    return ok('resolved');
  });
  expect(limits).toEqual([ms]);
});

test('steps that never end are abandoned, and each leaves half of the time to the next', async () => {
  const { clock, advance } = manualClock();
  const steps = new Steps(clock, Deadline.in(700, clock));
  const limits: number[] = [];
  for (const name of ['dns', 'tcp', 'tls'] as const)
    await steps.run(name, NO_INPUT, (_, { remainingMs }) => {
      limits.push(remainingMs);
      advance(remainingMs);
      return new Promise(() => {});
    });
  expect(limits).toEqual([200, 100, 50]);
  expect(told(steps)).toEqual(
    ['dns', 'tcp', 'tls'].map((name) =>
      expect.objectContaining({ name, status: 'failed', cause: expect.stringMatching(/^step-unfinished: /) }),
    ),
  );
});

test('without time left a step fails at once instead of being tried', async () => {
  const steps = stepsOf(200);
  await steps.run('dns', NO_INPUT, async () => {
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

test("a step's signal aborts when its time is over", async () => {
  const steps = stepsOf(400);
  await steps.run(
    'dns',
    NO_INPUT,
    (_, { signal }) =>
      new Promise((resolve) => {
        signal.onabort = () => resolve(failed('dns-silent', 'nothing came'));
      }),
  );
  expect(steps.all).toEqual([expect.objectContaining({ status: 'failed', seen: 'nothing came' })]);
});

test.each([
  ['api-unauthorized', /^Create an access entry /],
  ['access-entry-missing', /^Run aws eks create-access-entry --cluster-name prod /],
  ['access-config-map', /^Map arn to the group .* in the ConfigMap aws-auth/],
] as const)(
  '%s names every cause of a 401, the likelier first, and how to tell them apart',
  (code, first) => {
    const { cause, remedy } = failed(code, '401', { cluster: 'prod', role: 'arn' });
    expect(cause).toContain('(401)');
    expect(remedy).toMatch(first);
    expect(remedy).toMatch(/If the role is mapped, .*CLUSTER_NAME.*get-caller-identity.*authenticator/);
  },
);
