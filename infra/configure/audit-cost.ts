/**
 * What a read through the API server leaves in the audit log: two events (ResponseStarted, ResponseComplete), in KB as
 * kube-apiserver 1.35.4 writes them, and with the most that EKS adds of identity and session.
 */
const AUDIT = { events: 2, kilobytes: [1.172, 1.8] };
/** Dollars, vended logs in us-east-1, November 2026. */
const LOG_GIGABYTE = 0.5;
const MINUTES_OF_A_MONTH = 730 * 60;

/** Of the audit log that the collector causes in a month: gigabytes and dollars, each the least and the most, as text. */
export function auditLog(nodes: number, intervalMinutes: number): { gigabytes: string; dollars: string } {
  const cycles = MINUTES_OF_A_MONTH / intervalMinutes;
  const gigabytes = AUDIT.kilobytes.map((size) => (cycles * nodes * AUDIT.events * size) / 1e6);
  return {
    gigabytes: `${range(gigabytes)} GB`,
    dollars: `$${range(gigabytes.map((each) => each * LOG_GIGABYTE))}`,
  };
}

const range = (values: readonly number[]) => values.map((value) => value.toFixed(0)).join(' to ');
