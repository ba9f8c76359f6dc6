import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import type { ClusterEndpoint } from '../../cluster-endpoint.ts';
import type { ResolvedAddress } from '../../diagnose/ports.ts';
import { failed, ok, type StepResult } from '../../diagnose/step-result.ts';
import { codeOf, messageOf } from '../../domain/error-message.ts';
import { hostOf } from '../api-server/dial.ts';

/** Addresses that are reached inside a network (RFC 1918, 6598, 4193, 4291, 3927) or on this machine. */
const PRIVATE = new BlockList();
for (const [address, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
] as const)
  PRIVATE.addSubnet(address, prefix);
for (const [address, prefix] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  PRIVATE.addSubnet(address, prefix, 'ipv6');

/** Resolves the API server's name as a connection does; inside the VPC the address should be private. */
export async function resolve(
  { url }: ClusterEndpoint,
  cluster: string,
): Promise<StepResult<ResolvedAddress>> {
  const host = hostOf(url);
  try {
    const addresses = (await lookup(host, { all: true })).map(({ address }) => address);
    const isPublic = !addresses.some((address) =>
      PRIVATE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'),
    );
    const note = isPublic
      ? ', public: from a private subnet that takes a NAT gateway; the private endpoint does not'
      : '';
    return ok(isIP(host) ? `${host} is an address` : `${host} is ${addresses.join(', ')}${note}`, {
      isPublic,
    });
  } catch (error) {
    const code = codeOf(error) === 'ENOTFOUND' ? 'dns-unresolved' : 'dns-silent';
    return failed(code, messageOf(error), { cluster });
  }
}
