import { expect, test } from 'vitest';
import { refuseAddress } from '../../../../lambda/adapters/node/node-address.ts';

test.each([
  ['10.0.1.2', undefined],
  ['100.64.3.4', undefined],
  ['127.0.0.1', '127.0.0.1 is a loopback address'],
  ['127.255.255.255', '127.255.255.255 is a loopback address'],
  ['0.0.0.0', '0.0.0.0 is a link-local, multicast or reserved address'],
  ['169.254.169.254', '169.254.169.254 is a link-local, multicast or reserved address'],
  ['224.0.0.1', '224.0.0.1 is a link-local, multicast or reserved address'],
  ['255.255.255.255', '255.255.255.255 is a link-local, multicast or reserved address'],
  ['2001:db8::1', '2001:db8::1 is an IPv6 address, and SCRAPE_VIA=node reads IPv4 nodes only'],
  ['::ffff:10.0.1.2', '::ffff:10.0.1.2 is an IPv6 address, and SCRAPE_VIA=node reads IPv4 nodes only'],
  ['010.0.1.2', 'what the list has for the pod is not an IP address'],
  ['localhost', 'what the list has for the pod is not an IP address'],
  ['', 'what the list has for the pod is not an IP address'],
])('anywhere: %s: %s', (address, refusal) => {
  expect(refuseAddress(undefined)(address)).toBe(refusal);
});

test.each([
  ['10.0.1.2', undefined],
  ['10.1.0.0', '10.1.0.0 is not in NODE_CIDRS'],
  ['100.64.255.255', undefined],
  ['127.0.0.1', '127.0.0.1 is not in NODE_CIDRS'],
])('in two blocks: %s: %s', (address, refusal) => {
  expect(refuseAddress(['10.0.0.0/16', '100.64.0.0/16'])(address)).toBe(refusal);
});

test('loopback addresses need a block of their own, and others are never allowed', () => {
  const refuse = refuseAddress(['127.64.0.0/10', '169.254.0.0/16', '224.0.0.0/8']);
  expect(refuse('127.64.0.1')).toBeUndefined();
  expect(refuse('127.0.0.1')).toBe('127.0.0.1 is not in NODE_CIDRS');
  expect(refuse('169.254.169.254')).toContain('link-local');
  expect(refuse('224.0.0.1')).toContain('multicast');
});
