import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { presignedSignature } from '../../local/api-server/presigned-signature.ts';
import { listenOnLoopback } from '../../local/connections.ts';

/** A principal of IAM, as GetCallerIdentity names it, and its key. */
export interface Principal {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly arn: string;
  readonly userId: string;
}

/** STS as the authenticator meets it. */
export interface Sts {
  /** For HTTPS_PROXY. */
  readonly proxy: string;
  /** By access key id; changed at any time. */
  readonly principals: Map<string, Principal>;
  close(): Promise<void>;
}

/** STS takes a signature for 15 minutes, and from a clock that is at most 5 minutes ahead. */
const MAX_AGE_MS = 15 * 60_000;
const MAX_AHEAD_MS = 5 * 60_000;
const HOST =
  /^sts\.([a-z0-9-]+)\.(?:amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$/;

/** Names for the certificate of STS, of each partition. */
export const STS_HOSTS = [
  'sts.amazonaws.com',
  'sts.eu-central-1.amazonaws.com',
  'sts.eu-west-1.amazonaws.com',
  'sts.us-east-1.amazonaws.com',
  'sts.cn-north-1.amazonaws.com.cn',
  'sts.cn-northwest-1.amazonaws.com.cn',
  'sts.us-gov-west-1.amazonaws.com',
  'sts.us-gov-east-1.amazonaws.com',
  'sts.us-iso-east-1.c2s.ic.gov',
  'sts.us-iso-west-1.c2s.ic.gov',
  'sts.us-isob-east-1.sc2s.sgov.gov',
  'sts.us-isob-west-1.sc2s.sgov.gov',
  'sts.eu-isoe-west-1.cloud.adc-e.uk',
  'sts.us-isof-south-1.csp.hci.ic.gov',
  'sts.us-isof-east-1.csp.hci.ic.gov',
  'sts.eusc-de-east-1.amazonaws.eu',
] as const;

/**
 * Starts an HTTPS proxy that ends TLS itself and judges each presigned GetCallerIdentity as STS does, by making
 * the signature again. So the authenticator runs unchanged, and only its environment names the proxy.
 */
export async function startSts(certificate: { cert: string; key: string }): Promise<Sts> {
  const principals = new Map<string, Principal>();
  const server = createSecureServer(certificate, (request, response) => {
    const { status, body } = judge(request, principals);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const proxy = createServer((_, response) => response.writeHead(405).end());
  proxy.on('connect', (_, socket) => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    server.emit('connection', socket);
  });
  const { port, close } = await listenOnLoopback(proxy);
  return { proxy: `http://127.0.0.1:${port}`, principals, close };
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

function judge({ url = '/', headers }: IncomingMessage, principals: ReadonlyMap<string, Principal>): Answer {
  const parameters = [...new URL(url, 'https://sts').searchParams];
  const value = (name: string) => parameters.find(([key]) => key.toLowerCase() === name)?.[1] ?? '';
  if (value('action') !== 'GetCallerIdentity' || value('version') !== '2011-06-15')
    return refusal(400, 'InvalidAction', 'unknown action or version');
  const [accessKeyId = '', ...scope] = value('x-amz-credential').split('/');
  const principal = principals.get(accessKeyId);
  if (!principal || (principal.sessionToken ?? '') !== value('x-amz-security-token'))
    return refusal(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.');
  const host = String(headers.host).replace(/:443$/, '');
  const region = host === 'sts.amazonaws.com' ? 'us-east-1' : HOST.exec(host)?.[1];
  // These two partitions share a domain, but no keys.
  if (principal.arn.startsWith('arn:aws-us-gov:') !== region?.startsWith('us-gov-'))
    return refusal(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.');
  const date = value('x-amz-date');
  const age = Date.now() - timeOf(date);
  if (!(age <= MAX_AGE_MS && age >= -MAX_AHEAD_MS))
    return refusal(403, 'SignatureDoesNotMatch', `Signature expired or not yet current: ${date}`);
  if (scope.join('/') !== `${date.slice(0, 8)}/${region}/sts/aws4_request`)
    return refusal(403, 'SignatureDoesNotMatch', 'Credential should be scoped to a valid region.');
  const signature = presignedSignature({
    secretAccessKey: principal.secretAccessKey,
    date,
    scope,
    parameters,
    signedHeaders: value('x-amz-signedheaders').split(';'),
    headers: new Map(Object.entries({ ...headers, host }).map(([name, value]) => [name, String(value)])),
  });
  if (value('x-amz-signature') !== signature)
    return refusal(403, 'SignatureDoesNotMatch', 'The request signature does not match.');
  const { arn: Arn, userId: UserId } = principal;
  const identity = { Account: Arn.split(':')[4], Arn, UserId };
  return { status: 200, body: { GetCallerIdentityResponse: { GetCallerIdentityResult: identity } } };
}

const refusal = (status: number, Code: string, Message: string): Answer => ({
  status,
  body: { Error: { Code, Message, Type: 'Sender' } },
});

/** Epoch milliseconds of a date like 20261128T190000Z. */
const timeOf = (date: string) =>
  Date.parse(date.replace(/^(.{4})(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
