import type { Deadline } from '../../deadline.ts';
import { failed, ok, type StepResult } from '../../diagnose/step-result.ts';
import { UnusableState } from '../../domain/state/shape.ts';
import { expectedError } from '../../errors.ts';
import { split } from '../state/packed-state.ts';
import type { VersionedObject } from '../state/versioned-object.ts';
import { awsFailure } from './aws-failure.ts';

/** An ETag that no object has. */
const NO_VERSION = '"00000000000000000000000000000000"';

interface Place {
  readonly bucket: string;
  readonly key: string;
  readonly region: string;
}

/**
 * Reads the stored state, then tries to replace a version that does not exist: S3 checks the permission before the
 * condition, so 412 (or 404 if there is no object yet) means that a real write would be allowed.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 * @param now epoch milliseconds
 */
export async function probeState(
  object: VersionedObject,
  place: Place,
  cluster: string,
  now: number,
  deadline: Deadline,
): Promise<StepResult> {
  let right = 's3:GetObject';
  try {
    const found = await object.read(deadline);
    right = 's3:PutObject';
    await object.replace(new Uint8Array(), NO_VERSION, deadline);
    return check(found, object.name, cluster, now);
  } catch (error) {
    return awsFailure(
      expectedError(error).cause,
      {
        denied: 'state-denied',
        unreachable: 'state-unreachable',
        NoSuchBucket: 'state-no-bucket',
        PermanentRedirect: 'state-no-bucket',
        AuthorizationHeaderMalformed: 'state-no-bucket',
      },
      { ...place, right },
    );
  }
}

function check(
  found: Awaited<ReturnType<VersionedObject['read']>>,
  name: string,
  cluster: string,
  now: number,
): StepResult {
  if (!found) return ok(`${name} does not exist yet, and may be written`);
  if (!found.bytes) return failed('state-foreign', `${name} is too large to be state`);
  try {
    const { state } = split(found.bytes, cluster, now);
    const last = state
      ? `of ${new Date(state.time).toISOString()}, ${state.pods.size} pods`
      : 'none committed yet';
    return ok(`${name} holds state of this cluster (${last}), and may be written`);
  } catch (error) {
    if (!(error instanceof UnusableState)) throw error;
    return failed('state-foreign', `${name} is ${error.message}`);
  }
}
