import { expect, test } from 'vitest';
import type { BearerCredentials } from '../../../../lambda/adapters/api-server/credentials.ts';
import { SYSTEM_CLOCK } from '../../../../lambda/adapters/system-clock.ts';
import { Deadline } from '../../../../lambda/deadline.ts';
import { apiOver } from '../../../support/served-api.ts';
import { startServer } from '../../../support/tls-server.ts';

/** A server that accepts only `Bearer new`, and credentials that need one login for it. */
async function start() {
  const { access } = await startServer(({ headers }, response) => {
    response.statusCode = headers.authorization === 'Bearer new' ? 200 : 401;
    response.end('up 1');
  });
  const login = Promise.withResolvers<string>();
  let elapsed = 0;
  /** Takes all the time of the request that asks. */
  const slowly = (answer: Promise<string>) => {
    elapsed += 60_000;
    return answer;
  };
  const clock = { ...SYSTEM_CLOCK, elapsed: () => elapsed };
  const over = (credentials: Pick<BearerCredentials, 'authorization' | 'renew'>) =>
    apiOver({ endpoint: access.endpoint, credentials: { kind: 'bearer', ...credentials } });
  return { login, slowly, over, inOneMinute: () => Deadline.in(60_000, clock) };
}

const LATE = {
  code: 'credentials-missing',
  message:
    'credentials-missing: what provides the credentials did not answer in time. If it waits for a login, log in: the next cycle uses the new credentials.',
};

test('a renewal that takes longer than the request may take ends the request, not the renewal', async () => {
  const { login, slowly, over, inOneMinute } = await start();
  const { api, read } = over({
    authorization: async () => 'Bearer old',
    renew: () => slowly(login.promise),
  });
  await expect(api.listPods(inOneMinute())).rejects.toMatchObject(LATE);
  await expect(api.readMetrics({ name: 'a', node: '' }, inOneMinute())).rejects.toMatchObject({
    code: 'scrape-unauthorized',
    message: LATE.message,
    retryable: false,
  });
  login.resolve('Bearer new');
  expect(await read('a')).toBe('up 1');
});

test('so do first credentials', async () => {
  const { login, slowly, over, inOneMinute } = await start();
  const { api, read } = over({ authorization: () => slowly(login.promise), renew: () => login.promise });
  await expect(api.listPods(inOneMinute())).rejects.toMatchObject(LATE);
  login.resolve('Bearer new');
  expect(await read('a')).toBe('up 1');
});

test('a renewal that fails later is no error of the process', async () => {
  const { login, slowly, over, inOneMinute } = await start();
  const { api } = over({ authorization: async () => 'Bearer old', renew: () => slowly(login.promise) });
  await expect(api.listPods(inOneMinute())).rejects.toMatchObject(LATE);
  login.reject(new Error('the login was canceled'));
});
