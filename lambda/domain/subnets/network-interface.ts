import type { Range } from './ranges.ts';

/** A network interface as EC2 describes it. */
export interface NetworkInterface {
  readonly id: string;
  readonly subnetId: string;
  /** Account that it belongs to. */
  readonly ownerId: string;
  /** Attached to nothing. */
  readonly isAvailable: boolean;
  /** `interface`, `branch`, `lambda`, `nat_gateway`, `vpc_endpoint`, … */
  readonly type: string;
  readonly description: string;
  /** Of the instance that it is attached to. */
  readonly instanceId?: string;
  /** IPv4 addresses and prefixes. */
  readonly ranges: readonly Range[];
  /** Those that say who owns it. */
  readonly tags: ReadonlyMap<string, string>;
}
