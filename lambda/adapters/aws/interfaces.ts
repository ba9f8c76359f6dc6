import type { NetworkInterface as Ec2Interface, SubnetCidrReservation } from '@aws-sdk/client-ec2';
import type { InterfaceReader, Lookup } from '../../collect/ports.ts';
import type { Deadline } from '../../deadline.ts';
import type { Reservation } from '../../domain/subnets/holdings.ts';
import type { NetworkInterface } from '../../domain/subnets/network-interface.ts';
import { ownerTags } from '../../domain/subnets/owners.ts';
import { rangeOf } from '../../domain/subnets/ranges.ts';
import { callOptions } from './client-limits.ts';
import { type Ec2, ec2Calls } from './ec2-calls.ts';
import { LargeAnswer } from './limit-answers.ts';

/** What EC2 returns at most: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html */
const PAGE_SIZE = 1000;
/** Where these are too large for one answer: the longest tags of so many interfaces fit. */
const SMALL_PAGE_SIZE = 200;
/** EC2 takes so many values of a filter: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html */
const MAX_VALUES = 200;
/** So many interfaces fit into a function with 512 MB. */
const MAX_INTERFACES = 30_000;

/**
 * Asks EC2 (ec2:DescribeNetworkInterfaces, ec2:GetSubnetCidrReservations), one page after the other: only one is in
 * memory at a time, and nothing else of the cycle waits for it.
 */
export function ec2Interfaces(region: string): InterfaceReader {
  const call = ec2Calls(region);

  async function ask<T>(
    name: string,
    deadline: Deadline,
    read: (ec2: Ec2) => Promise<readonly T[]>,
  ): Promise<Lookup<readonly T[]>> {
    const answer = await call(name, deadline, read);
    return 'found' in answer && answer.found.length > MAX_INTERFACES
      ? { warning: `the subnets have more than ${MAX_INTERFACES} network interfaces` }
      : answer;
  }

  return {
    interfaces: (subnetIds, deadline) =>
      ask('DescribeNetworkInterfaces', deadline, (ec2) => {
        const read = (pageSize: number) => all(interfacePages(ec2, subnetIds, pageSize, deadline));
        return read(PAGE_SIZE).catch((error) => {
          if (!(error instanceof LargeAnswer)) throw error;
          return read(SMALL_PAGE_SIZE);
        });
      }),

    reservations: (subnetIds, deadline) =>
      ask('GetSubnetCidrReservations', deadline, (ec2) => all(reservationPages(ec2, subnetIds, deadline))),
  };
}

async function* interfacePages(
  { client, DescribeNetworkInterfacesCommand }: Ec2,
  subnetIds: readonly string[],
  MaxResults: number,
  deadline: Deadline,
) {
  for (let start = 0; start < subnetIds.length; start += MAX_VALUES) {
    const Filters = [{ Name: 'subnet-id', Values: subnetIds.slice(start, start + MAX_VALUES) }];
    // The options of a call hold for one page, and the time that is left shrinks.
    let NextToken: string | undefined;
    do {
      const command = new DescribeNetworkInterfacesCommand({ Filters, MaxResults, NextToken });
      const page = await client.send(command, callOptions(deadline));
      yield (page.NetworkInterfaces ?? []).map(toInterface);
      NextToken = page.NextToken;
    } while (NextToken);
  }
}

async function* reservationPages(
  { client, GetSubnetCidrReservationsCommand }: Ec2,
  subnetIds: readonly string[],
  deadline: Deadline,
) {
  for (const SubnetId of subnetIds) {
    const command = new GetSubnetCidrReservationsCommand({ SubnetId });
    const { SubnetIpv4CidrReservations = [] } = await client.send(command, callOptions(deadline));
    yield SubnetIpv4CidrReservations.flatMap(toReservation);
  }
}

async function all<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const found: T[] = [];
  for await (const page of pages) {
    for (const item of page) found.push(item);
    if (found.length > MAX_INTERFACES) break;
  }
  return found;
}

function toInterface({
  NetworkInterfaceId = '',
  SubnetId = '',
  OwnerId = '',
  Status,
  InterfaceType = 'interface',
  Description = '',
  Attachment,
  PrivateIpAddresses = [],
  Ipv4Prefixes = [],
  TagSet = [],
}: Ec2Interface): NetworkInterface {
  const { InstanceId } = Attachment ?? {};
  return {
    id: NetworkInterfaceId,
    subnetId: SubnetId,
    ownerId: OwnerId,
    isAvailable: Status === 'available',
    type: InterfaceType,
    description: Description,
    ...(InstanceId !== undefined && { instanceId: InstanceId }),
    ranges: [
      ...PrivateIpAddresses.flatMap(({ PrivateIpAddress = '' }) => rangeOf(PrivateIpAddress) ?? []),
      ...Ipv4Prefixes.flatMap(({ Ipv4Prefix = '' }) => rangeOf(Ipv4Prefix) ?? []),
    ],
    tags: ownerTags(TagSet.map(({ Key = '', Value = '' }) => [Key, Value])),
  };
}

function toReservation({ SubnetId = '', Cidr = '', ReservationType }: SubnetCidrReservation): Reservation[] {
  const range = rangeOf(Cidr);
  if (!range || !ReservationType) return [];
  return [{ subnetId: SubnetId, type: ReservationType, range }];
}
