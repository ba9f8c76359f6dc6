/** A signal that aborts after a budget, which may be a fraction or used up: `AbortSignal.timeout` refuses both. */
export const abortAfter = (budgetMs: number): AbortSignal =>
  AbortSignal.timeout(Math.max(0, Math.ceil(budgetMs)));
