import type { Eni } from './address-pool.ts';
import type { Random } from './random.ts';
import { series } from './series.ts';
import type { SimulatedNode } from './simulated-node.ts';

/** Typical milliseconds of one call. */
const LATENCY_MS = {
  AssignIpv6Addresses: 300,
  AssignPrivateIpAddresses: 340,
  AttachNetworkInterface: 610,
  CreateNetworkInterface: 420,
  CreateTags: 190,
  DeleteNetworkInterface: 240,
  DescribeNetworkInterfaces: 140,
  DetachNetworkInterface: 310,
  ModifyNetworkInterfaceAttribute: 230,
  UnassignPrivateIpAddresses: 280,
  waitForENIAndIPsAttached: 5200,
} as const;
type Api = keyof typeof LATENCY_MS;

/** How long ipamd requests nothing from a full subnet (insufficientCidrErrorCooldown). */
const COOL_DOWN_MS = 120_000;
const PREFIX_ADDRESSES = 16;
const IPV6_PREFIX_ADDRESSES = 2 ** 48;

const ipamdError = (fn: string) => series('awscni_ipamd_error_count', { fn });
const reconciled = (fn: string) => series('awscni_reconcile_count', { fn });
const DELETE_FAILED = series('awscni_aws_utils_error_count', {
  fn: 'FreeENIDeleteErr',
  error:
    'failed to delete ENI: operation error EC2: DeleteNetworkInterface, https response error StatusCode: 400, ' +
    'api error InvalidNetworkInterface.InUse: {"interface": "eni-0ff1ce"} is "in-use"',
});

/** A call to EC2, which sometimes throttles it. @returns whether EC2 accepted it */
function call({ process, rates }: SimulatedNode, api: Api, random: Random, refusal?: string): boolean {
  const ms = Math.round(LATENCY_MS[api] * (0.6 + random.float() ** 3 * 2.4));
  const error = refusal ?? (random.chance(rates.refusedCalls) ? 'RequestLimitExceeded' : undefined);
  process.call(api, ms, error);
  return error === undefined;
}

/** The calls of ipamd before it serves. */
export function startUp(node: SimulatedNode, random: Random): void {
  askMetadata(node, 14, random);
  node.process.call('GetMetadata', 1, '');
  call(node, 'DescribeNetworkInterfaces', random);
  call(node, 'CreateTags', random);
  if (random.chance(0.05)) {
    node.process.count(series('awscni_pod_eni_error_count', { fn: 'nodeInit' }));
  }
}

/** The primary interface of a new node with its first addresses. */
export function fillPool(node: SimulatedNode, now: number, random: Random): void {
  const { pool, mode, type } = node;
  if (mode === 'ipv6') {
    const cidr = `2a05:d014:${(random.below(65_536) + 1).toString(16)}:${random.below(65_536).toString(16)}::/80`;
    call(node, 'AssignIpv6Addresses', random);
    pool.addEni(random.id('eni'), [cidr], IPV6_PREFIX_ADDRESSES);
    return;
  }
  pool.addEni(random.id('eni'), [], 1);
  const [primary] = pool.enis;
  if (!primary) return;
  if (mode === 'prefix') addPrefix(node, primary, now, random);
  else addAddresses(node, primary, type.addressesPerEni - 1, now, random);
}

/** One round of ipamd's pool manager: WARM_ENI_TARGET=1 or WARM_IP_TARGET, WARM_PREFIX_TARGET=1 on prefix nodes. */
export function keepPoolWarm(node: SimulatedNode, now: number, random: Random): void {
  const { pool, process, type, mode, rates } = node;
  if (mode === 'ipv6') return;
  if (rates.warmIps && mode === 'secondary') {
    const { target, minimum } = rates.warmIps;
    const short = Math.max(target - (pool.total() - pool.assigned()), minimum - pool.total());
    if (short > 0 && now >= node.coolUntil) increase(node, short, now, random);
    else if (short < 0) releaseAddresses(node, -short, random);
    return;
  }
  const warm = pool.total() - pool.assigned();
  const unit = mode === 'prefix' ? PREFIX_ADDRESSES : type.addressesPerEni - 1;
  if (warm < unit && now >= node.coolUntil) {
    process.act('increaseDatastorePool', random.chance(0.3));
    increase(node, unit, now, random);
  } else if (warm >= 2 * unit + (mode === 'prefix' ? PREFIX_ADDRESSES : 0)) {
    process.act('decreaseDatastorePool', random.chance(0.3));
    decrease(node, random);
  } else process.rest();
}

function increase(node: SimulatedNode, unit: number, now: number, random: Random): void {
  const { pool, type, mode } = node;
  const slots = type.addressesPerEni - 1;
  const room = pool.enis.find(({ cidrs }) => cidrs.length < slots);
  if (room && mode === 'prefix') addPrefix(node, room, now, random);
  else if (room) addAddresses(node, room, Math.min(unit, slots - room.cidrs.length), now, random);
  else if (pool.enis.length < type.enis) attachEni(node, Math.min(unit, slots), now, random);
}

