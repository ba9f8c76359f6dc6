import type { WarningCode } from '../domain/causes.ts';

export interface Warning {
  readonly code: WarningCode;
  readonly message: string;
}
