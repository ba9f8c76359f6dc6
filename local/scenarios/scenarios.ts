import { HEALTHY, type Rates } from '../simulation/rates.ts';
import type { Scenario } from './scenario.ts';

/** The rates unless a scenario changes them: a healthy one, with a mix of nodes and waves of load. */
export const NORMAL_RATES: Readonly<Rates> = { ...HEALTHY, load: 'waves', prefixNodes: 0.25 };

const SMALL = 10;
const LARGE = 200;
/** How many nodes the subnets need room for, so that no scenario empties one that is not meant to. */
export const roomFor = (nodes: number): number => Math.max(2 * nodes, LARGE);

const nothing = () => () => undefined;
const forever = Number.POSITIVE_INFINITY;

export const SCENARIOS = {
  healthy: {
    title: 'Healthy day',
    about: 'Pods and nodes come and go. No alarm fires.',
    begin: nothing,
  },
  busy: {
    title: 'Busy day of a large cluster',
    about: `${LARGE} nodes, many of which come and go within hours, as their pods do. No alarm fires.`,
    begin: ({ fleet }) => {
      fleet.resize(Math.max(LARGE, fleet.nodes().length));
      Object.assign(fleet.rates, { podChurn: 0.1, nodeLifeMs: 8 * 3_600_000, refusedCalls: 0.003 });
      return () => undefined;
    },
  },
  subnetEmpty: {
    title: 'A subnet runs empty',
    about:
      'Another user of one subnet takes all its free addresses within an hour, while its nodes want more pods. Which alarm comes first?',
    begin: ({ fleet }) => {
      const [subnet] = fleet.subnets();
      for (const node of fleet.nodes()) if (node.subnet === subnet) node.burst = { pods: 20, until: forever };
      return (minutes) => subnet?.useByOthers(Math.ceil(subnet.usable * Math.min(1, minutes / 60)));
    },
  },
  slowLeak: {
    title: 'A slow leak of addresses',
    about:
      'Every two minutes a node is replaced, and its interfaces stay behind. After two hours unused they count as leaked.',
    begin: ({ fleet }) => {
      return (minutes) => {
        const [node] = fleet.nodes();
        if (minutes % 2 === 0 && node) fleet.leakInterfaces(node.pod);
      };
    },
  },
  fragmented: {
    title: 'Prefix fragmentation',
    about: 'Each free /28 block loses one address: addresses are left, but EC2 has no prefix to give.',
    begin: ({ fleet }) => {
      for (const node of fleet.nodes()) if (node.mode === 'prefix') node.burst = { pods: 60, until: forever };
      return () => {
        for (const subnet of fleet.subnets()) subnet.scatter();
      };
    },
  },
  nodeFull: {
    title: 'One node refuses pods',
    about:
      'More pods are scheduled on one node than its interfaces have addresses for, as with a wrong --max-pods.',
    begin: ({ fleet }) => {
      const [node] = fleet.nodes();
      if (node) node.excessPods = 250;
      return () => undefined;
    },
  },
  crashLoop: {
    title: 'ipamd crash loop on one node',
    about:
      'ipamd of one node restarts every minute. Counters stay exact: each process is counted separately.',
    begin: ({ fleet }) => {
      const pod = fleet.nodes()[0]?.pod ?? '';
      return (minutes) => {
        if (Number.isInteger(minutes) && fleet.find(pod)) fleet.restart(pod);
      };
    },
  },
  portClosed: {
    title: 'Port 61678 closed on some nodes',
    about:
      'The security group of every fourth node drops packets to the metrics port. All sums lack these nodes.',
    begin: ({ fleet, apiServer }) => {
      const closed = fleet.nodes().filter((_, index) => index % 4 === 0);
      return () => {
        for (const { pod } of closed) apiServer.faults.pods.set(pod, 'unreachable');
      };
    },
  },
  throttled: {
    title: 'EC2 throttles ipamd',
    about: 'EC2 refuses nearly all calls for their rate while pods come and go.',
    begin: ({ fleet }) => {
      fleet.rates.refusedCalls = 0.95;
      for (const node of fleet.nodes()) node.burst = { pods: 20, until: forever };
      return () => undefined;
    },
  },
  replacement: {
    title: 'Rolling replacement of all nodes',
    about: 'Every two minutes a node leaves and a new one joins, as in an upgrade of a node group.',
    begin: ({ fleet }) => {
      const old = fleet.nodes().map(({ pod }) => pod);
      return (minutes) => {
        const pod = minutes % 2 === 0 ? old.pop() : undefined;
        if (pod !== undefined && fleet.find(pod)) fleet.leave(pod);
      };
    },
  },
  scaleOut: {
    title: `Scale-out from ${SMALL} to ${LARGE} nodes`,
    about: `After ten minutes with ${SMALL} nodes, 20 join in each minute. Young nodes that do not serve yet fire no alarm.`,
    begin: ({ fleet }) => {
      fleet.resize(SMALL);
      return (minutes) => {
        if (minutes >= 10) fleet.resize(Math.min(LARGE, SMALL + 20 * Math.ceil(minutes - 10)));
      };
    },
  },
  notRunning: {
    title: 'The collector does not run',
    about: 'Its schedule is disabled. Graphs stop, and one alarm says so.',
    runs: false,
    begin: nothing,
  },
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;

export const isScenario = (name: string): name is ScenarioName => Object.hasOwn(SCENARIOS, name);
