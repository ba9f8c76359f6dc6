import type { Deadline } from '../deadline.ts';
import { holdingsOf, type Reservation } from '../domain/subnets/holdings.ts';
import { holdingsFromText, holdingsToText } from '../domain/subnets/holdings-text.ts';
import {
  currentAt,
  type KnownHoldings,
  leakedOf,
  unattachedSince,
} from '../domain/subnets/known-holdings.ts';
import { expectedError } from '../errors.ts';
import type {
  HoldingsCache,
  HoldingsInput,
  InterfaceReader,
  Lookup,
  SubnetReader,
  TextStore,
} from './ports.ts';

interface Parts {
  readonly clusterName: string;
  readonly reader: InterfaceReader;
  readonly subnets: SubnetReader;
  readonly store: TextStore;
}

const REFRESH_MS = 15 * 60_000;
const RESERVATIONS_MS = 60 * 60_000;
/** With less time nothing is started: the age of what is known grows instead. */
const MIN_MS = 3_000;

export function holdingsCache({ clusterName, reader, subnets: readSubnets, store }: Parts): HoldingsCache {
  let memory: KnownHoldings | undefined;
  /** When a refresh was last tried, so that a refusal of EC2 is not asked for in each cycle. */
  let tried = Number.NEGATIVE_INFINITY;

  async function load(now: number, deadline: Deadline): Promise<void> {
    const text = await store.load(deadline).catch(expectedError);
    const stored = typeof text === 'string' ? holdingsFromText(text, now) : undefined;
    if (stored && stored.at > (memory?.at ?? Number.NEGATIVE_INFINITY)) memory = stored;
  }

  const isDue = (now: number) => now - (memory?.at ?? Number.NEGATIVE_INFINITY) >= REFRESH_MS;

  async function reservationsOf(ids: readonly string[], now: number, deadline: Deadline) {
    const { reservations, reservationsAt } = memory ?? {
      reservations: [],
      reservationsAt: Number.NEGATIVE_INFINITY,
    };
    if (now - reservationsAt < RESERVATIONS_MS) return { found: reservations, at: reservationsAt };
    const seen: Lookup<readonly Reservation[]> = await reader.reservations(ids, deadline);
    return 'found' in seen ? { ...seen, at: now } : seen;
  }

  async function read(
    { subnets, podAddresses }: HoldingsInput,
    now: number,
    deadline: Deadline,
  ): Promise<Lookup<KnownHoldings>> {
    const ids = subnets.flatMap(({ id, cidr }) => (cidr === undefined ? [] : [id]));
    const reservations = await reservationsOf(ids, now, deadline);
    if ('warning' in reservations) return reservations;
    const interfaces = await reader.interfaces(ids, deadline);
    if ('warning' in interfaces) return interfaces;
    const after = await readSubnets(deadline);
    if (after.warning !== undefined) return { warning: after.warning };
    const before = new Map(subnets.map(({ id, available }) => [id, available]));
    const unattached = unattachedSince(interfaces.found, memory?.unattached ?? new Map(), now);
    const table = holdingsOf({
      clusterName,
      podAddresses,
      interfaces: interfaces.found,
      reservations: reservations.found,
      subnets: after.subnets.map((subnet) => ({
        ...subnet,
        availableBefore: before.get(subnet.id) ?? subnet.available,
      })),
      leaked: leakedOf(unattached, now),
    });
    return {
      found: {
        ...table,
        at: now,
        unattached,
        reservations: reservations.found,
        reservationsAt: reservations.at,
      },
    };
  }

  return {
    async known(now, deadline) {
      if (!memory) await load(now, deadline);
      return currentAt(memory, now);
    },

    async refresh(seen, now, deadline) {
      if (seen.subnets.length === 0 || !isDue(now) || now - tried < REFRESH_MS) return [];
      if (deadline.remainingMs < MIN_MS) return [];
      // Another function of this cluster may have read them meanwhile.
      await load(now, deadline);
      if (!isDue(now)) return [];
      tried = now;
      const holdings = await read(seen, now, deadline);
      if ('warning' in holdings) return [holdings.warning];
      memory = holdings.found;
      const failure = await store.store(holdingsToText(memory), deadline).catch(expectedError);
      return failure ? [failure.message] : [];
    },

    async read(seen, now, deadline) {
      // It says since when interfaces are unattached.
      await load(now, deadline);
      return read(seen, now, deadline);
    },
  };
}
