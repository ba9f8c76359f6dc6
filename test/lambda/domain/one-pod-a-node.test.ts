import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ListedPod, onePodANode } from '../../../lambda/domain/one-pod-a-node.ts';

const names = (pods: readonly ListedPod[]) => pods.map(({ name }) => name);

test('pods that count for their nodes, but share an address, are rivals, the youngest first', () => {
  const { counted, rivals, ignored } = onePodANode([
    { name: 'a', node: 'n1', address: '10.0.0.1', ageSeconds: 86_400 },
    { name: 'b', node: 'n2', address: '10.0.0.1', ageSeconds: 45 },
    { name: 'c', node: 'n3', address: '10.0.0.1', ageSeconds: 60 },
    { name: 'd', node: 'n3', address: '10.0.0.1', ageSeconds: 61 },
    { name: 'e', node: 'n4', address: '10.0.0.4', ageSeconds: 60 },
    { name: 'f', node: 'n5', ageSeconds: 60 },
    { name: 'g', node: 'n6', ageSeconds: 60 },
  ]);
  expect([counted, rivals, ignored].map(names)).toEqual([['e', 'f', 'g'], ['b', 'c', 'a'], ['d']]);
});

describe('one pod counts', () => {
  test.each<{ what: string; pods: readonly ListedPod[]; counted: readonly string[] }>([
    {
      what: 'for each node: the youngest',
      pods: [
        { name: 'a', node: 'n1', ageSeconds: 500 },
        { name: 'b', node: 'n1', ageSeconds: 3 },
        { name: 'c', node: 'n2', ageSeconds: 900 },
      ],
      counted: ['b', 'c'],
    },
    {
      what: 'and none that does not count for its own node, however young, shares an address',
      pods: [
        { name: 'a', node: 'n1', address: '10.0.0.1', ageSeconds: 86_400 },
        { name: 'b', node: 'n2', address: '10.0.0.2', ageSeconds: 86_400 },
        { name: 'x', node: 'n3', address: '10.0.0.1', ageSeconds: 3 },
        { name: 'y', node: 'n3', address: '10.0.0.2', ageSeconds: 2 },
        { name: 'z', node: 'n3', address: '10.0.0.3', ageSeconds: 1 },
      ],
      counted: ['a', 'b', 'z'],
    },
    {
      what: 'the first by name, if their ages are the same or unknown',
      pods: [
        { name: 'c', node: 'n1' },
        { name: 'b', node: 'n1' },
        { name: 'a', node: 'n2', ageSeconds: 60 },
        { name: 'd', node: 'n2', ageSeconds: 60 },
      ],
      counted: ['b', 'a'],
    },
    {
      what: 'and every pod of which neither node nor address is known',
      pods: [
        { name: 'a', node: '' },
        { name: 'b', node: '' },
        { name: 'c', node: '' },
      ],
      counted: ['a', 'b', 'c'],
    },
  ])('$what', ({ pods, counted }) => {
    expect(names(onePodANode(pods).counted)).toEqual(counted);
  });

  const place = fc.constantFrom('1', '2', '3');
  const pod = fc.record(
    {
      node: fc.oneof(fc.constant(''), place),
      address: place,
      ageSeconds: fc.constantFrom(1, 60, 3_600),
    },
    { requiredKeys: ['node'] },
  );
  const list = fc
    .array(pod, { minLength: 3, maxLength: 12 })
    .map((pods) => pods.map((each, index) => ({ name: `aws-node-${index}`, ...each })));

  test('for each node and address, whatever the order of the list', () => {
    fc.assert(
      fc.property(
        list.chain((pods) =>
          fc.tuple(fc.constant(pods), fc.shuffledSubarray(pods, { minLength: pods.length })),
        ),
        ([pods, shuffled]) => {
          const { counted, rivals, ignored } = onePodANode(pods);
          const again = onePodANode(shuffled);
          expect(names(again.counted).sort()).toEqual(names(counted).sort());
          expect(names(again.rivals)).toEqual(names(rivals));
          expect(names([...counted, ...rivals, ...ignored]).sort()).toEqual(names(pods).sort());
          const nodes = counted.flatMap(({ node }) => (node === '' ? [] : [node]));
          const addresses = counted.flatMap(({ address }) => address ?? []);
          expect(new Set(nodes).size).toBe(nodes.length);
          expect(new Set(addresses).size).toBe(addresses.length);
        },
      ),
    );
  });
});