function attachEni(node: SimulatedNode, unit: number, now: number, random: Random): void {
  const { pool, process, subnet, mode } = node;
  const prefix = mode === 'prefix' ? subnet.takePrefix() : undefined;
  const cidrs = mode === 'prefix' ? prefix && [prefix] : subnet.takeAddresses(unit)?.map((ip) => `${ip}/32`);
  if (!cidrs) {
    refuse(node, 'CreateNetworkInterface', now, random);
    process.count(ipamdError('increaseIPPoolAllocENI'));
    return;
  }
  const attached =
    call(node, 'CreateNetworkInterface', random) &&
    call(node, 'AttachNetworkInterface', random) &&
    call(node, 'ModifyNetworkInterfaceAttribute', random);
  if (!attached) {
    subnet.give(cidrs);
    process.count(ipamdError('increaseIPPoolAllocENI'));
    return;
  }
  process.call('waitForENIAndIPsAttached', 2000 + random.below(6000));
  askMetadata(node, 8, random);
  pool.addEni(random.id('eni'), cidrs, prefix ? PREFIX_ADDRESSES : 1);
}

function addAddresses(node: SimulatedNode, eni: Eni, count: number, now: number, random: Random): void {
  const addresses = node.subnet.takeAddresses(count);
  if (!addresses) {
    refuse(node, 'AssignPrivateIpAddresses', now, random);
    node.process.count(ipamdError('increaseIPPoolAllocIPAddressesFailed'));
  } else if (call(node, 'AssignPrivateIpAddresses', random)) {
    for (const address of addresses) node.pool.addCidr(eni, `${address}/32`, 1);
  } else node.subnet.give(addresses);
}

function addPrefix(node: SimulatedNode, eni: Eni, now: number, random: Random): void {
  const prefix = node.subnet.takePrefix();
  if (!prefix) {
    refuse(node, 'AssignPrivateIpAddresses', now, random);
    node.process.count(ipamdError('increaseIPPoolAllocIPAddressesFailed'));
  } else if (call(node, 'AssignPrivateIpAddresses', random)) {
    node.pool.addCidr(eni, prefix, PREFIX_ADDRESSES);
  } else node.subnet.give([prefix]);
}

/** EC2 has no address, or no /28 in one piece, to give. */
function refuse(node: SimulatedNode, api: Api, now: number, random: Random): void {
  const error = node.mode === 'prefix' ? 'InsufficientCidrBlocks' : 'InsufficientFreeAddressesInSubnet';
  call(node, api, random, error);
  node.coolUntil = now + COOL_DOWN_MS;
}

function decrease(node: SimulatedNode, random: Random): void {
  const { pool, process, subnet, mode } = node;
  const eni = pool.enis.findLast(({ assigned }, index) => index > 0 && assigned === 0);
  if (eni) {
    if (!call(node, 'DetachNetworkInterface', random)) return;
    if (random.chance(0.01)) {
      call(node, 'DeleteNetworkInterface', random, 'InvalidParameterValue');
      process.count(DELETE_FAILED);
      process.count(ipamdError('decreaseIPPoolFreeENIFailed'));
    } else call(node, 'DeleteNetworkInterface', random);
    pool.removeEni(eni);
    subnet.give(eni.cidrs.map(({ text }) => text));
    return;
  }
  if (mode !== 'prefix') return;
  for (const holder of pool.enis) {
    const unused = holder.cidrs.findLast(({ assigned }) => assigned === 0);
    if (!unused) continue;
    if (!call(node, 'UnassignPrivateIpAddresses', random)) return;
    pool.removeCidr(holder, unused);
    subnet.give([unused.text]);
    return;
  }
}

/** Gives back addresses beyond the target, at most `count`, one call per interface. */
function releaseAddresses(node: SimulatedNode, count: number, random: Random): void {
  const { pool, subnet } = node;
  let left = count;
  for (const eni of pool.enis) {
    const unused = eni.cidrs.filter(({ assigned }) => assigned === 0).slice(0, left);
    if (unused.length === 0) continue;
    if (!call(node, 'UnassignPrivateIpAddresses', random)) return;
    for (const cidr of unused) pool.removeCidr(eni, cidr);
    subnet.give(unused.map(({ text }) => text));
    left -= unused.length;
  }
  decreaseEnis(node);
}

/** Interfaces without an address left, but the primary one, are freed. */
function decreaseEnis({ pool }: SimulatedNode): void {
  for (const eni of pool.enis.slice(1)) if (eni.cidrs.length === 0) pool.removeEni(eni);
}

/**
 * The comparison of datastore and instance metadata that ipamd makes every minute.
 * @param age milliseconds since the node's start
 */
export function reconcile(node: SimulatedNode, age: number, random: Random): void {
  const { pool, process } = node;
  askMetadata(node, 2 + 4 * pool.enis.length, random);
  process.act('nodeIPPoolReconcile', random.chance(node.rates.reconciling));
  if (random.chance(0.004)) process.count(reconciled('eniIPPoolReconcileDel'));
  if (random.chance(0.004)) process.count(reconciled('eniDataStorePoolReconcileAdd'));
  if (age % 3_600_000 < 60_000) call(node, 'DescribeNetworkInterfaces', random);
}

/** Calls to the instance's metadata service, a millisecond or two each. */
function askMetadata({ process }: SimulatedNode, calls: number, random: Random): void {
  process.call('GetMetadata', calls + random.below(calls), undefined, calls);
}
