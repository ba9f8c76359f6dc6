import type { Random } from './random.ts';

/** A range that EC2 keeps for prefixes, or from which it assigns nothing by itself. */
interface ReservedRange {
  readonly type: 'prefix' | 'explicit';
  readonly cidr: string;
}

/** A subnet that nodes take addresses from, shared with other workloads in the VPC. */
export interface Subnet {
  readonly id: string;
  readonly zone: string;
  readonly cidr: string;
  /** Addresses that can be assigned: EC2 reserves five in every subnet. */
  readonly usable: number;
  /** EC2's AvailableIpAddressCount: without those of reserved ranges. */
  free(): number;
  /** Takes `count` addresses, all or none. @returns them, or undefined: InsufficientFreeAddressesInSubnet */
  takeAddresses(count: number): readonly string[] | undefined;
  /** Takes one address, wherever it lies. @returns undefined where none is free */
  takeAnywhere(random: Random): string | undefined;
  /** Takes 16 addresses in a row, of a range for prefixes first. @returns the /28, or undefined: InsufficientCidrBlocks */
  takePrefix(): string | undefined;
  /** Takes back what it gave, addresses or prefixes (with or without their length). */
  give(taken: Iterable<string>): void;
  /** Reserves a range in which nothing is taken. @param from its first address, counted from that of the subnet */
  reserve(type: ReservedRange['type'], from: number, length: number): void;
  reservations(): readonly ReservedRange[];
  /** Sets how many addresses other users have taken; those that are free at most. */
  useByOthers(count: number): void;
  /** Other users take one address of each free /28 block, so that none is left for a prefix. */
  scatter(): void;
  /** Whole /28 blocks that nobody has, outside of reserved ranges. */
  freePrefixes(): number;
  /** The same in ranges for prefixes. */
  reservedFreePrefixes(): number;
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
  const reservedFor: (ReservedRange['type'] | undefined)[] = Array.from({ length: size });
  const reservations: ReservedRange[] = [];
  /** Addresses outside of reserved ranges that are not in use. */
  let open = usable;
  let others = 0;
  let cursor = 0;
  const scattered: number[] = [];
  const free = () => open - others;
  const text = (address: number) => `10.${index}.${address >> 8}.${address & 255}`;
  const isOpen = (address: number) => !inUse[address] && reservedFor[address] === undefined;
  /** A batch job has some of the addresses that nobody else has. */
  const batch = (): readonly number[] => {
    const held: number[] = [];
    for (let address = 0; held.length < others && address < size; address += 1)
      if (isOpen(address)) held.push(address);
    return held;
  };
  const mark = (address: number, count: number, value: 0 | 1) => {
    inUse.fill(value, address, address + count);
    if (reservedFor[address] === undefined) open += value ? -count : count;
  };
  /** First addresses of whole /28 blocks that nobody has. */
  function* freeBlocks(taken: Uint8Array, type?: ReservedRange['type']) {
    for (let block = 0; block < size; block += PREFIX)
      if (reservedFor[block] === type && !taken.subarray(block, block + PREFIX).includes(1)) yield block;
  }
  const countBlocks = (type?: ReservedRange['type']) => {
    const taken = inUse.slice();
    for (const address of batch()) taken[address] = 1;
    return [...freeBlocks(taken, type)].length;
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
        if (!isOpen(cursor)) continue;
        mark(cursor, 1, 1);
        addresses.push(text(cursor));
      }
      return addresses;
    },
    takeAnywhere(random) {
      if (free() === 0) return undefined;
      let address = random.below(size);
      while (!isOpen(address)) address = (address + 1) % size;
      mark(address, 1, 1);
      return text(address);
    },
    takePrefix() {
      const [reserved] = freeBlocks(inUse, 'prefix');
      const block = reserved ?? (free() < PREFIX ? undefined : freeBlocks(inUse).next().value);
      if (block === undefined) return undefined;
      mark(block, PREFIX, 1);
      return `${text(block)}/28`;
    },
    give(taken) {
      for (const cidr of taken) {
        const [, , third, fourth, prefix] = cidr.split(/[./]/).map(Number);
        mark((third ?? 0) * 256 + (fourth ?? 0), prefix === 28 ? PREFIX : 1, 0);
      }
    },
    reserve(type, from, rangeLength) {
      const count = 2 ** (32 - rangeLength);
      reservedFor.fill(type, from, from + count);
      open -= count;
      reservations.push({ type, cidr: `${text(from)}/${rangeLength}` });
    },
    reservations: () => reservations,
    useByOthers(count) {
      others = Math.min(count, open);
    },
    scatter() {
      for (const block of freeBlocks(inUse)) {
        mark(block, 1, 1);
        scattered.push(block);
      }
    },
    freePrefixes: () => countBlocks(),
    reservedFreePrefixes: () => countBlocks('prefix'),
    heldByOthers: () => [...batch(), ...scattered].map(text),
    step(ms, random) {
      const dice = random.float();
      if (others === 0 && dice < ms / SURGE_EVERY_MS) others = Math.max(0, free() - random.below(4));
      else if (others > 0 && dice < ms / (SURGE_EVERY_MS / 10)) others = 0;
    },
  };
}
