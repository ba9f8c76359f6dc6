import { expect, test } from 'vitest';
import { renderDiagnosis } from '../../../cli/terminal/diagnosis-table.ts';
import type { Step } from '../../../lambda/diagnose/steps.ts';

const SEEN = `401 for ${'arn:aws:sts::111122223333:assumed-role/cni/local'}; authentication mode API_AND_CONFIG_MAP`;
const STEPS: readonly Step[] = [
  {
    name: 'tls',
    status: 'ok',
    ms: 8,
    seen: 'TLSv1.3, h2; certificate of 127.0.0.1, valid until Nov 22 15:21:30 2027 GMT',
  },
  {
    name: 'authentication',
    status: 'failed',
    ms: 1640,
    seen: SEEN,
    cause: 'access-entry-missing: the API server does not accept the role of the function (401)',
    remedy: 'Run aws eks create-access-entry --cluster-name blue.',
  },
  { name: 'authorization', status: 'skipped', ms: 0, seen: 'not tried: needs authentication' },
];
const DIAGNOSIS = { healthy: false, steps: STEPS };

test('without a terminal, each text is on one line, whole', () => {
  expect(renderDiagnosis(DIAGNOSIS, Number.POSITIVE_INFINITY)).toBe(
    `  ✓ tls                 8 ms  TLSv1.3, h2; certificate of 127.0.0.1, valid until Nov 22 15:21:30 2027 GMT
  ✗ authentication   1640 ms  ${SEEN}
      cause   access-entry-missing: the API server does not accept the role of the function (401)
      remedy  Run aws eks create-access-entry --cluster-name blue.
  – authorization             not tried: needs authentication

Not healthy: 1 step failed
`,
  );
});

test('a terminal breaks the texts in their column', () => {
  expect(renderDiagnosis(DIAGNOSIS, 80)).toBe(
    `  ✓ tls                 8 ms  TLSv1.3, h2; certificate of 127.0.0.1, valid until
                              Nov 22 15:21:30 2027 GMT
  ✗ authentication   1640 ms  401 for
                              arn:aws:sts::111122223333:assumed-role/cni/local;
                              authentication mode API_AND_CONFIG_MAP
      cause   access-entry-missing: the API server does not accept the role of
              the function (401)
      remedy  Run aws eks create-access-entry --cluster-name blue.
  – authorization             not tried: needs authentication

Not healthy: 1 step failed
`,
  );
});

test('a narrow one gives them lines of their own', () => {
  expect(renderDiagnosis({ healthy: true, steps: STEPS.slice(0, 1) }, 60)).toBe(
    `  ✓ tls                 8 ms
      TLSv1.3, h2; certificate of 127.0.0.1, valid until Nov
      22 15:21:30 2027 GMT

Healthy
`,
  );
});
