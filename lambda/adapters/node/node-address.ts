import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** This network, link-local (metadata of instances and pods), multicast and reserved addresses: no node has one. */
const NEVER = blockListOf(['0.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3']);
const LOOPBACK = blockListOf(['127.0.0.0/8']);

/** Says why an address is not connected to; undefined: it is. */
type RefuseAddress = (address: string) => string | undefined;

/**
 * A node reports the address of its pods itself, so a compromised one could point the function anywhere.
 * @param nodeCidrs where nodes may be; undefined: anywhere. Only blocks in 127.0.0.0/8 allow loopback addresses
 */
export function refuseAddress(nodeCidrs: readonly string[] | undefined): RefuseAddress {
  const allowed = nodeCidrs && blockListOf(nodeCidrs);
  return (address) => {
    if (isIPv6(address)) return `${address} is an IPv6 address, and SCRAPE_VIA=node reads IPv4 nodes only`;
    if (!isIPv4(address)) return 'what the list has for the pod is not an IP address';
    if (NEVER.check(address)) return `${address} is a link-local, multicast or reserved address`;
    if (allowed) return allowed.check(address) ? undefined : `${address} is not in NODE_CIDRS`;
    return LOOPBACK.check(address) ? `${address} is a loopback address` : undefined;
  };
}

function blockListOf(cidrs: readonly string[]): BlockList {
  const blocks = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/');
    blocks.addSubnet(address, Number(prefix));
  }
  return blocks;
}
