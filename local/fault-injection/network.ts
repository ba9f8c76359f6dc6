import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { createAuthority } from '../certificates.ts';
import { listenOnLoopback } from '../connections.ts';
import { openBlackHole } from './black-hole.ts';
import { ASK_EKS, type InjectableFault, type Injected } from './fault.ts';

/** A name in a top-level domain that never exists (RFC 6761). */
const NOWHERE = 'https://0123456789abcdef.gr7.eu-central-1.eks.invalid';

async function intoBlackHole(
  environment: (address: string) => Record<string, string | undefined>,
): Promise<Injected> {
  const { port, close } = await openBlackHole();
  return { environment: environment(`127.0.0.1:${port}`), close };
}

const toBase64 = (pem: string) => Buffer.from(pem).toString('base64');

/** The network paths to the API server and to the AWS services. */
export const NETWORK_FAULTS = {
  'eks-endpoint': {
    description: 'there is no network path to the EKS API',
    inject: () => intoBlackHole((address) => ({ ...ASK_EKS, AWS_ENDPOINT_URL_EKS: `http://${address}` })),
  },
  dns: {
    description: "the API server's name does not resolve",
    inject: () => ({ environment: { CLUSTER_ENDPOINT: NOWHERE } }),
  },
  tcp: {
    description: 'a security group drops the packets to the API server',
    inject: () => intoBlackHole((address) => ({ CLUSTER_ENDPOINT: `https://${address}` })),
  },
  'tcp-refused': {
    description: "nothing listens at the API server's address",
    async inject() {
      const { port, close } = await listenOnLoopback(createServer());
      await close();
      return { environment: { CLUSTER_ENDPOINT: `https://127.0.0.1:${port}` } };
    },
  },
  tls: {
    description: 'CLUSTER_CA belongs to another cluster',
    async inject() {
      const { certificate } = await createAuthority('another cluster');
      return { environment: { CLUSTER_CA: toBase64(certificate) } };
    },
  },
  'tls-name': {
    description: 'CLUSTER_ENDPOINT is another server with a certificate of the same CA',
    async inject() {
      const authority = await createAuthority('embedded cluster');
      const server = createTlsServer(await authority.issue(['other.internal']));
      server.on('tlsClientError', () => undefined);
      const { port, close } = await listenOnLoopback(server);
      return {
        environment: {
          CLUSTER_ENDPOINT: `https://127.0.0.1:${port}`,
          CLUSTER_CA: toBase64(authority.certificate),
        },
        close,
      };
    },
  },
  'tls-silent': {
    description: 'the connection opens, but the TLS handshake gets no answer',
    async inject() {
      const { port, close } = await listenOnLoopback(createServer());
      return { environment: { CLUSTER_ENDPOINT: `https://127.0.0.1:${port}` }, close };
    },
  },
  'cloudwatch-endpoint': {
    description: 'there is no network path to CloudWatch',
    inject: () => intoBlackHole((address) => ({ AWS_ENDPOINT_URL_CLOUDWATCH: `http://${address}` })),
  },
  'state-endpoint': {
    description: 'there is no network path to S3',
    inject: () => intoBlackHole((address) => ({ AWS_ENDPOINT_URL_S3: `http://${address}` })),
  },
  'ec2-endpoint': {
    description: 'there is no network path to EC2',
    inject: () => intoBlackHole((address) => ({ AWS_ENDPOINT_URL_EC2: `http://${address}` })),
  },
} satisfies Record<string, InjectableFault>;
