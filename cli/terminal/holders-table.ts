import { styleText } from 'node:util';
import type { AddressReport } from '../../lambda/collect/address-report.ts';
import type { Holdings } from '../../lambda/domain/subnets/holdings.ts';
import { wrapParts } from './wrap.ts';

const SUBNET_WIDTH = 24;
/** A /16 has 65,536 addresses and 4,096 blocks. */
const COUNT_WIDTHS = [7, 7, 7, 7, 6];
const count = new Intl.NumberFormat('en-US');

/**
 * Who holds the addresses of each subnet, and what is free in it.
 * @param width characters a line may have
 */
export function holdersTable({ ageMinutes, subnets, unknown = [] }: AddressReport, width: number): string[] {
  const when = ageMinutes === 0 ? 'now' : `${ageMinutes} min ago`;
  return [
    '',
    `${styleText('bold', 'Where the addresses are')}, ${when}`,
    styleText('dim', line('', ['nodes', 'others', 'leaked', 'free', '/28'])),
    ...subnets.flatMap((row) => linesOf(row, width)),
    ...unknown.map(({ subnet, why }) => `  ${subnet.padEnd(SUBNET_WIDTH)}  ${WHY[why]}`),
  ];
}

const WHY = {
  shared: 'of another account: not known',
  unseen: 'holders not visible: not known',
  'ipv6-only': 'IPv6-only: no IPv4 addresses',
} as const;

function linesOf(row: Holdings, width: number): string[] {
  const { subnet, nodes, leaked, free, clusters, others, freePrefixes, reservedFreePrefixes } = row;
  const holders = [...Object.entries(clusters), ...Object.entries(others)];
  const counts = [nodes, holders.reduce((sum, [, held]) => sum + held, 0), leaked, free];
  const named = holders.map(([name, held]) => `${name} ${count.format(held)}`);
  const reserved = reservedFreePrefixes > 0 ? [`${reservedFreePrefixes} /28 reserved for prefixes`] : [];
  return [
    line(
      subnet,
      [...counts, freePrefixes].map((value) => count.format(value)),
    ),
    ...[named, reserved].flatMap((parts) =>
      parts.length === 0
        ? []
        : wrapParts(parts, ', ', width, '    ', '    ').map((text) => styleText('dim', text)),
    ),
  ];
}

const line = (subnet: string, counts: readonly string[]): string =>
  `  ${subnet.padEnd(SUBNET_WIDTH)}${counts.map((text, column) => text.padStart(COUNT_WIDTHS[column] ?? 0)).join('')}`.trimEnd();
