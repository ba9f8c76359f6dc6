import type { IpamdFacts } from '../../lambda/domain/pod-reading.ts';

/** What an answer without any of these families says. */
export const NO_FACTS: IpamdFacts = {
  version: '',
  enis: 0,
  inUseOnEnis: 0,
  connmarkErrors: 0,
  startupFailures: [],
  startupSeconds: NaN,
  nodeInitSeconds: NaN,
};
