import { BlockList } from 'node:net';
import type { IngressRule } from './facts.ts';

/** Who wants in: the security groups it carries, and the subnets its addresses are of. */
export interface Caller {
  readonly groupIds: readonly string[];
  readonly cidrs: readonly string[];
}

/** Whether one of the rules lets the caller in at a TCP port, by group or from wherever its addresses are. */
export function admits(rules: readonly IngressRule[], port: number, caller: Caller): boolean {
  const open = rules.filter(
    ({ protocol, fromPort = 0, toPort = 65_535 }) =>
      protocol === '-1' || (protocol === 'tcp' && fromPort <= port && port <= toPort),
  );
  if (open.some(({ sourceGroupIds }) => sourceGroupIds.some((id) => caller.groupIds.includes(id))))
    return true;
  const allowed = new BlockList();
  for (const cidr of open.flatMap(({ sourceCidrs }) => sourceCidrs)) {
    const [address = '', prefix] = cidr.split('/');
    allowed.addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return (
    caller.cidrs.length > 0 && caller.cidrs.every((cidr) => ends(cidr).every((end) => allowed.check(end)))
  );
}

/** First and last address of an IPv4 block. */
function ends(cidr: string): [string, string] {
  const [address = '', prefix] = cidr.split('/');
  const first = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
  return [address, dotted(first + 2 ** (32 - Number(prefix)) - 1)];
}

const dotted = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
