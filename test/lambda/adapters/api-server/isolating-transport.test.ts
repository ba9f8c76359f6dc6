import { expect, test } from 'vitest';
import { IsolatingTransport } from '../../../../lambda/adapters/api-server/isolating-transport.ts';
import { ReceiveMemory } from '../../../../lambda/adapters/api-server/receive-memory.ts';
import { type Transport, TransportError } from '../../../../lambda/adapters/api-server/transport.ts';
import { deadlineIn } from '../../../support/deadline.ts';

test('suspects that are not asked for again are forgotten, so that a warm function does not grow', async () => {
  let transports = 0;
  const connect = (): Transport => {
    transports += 1;
    return {
      get: () => Promise.reject(new TransportError('lost', 'the connection broke')),
      close: () => {},
    };
  };
  const transport = new IsolatingTransport(connect);
  const request = { headers: {}, deadline: deadlineIn(), maxBytes: 1, memory: new ReceiveMemory() };
  const lose = (path: string) =>
    transport.get({ ...request, path, read: () => {} }).catch(({ fault }: TransportError) => fault);

  expect(await lose('first')).toBe('lost');
  for (let pod = 0; pod < 10_000; pod += 1) await lose(`gone-${pod}`);
  expect(transports).toBe(1);
  await lose('first');
  expect(transports).toBe(1);
  await lose('gone-9999');
  expect(transports).toBe(2);
});
