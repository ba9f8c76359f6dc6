import { evidence } from '../../lambda/contract.ts';

/**
 * The answer to a call.
 * @throws Error that names the call, what failed and what to do; without the token of the session, which AWS repeats in refusals
 */
export async function ask<Answer>(call: string, send: () => Promise<Answer>): Promise<Answer> {
  try {
    return await send();
  } catch (cause) {
    const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
    throw new Error(`${call} failed: ${name}: ${evidence(message).replace(/\.$/, '')}.${remedyFor(name)}`, {
      cause,
    });
  }
}

/** The items of all pages. @throws Error as ask */
export async function collect<Page, Item>(
  call: string,
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  return ask(call, async () => {
    const items: Item[] = [];
    for await (const page of pages) items.push(...(itemsOf(page) ?? []));
    return items;
  });
}

function remedyFor(error: string): string {
  if (error === 'CredentialsProviderError')
    return ' Check AWS_PROFILE (aws configure list-profiles), or sign in with: aws sso login';
  if (/Expired/.test(error))
    return ' The credentials have expired: sign in again, for example with: aws sso login';
  if (
    /UnrecognizedClient|InvalidClientTokenId|AuthFailure|InvalidSignature|SignatureDoesNotMatch/.test(error)
  )
    return ' AWS does not accept the credentials: check them with: aws sts get-caller-identity';
  if (isDenied(error)) return ' Allow this action for the principal that runs the command.';
  if (error === 'ResourceNotFoundException') return ' Check name, region and AWS_PROFILE.';
  return '';
}

/** Whether the principal that runs the command may not make a call. @param error name of the error */
export const isDenied = (error: string): boolean => /AccessDenied|UnauthorizedOperation/.test(error);
