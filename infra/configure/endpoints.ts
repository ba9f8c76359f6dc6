import type { VpcEndpoint } from '@aws-sdk/client-ec2';
import type { EndpointFacts, GuardedEndpoint } from './facts.ts';

/** The VPC endpoints that a function without settings of its own uses. */
export function endpointFacts(all: readonly VpcEndpoint[]): {
  readonly endpoints: readonly EndpointFacts[];
  readonly guarded: readonly GuardedEndpoint[];
  /** Whether an endpoint for S3 is in a route table, or answers in the whole VPC. */
  readonly hasS3: (routeTableId: string) => boolean;
} {
  const gateways = all.filter(
    ({ VpcEndpointType, ServiceName }) => VpcEndpointType === 'Gateway' && serviceOf(ServiceName) === 's3',
  );
  const interfaces = all.filter(
    ({ PrivateDnsEnabled, State, DnsOptions }) =>
      PrivateDnsEnabled &&
      State?.toLowerCase() === 'available' &&
      // Of S3: then only networks outside of the VPC use it.
      !DnsOptions?.PrivateDnsOnlyForInboundResolverEndpoint,
  );
  const tables = gateways.flatMap(({ RouteTableIds = [] }) => RouteTableIds);
  const hasInterface = interfaces.some(({ ServiceName }) => serviceOf(ServiceName) === 's3');
  return {
    endpoints: interfaces.map(({ VpcEndpointId = '', ServiceName, Groups = [] }) => ({
      id: VpcEndpointId,
      service: serviceOf(ServiceName),
      securityGroupIds: Groups.flatMap(({ GroupId }) => GroupId ?? []),
    })),
    guarded: [
      ...gateways.filter(isGuarded).map((each) => guarded(each, each.RouteTableIds ?? [])),
      ...interfaces.filter(isGuarded).map((each) => guarded(each, undefined)),
    ],
    hasS3: (routeTableId) => hasInterface || tables.includes(routeTableId),
  };
}

const guarded = (
  { VpcEndpointId = '', ServiceName }: VpcEndpoint,
  routeTableIds: readonly string[] | undefined,
): GuardedEndpoint => ({ id: VpcEndpointId, service: serviceOf(ServiceName), routeTableIds });

const isGuarded = ({ PolicyDocument }: VpcEndpoint): boolean => {
  const { Statement = [] } = Object(JSON.parse(PolicyDocument ?? '{}'));
  return [Statement].flat().some((statement) => !isOpen(Object(statement)));
};

/** A statement as that of the default policy: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html */
const isOpen = ({ Effect, Principal, Action, Resource, Condition }: Record<string, unknown>): boolean =>
  Effect === 'Allow' &&
  (Principal === '*' || Object(Principal).AWS === '*') &&
  Action === '*' &&
  Resource === '*' &&
  Condition === undefined;

const serviceOf = (name = ''): string => name.split('.').at(-1) ?? '';
