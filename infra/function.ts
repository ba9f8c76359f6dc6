import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, ISubnet, IVpc } from 'aws-cdk-lib/aws-ec2';
import { Policy, type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { nodeOptions } from '../lambda/contract.ts';
import { ConfigurationError } from './schema/faults.ts';

/** The size of the function. */
export interface FunctionOptions {
  /** 128 to 10,240. @default 512, enough for 5,000 nodes in a minute (docs/performance.md) */
  readonly memoryMb?: number | undefined;
  /** Seconds; must end before the next cycle begins. @default 50 */
  readonly timeoutSeconds?: number | undefined;
  /** `x86_64` where the region has no arm64. @default 'arm64', 20 % cheaper */
  readonly architecture?: 'arm64' | 'x86_64' | undefined;
  /**
   * Takes one unit of the account's concurrency for this function alone, so that cycles never overlap and never
   * wait for others. Off by default: an account must keep 100 units unreserved, which new ones do not have,
   * and the lease of the state keeps overlapping cycles from counting twice.
   * @default false
   */
  readonly reservedConcurrency?: boolean | undefined;
  /** Days that log lines are kept; one of those CloudWatch Logs offers. @default 30 */
  readonly logRetentionDays?: RetentionDays | undefined;
  /** What happens to the log when the stack is deleted. Its lines expire in any case. @default 'retain' */
  readonly logRemoval?: 'retain' | 'destroy' | undefined;
}

export const DEFAULT_TIMEOUT_SECONDS = 50;
export const DEFAULT_MEMORY_MB = 512;

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const ENVIRONMENT_BYTES = 4096;

interface CollectorFunctionProps extends FunctionOptions {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
  readonly securityGroup: ISecurityGroup;
  readonly environment: Readonly<Record<string, string>>;
  readonly code?: Code | undefined;
  /** Of the log group. @default - a key of CloudWatch Logs */
  readonly encryptionKey: IKey | undefined;
}

/** The function with its log group, and a role without permissions. */
export class CollectorFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: CollectorFunctionProps) {
    super(scope, id);
    this.logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetentionDays ?? 30,
      removalPolicy: props.logRemoval === 'destroy' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
      ...(props.encryptionKey && { encryptionKey: props.encryptionKey }),
    });
    // No fixed name: the access entry of a role that was created again under the same ARN does not work.
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'CNI metrics collector',
    });
    const memoryMb = props.memoryMb ?? DEFAULT_MEMORY_MB;
    const environment = { NODE_OPTIONS: nodeOptions(memoryMb), ...props.environment };
    // At least: a short placeholder stands here for what CloudFormation fills in.
    const bytes = Buffer.byteLength(JSON.stringify(environment));
    if (bytes > ENVIRONMENT_BYTES)
      throw new ConfigurationError(
        `The settings make an environment of at least ${bytes} bytes, and Lambda accepts ${ENVIRONMENT_BYTES}: give fewer SUBNET_IDS, or shorten STATE_KEY and AWS_CLUSTER_ID.`,
      );
    this.function = new LambdaFunction(this, 'Resource', {
      description: 'Collects the CNI metrics of an EKS cluster',
      code: props.code ?? bundled(),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: props.architecture === 'x86_64' ? Architecture.X86_64 : Architecture.ARM_64,
      memorySize: memoryMb,
      timeout: Duration.seconds(props.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS),
      role: this.role,
      environment,
      logGroup: this.logGroup,
      loggingFormat: LoggingFormat.JSON,
      ...(props.environment.LOG_LEVEL === 'debug' && { applicationLogLevelV2: ApplicationLogLevel.DEBUG }),
      // A late cycle is worth nothing: the next one covers the gap.
      maxEventAge: Duration.seconds(60),
      retryAttempts: 0,
      ...(props.reservedConcurrency && { reservedConcurrentExecutions: 1 }),
      vpc: props.vpc,
      vpcSubnets: { subnets: [...props.subnets] },
      securityGroups: [props.securityGroup],
    });
  }

  /** Permissions that the function needs to exist, so they come before it. */
  allow(statements: readonly PolicyStatement[]): void {
    for (const statement of statements) this.role.addToPolicy(statement);
  }

  /** Takes permissions away from the code; names the function, so it comes after it. */
  deny(statement: PolicyStatement): void {
    new Policy(this, 'Denied', { statements: [statement], roles: [this.role] });
  }
}

/**
 * In the package the function is beside this file, ready built. In the repository it is built at every synth, so that
 * what is deployed is what is checked out.
 */
function bundled(): Code {
  const built = join(import.meta.dirname, 'lambda');
  if (existsSync(built)) return Code.fromAsset(built);
  const target = join(import.meta.dirname, '../dist/lambda');
  return Code.fromCustomCommand(target, [process.execPath, join(import.meta.dirname, 'bundle.ts'), target]);
}
