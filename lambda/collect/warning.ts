import type { WarningCode } from '../domain/causes/warnings.ts';

export interface Warning {
  readonly code: WarningCode;
  readonly message: string;
}
