import { BlockList, isIPv6 } from 'node:net';
import type { IngressRule } from './facts.ts';

/** Who connects: the security groups it carries, and the blocks its addresses are of. */
export interface Caller {
  readonly groupIds: readonly string[];
  readonly cidrs: readonly string[];
}

/** `unknown`: a rule names a prefix list, whose addresses were not looked up. */
export type Admission = 'yes' | 'no' | 'unknown';

/** Whether one of the rules lets the caller in at a TCP port, by group or from wherever its addresses are. */
export function admits(rules: readonly IngressRule[], port: number, caller: Caller): Admission {
  const open = rules.filter(
    ({ protocol, fromPort = 0, toPort = 65_535 }) =>
      protocol === '-1' || (protocol === 'tcp' && fromPort <= port && port <= toPort),
  );
  if (open.some(({ sourceGroupIds }) => sourceGroupIds.some((id) => caller.groupIds.includes(id))))
    return 'yes';
  const allowed = new BlockList();
  for (const cidr of open.flatMap(({ sourceCidrs }) => sourceCidrs)) {
    const [address = '', prefix] = cidr.split('/');
    allowed.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  const isAllowed = (cidr: string) =>
    endsOf(cidr).every((end) => allowed.check(end, isIPv6(end) ? 'ipv6' : 'ipv4'));
  if (caller.cidrs.length > 0 && caller.cidrs.every(isAllowed)) return 'yes';
  return open.some(({ prefixListIds }) => prefixListIds.length > 0) ? 'unknown' : 'no';
}

/** First and last address of a block. */
function endsOf(cidr: string): [string, string] {
  const [address = '', prefix] = cidr.split('/');
  const [bits, size] = isIPv6(address) ? [groupsOf(address), 16] : [address.split('.').map(Number), 8];
  const host = bits.length * size - Number(prefix);
  const last = bits.map((part, index) => {
    const below = (bits.length - 1 - index) * size;
    return part + 2 ** Math.min(size, Math.max(0, host - below)) - 1;
  });
  return [address, size === 16 ? last.map((part) => part.toString(16)).join(':') : last.join('.')];
}

/** The eight groups of an IPv6 address without an embedded IPv4 one. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const parse = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [left, right] = [parse(head), parse(tail ?? '')];
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}
