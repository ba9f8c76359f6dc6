import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { REGION } from '../../local/simulation/fleet.ts';
import { startProgram } from './program.ts';

/** Temporary credentials of a role, as STS gives them. */
export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** An AWS account that moto emulates: https://docs.getmoto.org/en/5.2.5/docs/server_mode.html */
export interface Moto {
  /** Base URL of every service. */
  readonly endpoint: string;
  /** For the SDK's clients. */
  clientOf(session?: Session): { region: string; endpoint: string; credentials: Session; maxAttempts: 1 };
  createBucket(name: string): Promise<void>;
  /** @param policies documents with ARNs of this account */
  createRole(name: string, policies: readonly object[]): Promise<void>;
  assumeRole(name: string): Promise<Session>;
  /** From now on a request needs a signature of a session, and a policy of its role that allows it. */
  enforcePolicies(): Promise<void>;
  /** What was judged for the sessions of a role, in order: `allowed s3:GetObject arn:aws:s3:::bucket/key`. */
  verdicts(role: string): readonly string[];
  close(): Promise<void>;
}

export const ACCOUNT = '111122223333';
/** moto knows no keys until it judges requests. */
const ANYBODY: Session = { accessKeyId: 'ASIAANYBODY', secretAccessKey: 'secret', sessionToken: 'session' };

const SESSION_NAME = 'session';
const TRUST = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
};
/** Tells moto which service is meant. */
const UNSIGNED_IAM = {
  authorization: 'AWS4-HMAC-SHA256 Credential=ASIAANYBODY/20260101/us-east-1/iam/aws4_request',
};

const SERVER = join(import.meta.dirname, 'parts', 'moto', 'server.py');

/** Starts moto's server. @param python one that has moto */
export async function startMoto(python: string): Promise<Moto> {
  const folder = mkdtempSync(join(tmpdir(), 'moto-'));
  const log = join(folder, 'log');
  const port = () => /^port (\d+)$/m.exec(readFileSync(log, 'utf8'))?.[1];
  const program = await startProgram({
    file: python,
    args: ['-B', SERVER],
    env: { MOTO_ACCOUNT_ID: ACCOUNT },
    log,
    isReady: async () => port() !== undefined,
  });
  const endpoint = `http://127.0.0.1:${port()}`;
  const iam = (Action: string, parameters: object) =>
    post(endpoint, new URLSearchParams({ Version: '2010-05-08', Action, ...parameters }), UNSIGNED_IAM);
  const clientOf = (credentials = ANYBODY) => ({
    region: REGION,
    endpoint,
    credentials,
    maxAttempts: 1 as const,
  });
  return {
    endpoint,
    clientOf,
    async createBucket(Bucket) {
      const CreateBucketConfiguration = { LocationConstraint: REGION } as const;
      await new S3Client(clientOf()).send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
    },
    async assumeRole(name) {
      const command = new AssumeRoleCommand({
        RoleArn: `arn:aws:iam::${ACCOUNT}:role/${name}`,
        RoleSessionName: SESSION_NAME,
      });
      const { Credentials } = await new STSClient(clientOf()).send(command);
      const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
      return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    },
    async createRole(RoleName, policies) {
      const AssumeRolePolicyDocument = JSON.stringify(TRUST);
      await iam('CreateRole', { RoleName, AssumeRolePolicyDocument });
      for (const [index, policy] of policies.entries())
        await iam('PutRolePolicy', {
          RoleName,
          PolicyName: `policy-${index}`,
          PolicyDocument: JSON.stringify(policy),
        });
    },
    enforcePolicies: () => post(`${endpoint}/moto-api/reset-auth`, '0'),
    verdicts(role) {
      const prefix = `verdict arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${SESSION_NAME} `;
      const lines = readFileSync(log, 'utf8').split('\n');
      return lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
    },
    async close() {
      await program.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** @throws Error unless the answer is good */
async function post(url: string, body: string | URLSearchParams, headers: Record<string, string> = {}) {
  const answer = await fetch(url, { method: 'POST', body, headers });
  if (!answer.ok) throw new Error(`moto answers ${answer.status} to ${url}: ${await answer.text()}`);
}
