import type { Random } from './random.ts';

/** A subnet that nodes take addresses from, shared with other workloads in the VPC. */
export interface Subnet {
  readonly id: string;
  readonly zone: string;
  readonly cidr: string;
  /** Addresses that can be assigned: EC2 reserves five in every subnet. */
  readonly usable: number;
  /** EC2's AvailableIpAddressCount. */
  free(): number;
  /** Takes `count` addresses, all or none. @returns them, or undefined: InsufficientFreeAddressesInSubnet */
  takeAddresses(count: number): readonly string[] | undefined;
  /** Takes 16 addresses in a row. @returns the /28, or undefined: InsufficientCidrBlocks */
  takePrefix(): string | undefined;
  /** Takes back what it gave, addresses or prefixes (with or without their length). */
  give(taken: Iterable<string>): void;
  /** Sets how many addresses other users have taken; those that are free at most. */
  useByOthers(count: number): void;
  /** Other users take one address of each free /28 block, so that none is left for a prefix. */
  scatter(): void;
  /** Whole /28 blocks that nobody has. */
  freePrefixes(): number;
  /** Addresses that other workloads have now. */
  heldByOthers(): readonly string[];
  /** What other workloads do in `ms`: sometimes a batch job takes nearly all free addresses for a while. */
  step(ms: number, random: Random): void;
}

/** First four and last: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
const RESERVED = 5;
const PREFIX = 16;
/** A surge starts about this often in a subnet and lasts a tenth of it. */
const SURGE_EVERY_MS = 4 * 3_600_000;

/**
 * @param index position among the cluster's subnets; zone and second octet follow from it
 * @param length of its CIDR, 16 to 28
 */
export function createSubnet(index: number, length: number, region: string): Subnet {
  const size = 2 ** (32 - length);
  const usable = size - RESERVED;
  const inUse = new Uint8Array(size);
  inUse.fill(1, 0, 4).fill(1, size - 1);
  let used = 0;
  let others = 0;
  let cursor = 0;
  const scattered: number[] = [];
  const free = () => usable - used - others;
  const text = (address: number) => `10.${index}.${address >> 8}.${address & 255}`;
  /** A batch job has some of the addresses that nobody else has. */
  const batch = (): readonly number[] => {
    const held: number[] = [];
    for (let address = 0; held.length < others && address < size; address += 1)
      if (!inUse[address]) held.push(address);
    return held;
  };
  const take = (address: number, count: number) => {
    inUse.fill(1, address, address + count);
    used += count;
  };

  return {
    id: `subnet-0a11ce${index.toString(16).padStart(11, '0')}`,
    zone: `${region}${'abc'.charAt(index % 3)}`,
    cidr: `10.${index}.0.0/${length}`,
    usable,
    free,
    takeAddresses(count) {
      if (count > free()) return undefined;
      const addresses: string[] = [];
      for (; addresses.length < count; cursor = (cursor + 1) % size) {
        if (inUse[cursor]) continue;
        take(cursor, 1);
        addresses.push(text(cursor));
      }
      return addresses;
    },
    takePrefix() {
      if (free() < PREFIX) return undefined;
      for (let block = PREFIX; block < size; block += PREFIX) {
        if (inUse.subarray(block, block + PREFIX).includes(1)) continue;
        take(block, PREFIX);
        return `${text(block)}/28`;
      }
      return undefined;
    },
    give(taken) {
      for (const cidr of taken) {
        const [, , third, fourth, prefix] = cidr.split(/[./]/).map(Number);
        const address = (third ?? 0) * 256 + (fourth ?? 0);
        const count = prefix === 28 ? PREFIX : 1;
        inUse.fill(0, address, address + count);
        used -= count;
      }
    },
    useByOthers(count) {
      others = Math.min(count, usable - used);
    },
    scatter() {
      for (let block = PREFIX; block < size; block += PREFIX) {
        if (inUse.subarray(block, block + PREFIX).includes(1)) continue;
        take(block, 1);
        scattered.push(block);
      }
    },
    freePrefixes() {
      const taken = inUse.slice();
      for (const address of batch()) taken[address] = 1;
      let blocks = 0;
      for (let block = 0; block < size; block += PREFIX)
        if (!taken.subarray(block, block + PREFIX).includes(1)) blocks += 1;
      return blocks;
    },
    heldByOthers: () => [...batch(), ...scattered].map(text),
    step(ms, random) {
      const dice = random.float();
      if (others === 0 && dice < ms / SURGE_EVERY_MS) others = Math.max(0, free() - random.below(4));
      else if (others > 0 && dice < ms / (SURGE_EVERY_MS / 10)) others = 0;
    },
  };
}
