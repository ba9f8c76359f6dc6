import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A subnet of the fake EC2, in EC2's own words. */
export interface SubnetSeed {
  readonly id: string;
  readonly vpcId: string;
  /** Absent for an IPv6-only subnet. */
  readonly cidr?: string;
  readonly available: number;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface Ec2 {
  readonly endpoint: string;
  /** Every request's parameters, in the order of arrival. */
  readonly requests: readonly URLSearchParams[];
  close(): Promise<void>;
}

interface Options {
  /** Read at every request, so that a story can change the free addresses. */
  readonly subnets: () => readonly SubnetSeed[];
  /** Subnets a page, below what the caller asks for; EC2 may return fewer than MaxResults. */
  readonly pageSize?: number;
  /** An answer instead of the subnets: an error of EC2, or none at all. */
  readonly refuse?: () => Refusal | 'silence' | undefined;
}

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html */
const FILTERS: Readonly<Record<string, (subnet: SubnetSeed, values: readonly string[]) => boolean>> = {
  'subnet-id': ({ id }, values) => values.includes(id),
  'vpc-id': ({ vpcId }, values) => values.includes(vpcId),
  'tag-key': ({ tags = {} }, values) => values.some((key) => Object.hasOwn(tags, key)),
};
const PARAMETER = /^(Action|Version|MaxResults|NextToken|Filter\.\d+\.(Name|Value\.\d+))$/;
const SIGNATURE = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/[a-z0-9-]+\/ec2\/aws4_request, /;

/** EC2's query protocol on loopback: DescribeSubnets, as strict as EC2 about what it does not know. */
export async function startEc2({ subnets, pageSize = 1000, refuse }: Options): Promise<Ec2> {
  const requests: URLSearchParams[] = [];
  const server = createServer(async (request, response) => {
    const parameters = new URLSearchParams(await text(request));
    requests.push(parameters);
    const refusal =
      refuse?.() ?? (SIGNATURE.test(request.headers.authorization ?? '') ? invalid(parameters) : UNSIGNED);
    if (refusal === 'silence') return;
    const [status, body] = refusal
      ? [refusal.status, errorXml(refusal)]
      : [200, pageXml(select(subnets(), parameters), parameters, pageSize)];
    response.writeHead(status, { 'content-type': 'text/xml;charset=UTF-8' }).end(body);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const UNSIGNED: Refusal = { status: 401, code: 'AuthFailure', message: 'The request is not signed for ec2.' };

/** What EC2 would refuse in these parameters. */
function invalid(parameters: URLSearchParams): Refusal | undefined {
  const unknown = [...parameters.keys()].find((key) => !PARAMETER.test(key));
  if (unknown) return bad('UnknownParameter', `The parameter ${unknown} is not recognized`);
  if (parameters.get('Action') !== 'DescribeSubnets') {
    return bad('InvalidAction', `The action ${parameters.get('Action')} is not valid for this web service.`);
  }
  if (parameters.get('Version') !== '2016-11-15') return bad('NoSuchVersion', 'Unknown API version');
  const max = parameters.get('MaxResults');
  if (max !== null && !(Number(max) >= 5 && Number(max) <= 1000)) {
    return bad('InvalidMaxResults', 'MaxResults must be between 5 and 1000');
  }
  for (const { name, values } of filtersOf(parameters)) {
    if (!FILTERS[name]) return bad('InvalidParameterValue', `The filter '${name}' is invalid`);
    if (values.length === 0 || values.length > 200) {
      return bad('FilterLimitExceeded', `The filter '${name}' takes 1 to 200 values`);
    }
  }
  return undefined;
}

const bad = (code: string, message: string): Refusal => ({ status: 400, code, message });

function filtersOf(parameters: URLSearchParams): { name: string; values: string[] }[] {
  return [...parameters]
    .filter(([key]) => /^Filter\.\d+\.Name$/.test(key))
    .map(([key, name]) => {
      const prefix = key.replace(/Name$/, 'Value.');
      return {
        name,
        values: [...parameters].filter(([k]) => k.startsWith(prefix)).map(([, value]) => value),
      };
    });
}

/** Filters narrow each other; the values of one filter widen it. */
const select = (subnets: readonly SubnetSeed[], parameters: URLSearchParams): SubnetSeed[] =>
  subnets.filter((subnet) =>
    filtersOf(parameters).every(({ name, values }) => FILTERS[name]?.(subnet, values) ?? false),
  );

function pageXml(found: readonly SubnetSeed[], parameters: URLSearchParams, pageSize: number): string {
  const start = Number(parameters.get('NextToken') ?? 0);
  const end = start + Math.min(pageSize, Number(parameters.get('MaxResults') ?? pageSize));
  const next = end < found.length ? `<nextToken>${end}</nextToken>` : '';
  return `<?xml version="1.0" encoding="UTF-8"?>
<DescribeSubnetsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <requestId>00000000-0000-0000-0000-000000000000</requestId>
  <subnetSet>${found.slice(start, end).map(subnetXml).join('')}</subnetSet>${next}
</DescribeSubnetsResponse>`;
}

const subnetXml = ({ id, vpcId, cidr, available, tags = {} }: SubnetSeed): string => `
    <item>
      <subnetId>${escaped(id)}</subnetId><vpcId>${escaped(vpcId)}</vpcId><state>available</state>
      ${cidr === undefined ? '<ipv6Native>true</ipv6Native>' : `<cidrBlock>${escaped(cidr)}</cidrBlock>`}
      <availableIpAddressCount>${available}</availableIpAddressCount>
      <tagSet>${Object.entries(tags)
        .map(([key, value]) => `<item><key>${escaped(key)}</key><value>${escaped(value)}</value></item>`)
        .join('')}</tagSet>
    </item>`;

const errorXml = ({ code, message }: Refusal): string => `<?xml version="1.0" encoding="UTF-8"?>
<Response><Errors><Error><Code>${escaped(code)}</Code><Message>${escaped(message)}</Message></Error></Errors>
<RequestID>00000000-0000-0000-0000-000000000000</RequestID></Response>`;

const escaped = (value: string): string =>
  value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
