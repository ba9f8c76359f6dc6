import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** An answer of AWS as EKS (JSON) and EC2 (XML) spell it: lists become `<item>`s. */
export type Wire = string | number | boolean | Wire[] | { [name: string]: Wire };
export type Thing = { [name: string]: Wire };

/** What an account has, in the words of the two APIs. */
export interface Account {
  readonly cluster: Thing & { name: string };
  readonly subnets: readonly Thing[];
  readonly routeTables: readonly Thing[];
  readonly vpcEndpoints: readonly Thing[];
  readonly instances: readonly Thing[];
  readonly securityGroups: readonly Thing[];
}

export interface Loopback {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Per action: the element that holds the list, the things themselves, and the filters that EC2 knows for them. */
const ACTIONS: Readonly<
  Record<string, { set: string; things: (account: Account) => readonly Thing[]; filters: Filters }>
> = {
  DescribeSubnets: {
    set: 'subnetSet',
    things: ({ subnets }) => subnets,
    filters: { 'vpc-id': ({ vpcId }) => [vpcId] },
  },
  DescribeRouteTables: {
    set: 'routeTableSet',
    things: ({ routeTables }) => routeTables,
    filters: { 'vpc-id': ({ vpcId }) => [vpcId] },
  },
  DescribeVpcEndpoints: {
    set: 'vpcEndpointSet',
    things: ({ vpcEndpoints }) => vpcEndpoints,
    filters: { 'vpc-id': ({ vpcId }) => [vpcId] },
  },
  DescribeSecurityGroups: {
    set: 'securityGroupInfo',
    things: ({ securityGroups }) => securityGroups,
    filters: { 'group-id': ({ groupId }) => [groupId] },
  },
  DescribeInstances: {
    set: 'reservationSet',
    things: ({ instances }) => instances,
    filters: {
      'vpc-id': ({ vpcId }) => [vpcId],
      'instance-state-name': ({ instanceState }) => [Object(instanceState).name],
      'tag-key': ({ tagSet }) => (Array.isArray(tagSet) ? tagSet.map((tag) => Object(tag).key) : []),
    },
  },
};
type Filters = Readonly<Record<string, (thing: Thing) => readonly unknown[]>>;

/** Things a page, so that every list has more than one. */
const PAGE_SIZE = 2;

/**
 * EKS DescribeCluster and EC2's Describe calls on loopback. Refuses, as AWS does, what is not signed and what
 * it does not know.
 * @param denied actions that the caller may not use
 */
export async function startAccount(account: Account, denied: readonly string[] = []): Promise<Loopback> {
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const service = /\/(eks|ec2)\/aws4_request/.exec(request.headers.authorization ?? '')?.[1];
    const [status, answer] =
      service === 'eks' ? eks(account, request.url ?? '', denied) : ec2(account, body, service, denied);
    response.writeHead(status, answer.headers).end(answer.body);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

type Answer = [number, { headers: Record<string, string>; body: string }];

function eks({ cluster }: Account, url: string, denied: readonly string[]): Answer {
  const json = (status: number, body: object, error?: string): Answer => [
    status,
    {
      headers: { 'content-type': 'application/json', ...(error && { 'x-amzn-errortype': error }) },
      body: JSON.stringify(body),
    },
  ];
  if (denied.includes('DescribeCluster'))
    return json(403, { message: 'not authorized to perform: eks:DescribeCluster' }, 'AccessDeniedException');
  if (url !== `/clusters/${cluster.name}`)
    return json(
      404,
      { message: `No cluster found for name: ${url.split('/').at(-1)}.` },
      'ResourceNotFoundException',
    );
  return json(200, { cluster });
}

function ec2(account: Account, body: string, service: string | undefined, denied: readonly string[]): Answer {
  const parameters = new URLSearchParams(body);
  const name = parameters.get('Action') ?? '';
  const action = ACTIONS[name];
  const filters = [...parameters].filter(([key]) => /^Filter\.\d+\.Name$/.test(key));
  if (service !== 'ec2') return refusal(401, 'AuthFailure', 'The request is not signed for ec2.');
  if (action === undefined) return refusal(400, 'InvalidAction', `The action ${name} is not valid.`);
  if (denied.includes(name))
    return refusal(403, 'UnauthorizedOperation', 'You are not authorized to perform this operation.');
  const unknown = filters.find(([, filter]) => action.filters[filter] === undefined);
  if (unknown) return refusal(400, 'InvalidParameterValue', `The filter '${unknown[1]}' is invalid`);
  const found = action.things(account).filter((thing) =>
    filters.every(([key, filter]) => {
      const values = [...parameters].filter(([each]) => each.startsWith(key.replace(/Name$/, 'Value.')));
      return values.some(([, value]) => action.filters[filter]?.(thing).includes(value));
    }),
  );
  const start = Number(parameters.get('NextToken') ?? 0);
  const page = found.slice(start, start + PAGE_SIZE);
  const next = start + PAGE_SIZE < found.length ? xml({ nextToken: start + PAGE_SIZE }) : '';
  const items = name === 'DescribeInstances' ? page.map((thing) => ({ instancesSet: [thing] })) : page;
  return answer(200, `<${name}Response>${xml({ [action.set]: items })}${next}</${name}Response>`);
}

const refusal = (status: number, code: string, message: string): Answer =>
  answer(status, `<Response>${xml({ Errors: { Error: { Code: code, Message: message } } })}</Response>`);

const answer = (status: number, body: string): Answer => [
  status,
  { headers: { 'content-type': 'text/xml;charset=UTF-8' }, body },
];

function xml(value: Wire): string {
  if (Array.isArray(value)) return value.map((item) => `<item>${xml(item)}</item>`).join('');
  if (typeof value !== 'object')
    return String(value).replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  return Object.entries(value)
    .map(([name, inner]) => `<${name}>${xml(inner)}</${name}>`)
    .join('');
}
