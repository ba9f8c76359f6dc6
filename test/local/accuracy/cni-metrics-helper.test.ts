import { expect, test } from 'vitest';
import { COUNTERS } from '../../../lambda/domain/catalog.ts';
import { createCniMetricsHelper } from '../../../local/accuracy/cni-metrics-helper.ts';

const ADDED = COUNTERS.findIndex(({ name }) => name === 'addReqCount');
const FAILED = COUNTERS.findIndex(({ name }) => name === 'ipamdErr');
const REFUSED = COUNTERS.findIndex(({ name }) => name === 'noAvailableIPAddresses');

/** A pod's totals; what is not given is not exposed. */
const pod = (addReqCount: number, ipamdErr = Number.NaN) =>
  COUNTERS.map((_, position) =>
    position === ADDED ? addReqCount : position === FAILED ? ipamdErr : Number.NaN,
  );

test('two idle nodes whose counters are 100 publish 100 in every poll', () => {
  const helper = createCniMetricsHelper();
  const polls = [1, 2, 3, 4].map(() => helper.poll([pod(100), pod(100)])[ADDED]);
  expect(polls).toEqual([100, 100, 100, 100]);
});

test('a single node is counted correctly, except for the first value and restarts', () => {
  const helper = createCniMetricsHelper();
  const polls = [100, 103, 103, 2].map((total) => helper.poll([pod(total)])[ADDED]);
  expect(polls).toEqual([100, 3, 0, 2]);
});

test('three nodes: each total is subtracted from the sum of the pods before it', () => {
  const helper = createCniMetricsHelper();
  // 10; 10 + 20 - 10 = 20; 20 + 30 - 30 = 20, remembered as 50.
  expect(helper.poll([pod(10), pod(20), pod(30)])[ADDED]).toBe(20);
  // 10 < 50: kept; 10 + 20 = 30 - 10; 20 + 30 = 50 - 30.
  expect(helper.poll([pod(10), pod(20), pod(30)])[ADDED]).toBe(20);
});

test('only families of the last pod that answered are published', () => {
  const helper = createCniMetricsHelper();
  expect(helper.poll([pod(1, 5), pod(1, 5), pod(1)])[FAILED]).toBeUndefined();
  // The pods before left a total of 10: 5 looks like a restart, and all of it is published.
  expect(helper.poll([pod(1), pod(1), pod(1, 5)])[FAILED]).toBe(5);
  expect(helper.poll([])).toEqual(COUNTERS.map(() => undefined));
});

test('counters that the helper has no metric for are not published', () => {
  const everything = COUNTERS.map(() => 1);
  expect(createCniMetricsHelper().poll([everything, everything, everything])[REFUSED]).toBeUndefined();
});
