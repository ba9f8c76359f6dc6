import { describe, expect, onTestFinished, test } from 'vitest';
import { resolve } from '../../../../lambda/adapters/probes/dns.ts';
import { connect } from '../../../../lambda/adapters/probes/tcp.ts';
import { openBlackHole } from '../../../../local/fault-injection/black-hole.ts';
import { deadlineIn } from '../../../support/deadline.ts';

const at = (url: string) => ({ url: new URL(url), ca: '' });

describe('an address', () => {
  test.each([
    ['10.1.2.3', false],
    ['172.31.255.254', false],
    ['192.168.0.1', false],
    ['100.64.0.1', false],
    ['[fd00:ec2::1]', false],
    ['[::1]', false],
    ['172.32.0.1', true],
    ['203.0.113.5', true],
    ['[2001:db8::1]', true],
  ])('%s is public: %s', async (host, isPublic) => {
    expect(await resolve(at(`https://${host}`), 'prod')).toMatchObject({ status: 'ok', value: { isPublic } });
  });
});

test('a name is reported with its addresses', async () => {
  const { seen } = await resolve(at('https://localhost'), 'prod');
  expect(seen).toMatch(/^localhost is (127\.0\.0\.1|::1)/);
});

test.each([
  { isPublic: false, cause: /^tcp-dropped: /, remedy: /^Allow tcp\/\d+ from the function's security group/ },
  {
    isPublic: true,
    cause: /^tcp-public: /,
    remedy:
      /^Run aws eks update-cluster-config --name prod --resources-vpc-config endpointPrivateAccess=true, or give the subnets a NAT gateway/,
  },
])(
  'a SYN without an answer is judged by the address, public: $isPublic',
  async ({ isPublic, cause, remedy }) => {
    const hole = await openBlackHole();
    onTestFinished(hole.close);
    const result = await connect(at(`https://127.0.0.1:${hole.port}`), { isPublic }, 'prod', deadlineIn(300));
    expect(result).toMatchObject({
      status: 'failed',
      seen: expect.stringMatching(
        `^no answer from 127\\.0\\.0\\.1:${hole.port} within (300|[12]?\\d?\\d) ms$`,
      ),
      cause: expect.stringMatching(cause),
      remedy: expect.stringMatching(remedy),
    });
  },
);
