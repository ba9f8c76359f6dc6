import { once } from 'node:events';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { createAuthority } from '../certificates.ts';
import { trackConnections } from '../connections.ts';
import { openBlackHole } from './black-hole.ts';
import { ASK_EKS, type Broken, type Link } from './fault.ts';

/** A name of a top-level domain that is promised never to exist (RFC 6761). */
const NOWHERE = 'https://0123456789abcdef.gr7.eu-central-1.eks.invalid';

async function intoBlackHole(
  environment: (address: string) => Record<string, string | undefined>,
): Promise<Broken> {
  const { port, close } = await openBlackHole();
  return { environment: environment(`127.0.0.1:${port}`), close };
}

const toBase64 = (pem: string) => Buffer.from(pem).toString('base64');

/** The way to the API server and to the AWS services. */
export const NETWORK_LINKS = {
  'eks-endpoint': {
    broken: 'no way to the EKS API',
    breakIn: () => intoBlackHole((address) => ({ ...ASK_EKS, AWS_ENDPOINT_URL_EKS: `http://${address}` })),
  },
  dns: {
    broken: "the API server's name does not resolve",
    breakIn: () => ({ environment: { CLUSTER_ENDPOINT: NOWHERE } }),
  },
  tcp: {
    broken: 'a security group drops the packets to the API server',
    breakIn: () => intoBlackHole((address) => ({ CLUSTER_ENDPOINT: `https://${address}` })),
  },
  'tcp-refused': {
    broken: "nothing listens at the API server's address",
    async breakIn() {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const port = Object(server.address()).port;
      await new Promise((closed) => server.close(closed));
      return { environment: { CLUSTER_ENDPOINT: `https://127.0.0.1:${port}` } };
    },
  },
  tls: {
    broken: 'CLUSTER_CA is that of another cluster',
    async breakIn() {
      const { certificate } = await createAuthority('another cluster');
      return { environment: { CLUSTER_CA: toBase64(certificate) } };
    },
  },
  'tls-name': {
    broken: 'CLUSTER_ENDPOINT is another server of the same authority',
    async breakIn() {
      const authority = await createAuthority('embedded cluster');
      const server = createTlsServer(await authority.issue(['other.internal']));
      const { close } = trackConnections(server, 'connection');
      server.on('tlsClientError', () => undefined).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const port = Object(server.address()).port;
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
    broken: 'something takes the connection and says nothing',
    async breakIn() {
      const server = createServer();
      const { close } = trackConnections(server, 'connection');
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const port = Object(server.address()).port;
      return { environment: { CLUSTER_ENDPOINT: `https://127.0.0.1:${port}` }, close };
    },
  },
  'cloudwatch-endpoint': {
    broken: 'no way to CloudWatch',
    breakIn: () => intoBlackHole((address) => ({ AWS_ENDPOINT_URL_CLOUDWATCH: `http://${address}` })),
  },
  'state-endpoint': {
    broken: 'no way to S3',
    breakIn: () => intoBlackHole((address) => ({ AWS_ENDPOINT_URL_S3: `http://${address}` })),
  },
  'ec2-endpoint': {
    broken: 'no way to EC2',
    breakIn: () => intoBlackHole((address) => ({ AWS_ENDPOINT_URL_EC2: `http://${address}` })),
  },
} satisfies Record<string, Link>;
