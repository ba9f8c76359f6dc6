import { type AwsAccount, type AwsEndpoint, AwsRefusal, startAwsEndpoint } from './endpoint.ts';
import { element } from './xml.ts';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

/**
 * STS as far as GetCallerIdentity, which needs no right.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 * @param arn of the caller
 */
export function startSts(account: AwsAccount, arn: string): Promise<AwsEndpoint> {
  return startAwsEndpoint(
    {
      signingName: 'sts',
      unknownKey: 'InvalidClientTokenId',
      serve({ body }) {
        const parameters = new URLSearchParams(body.toString());
        if (parameters.get('Action') !== 'GetCallerIdentity' || parameters.get('Version') !== '2011-06-15')
          throw new AwsRefusal(
            'InvalidAction',
            `Could not find operation ${parameters.get('Action')} for version ${parameters.get('Version')}`,
          );
        const [, , , , accountId = ''] = arn.split(':');
        const result = { Arn: arn, UserId: 'AROAEXAMPLE:local', Account: accountId };
        return xml(200, 'GetCallerIdentityResponse', element('GetCallerIdentityResult', result));
      },
      render: ({ status, code, message }) =>
        xml(status, 'ErrorResponse', element('Error', { Type: 'Sender', Code: code, Message: message })),
    },
    account,
  );
}

const xml = (status: number, name: string, content: string) => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<${name} xmlns="${NAMESPACE}">${content}</${name}>`,
});
