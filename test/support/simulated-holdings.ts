import { holdingsOf } from '../../lambda/domain/subnets/holdings.ts';
import { holdingsMetrics, leakedOf, unattachedSince } from '../../lambda/domain/subnets/known-holdings.ts';
import type { NetworkInterface } from '../../lambda/domain/subnets/network-interface.ts';
import { rangeOf } from '../../lambda/domain/subnets/ranges.ts';
import type { Subnet } from '../../lambda/domain/subnets/subnet.ts';
import { ACCOUNT_ID, type InterfaceSeed, interfacesOf } from '../../local/aws/network-interfaces.ts';
import type { Fleet } from '../../local/simulation/fleet.ts';

const REFRESH_MS = 15 * 60_000;

/** Reads the interfaces of a fleet as often as the collector does, after a cycle and for the next one. */
export class SimulatedHoldings {
  readonly #fleet: Fleet;
  #at = Number.NEGATIVE_INFINITY;
  #unattached: ReadonlyMap<string, number> = new Map();
  #metrics: ReturnType<typeof holdingsMetrics> = [];

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  /** As of the last reading. */
  get metrics() {
    return this.#metrics;
  }

  refresh(subnets: readonly Subnet[]): void {
    const now = this.#fleet.now();
    if (now - this.#at < REFRESH_MS) return;
    this.#at = now;
    const interfaces = interfacesOf(this.#fleet, 'vpc-1').map(asNetworkInterface);
    this.#unattached = unattachedSince(interfaces, this.#unattached, now);
    const { rows } = holdingsOf({
      clusterName: 'prod',
      subnets: subnets.map((subnet) => ({ ...subnet, availableBefore: subnet.available })),
      interfaces,
      reservations: [],
      podAddresses: this.#fleet.nodes().map(({ ip }) => ip),
      leaked: leakedOf(this.#unattached, now),
    });
    this.#metrics = holdingsMetrics(rows);
  }
}

const asNetworkInterface = ({
  id,
  subnetId,
  type = 'interface',
  description = '',
  isAttached = true,
  instanceId,
  tags = {},
  cidrs,
}: InterfaceSeed): NetworkInterface => ({
  id,
  subnetId,
  ownerId: ACCOUNT_ID,
  isAvailable: !isAttached,
  type,
  description,
  ...(instanceId !== undefined && { instanceId }),
  ranges: cidrs.flatMap((cidr) => knownRange(cidr) ?? []),
  tags: new Map(Object.entries(tags)),
});

/** A fleet has the same addresses again and again. */
const known = new Map<string, ReturnType<typeof rangeOf>>();

function knownRange(cidr: string): ReturnType<typeof rangeOf> {
  const found = known.get(cidr) ?? rangeOf(cidr);
  known.set(cidr, found);
  return found;
}
