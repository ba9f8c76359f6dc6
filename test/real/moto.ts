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
  assumeRole(name: string): Promise<Session>;
  close(): Promise<void>;
}

export const ACCOUNT = '111122223333';
/** moto knows no keys until it judges requests. */
const ANYBODY: Session = { accessKeyId: 'ASIAANYBODY', secretAccessKey: 'secret', sessionToken: 'session' };

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
        RoleSessionName: 'session',
      });
      const { Credentials } = await new STSClient(clientOf()).send(command);
      const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
      return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    },
    async close() {
      await program.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
