import { COUNTERS } from '../../lambda/domain/catalog.ts';
import type { State } from '../../lambda/domain/state/state.ts';

/** State of three pods read and two waiting for their first reading; one of each kind is gone. */
export const someState = (time: number, events = 0): State => ({
  time,
  since: Date.UTC(2026, 0, 1),
  pods: new Map([
    ['aws-node-a', { last: reading(1_767_225_600.25, events), missingSince: time }],
    [
      'aws-node-b',
      {
        last: reading(Number.NaN, events),
        refusing: { since: Math.max(0, time - 60_000), cycles: 2 },
        restarts: [Math.max(0, time - 600_000), time],
      },
    ],
    ['aws-node-c', { last: 'baseline', unread: { since: Math.max(0, time - 120_000), cycles: 3 } }],
    ['aws-node-d', { last: 'whole', missingSince: time }],
    [
      'aws-node-e',
      { last: { ...reading(1_767_225_601, 0), latencies: [] }, unread: { since: time, cycles: 1 } },
    ],
  ]),
  subnets: new Map([
    [
      'subnet-a',
      {
        hours: [{ hour: Math.floor(time / 3_600_000), lowest: 40 }],
        days: [{ day: Math.floor(time / 86_400_000), lowest: 40 }],
        recent: [
          { time: Math.max(0, time - 60_000), free: 41 },
          { time, free: 40 },
        ],
        before: 50,
      },
    ],
    ['subnet-b', { hours: [], days: [], recent: [] }],
  ]),
});

const reading = (startTime: number, events: number) => ({
  startTime,
  counters: COUNTERS.map((_, position) => (position === 3 ? Number.NaN : position + events)),
  latencies: [
    { api: 'CreateTags', count: 3, sum: 1_234.5 },
    { api: '__proto__', count: 1, sum: 0 },
  ],
});
