import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { CollectorError, ScrapeError } from '../../lambda/errors.ts';

const SECRET = 'k8s-aws-v1.c2VjcmV0';

/** All that a log could take from an error: message, stack, causes and every other field. */
const everythingIn = (error: Error) => inspect(error, { depth: 12, showHidden: true });

const failing = (message: string, more: object = {}) => Object.assign(new Error(message), more);

test.each<{ what: string; cause?: unknown; message?: string; kept?: string }>([
  { what: 'its own words', message: `sent ${SECRET} in vain`, kept: 'sent [token] in vain' },
  { what: 'the words and the stack of its cause', cause: failing(`bad ${SECRET}`), kept: 'bad [token]' },
  {
    what: 'a stack that says more than its message',
    cause: failing('bad', { stack: `Error: bad\n    at send (${SECRET})` }),
    kept: 'at send ([token])',
  },
  {
    what: 'the cause of its cause',
    cause: new Error('outer', { cause: failing(`inner ${SECRET}`) }),
    kept: 'inner [token]',
  },
  { what: 'a cause that is text', cause: `refused ${SECRET}`, kept: 'refused [token]' },
  {
    what: 'an error of the AWS SDK with the whole exchange',
    cause: failing('denied', { name: 'AccessDenied', $response: { headers: { authorization: SECRET } } }),
    kept: 'AccessDenied: denied',
  },
])('no credential is left in $what', ({ cause, message = 'a request failed', kept }) => {
  for (const error of [
    new CollectorError('api-forbidden', message, { cause }),
    new ScrapeError('port-refused', message, { cause }),
  ]) {
    expect(everythingIn(error)).not.toContain(SECRET);
    expect(everythingIn(error)).toContain(kept);
  }
});

test('a CollectorError keeps no credential in what failed either', () => {
  expect(new CollectorError('api-forbidden', `sent ${SECRET}`)).toMatchObject({
    what: 'sent [token]',
    message: expect.stringMatching(/^api-forbidden: sent \[token\]\. /),
  });
});
