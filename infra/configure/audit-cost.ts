import type { ScrapeWay } from '../../lambda/contract.ts';

/** In KB, as kube-apiserver 1.35.4 writes an event, and with the most that EKS adds of identity and session. */
const EVENT_KILOBYTES = [1.172, 1.8];
/** Of a read through the API server: ResponseStarted, ResponseComplete. */
const EVENTS_OF_A_READ = 2;
/** Each page of the list writes one event. */
const PODS_OF_A_PAGE = 5_000;
/** Dollars, vended logs in us-east-1, November 2026. */
const LOG_GIGABYTE = 0.5;
const MINUTES_OF_A_MONTH = 730 * 60;

/** Minutes between cycles where each read is paid for in the audit log. */
export const AUDITED_INTERVAL_MINUTES = 5;

/** Of the audit log that the collector causes in a month: gigabytes and dollars, each the least and the most, as text. */
interface AuditLog {
  readonly events: number;
  readonly gigabytes: string;
  readonly dollars: string;
}

export function auditLog(nodes: number, intervalMinutes: number, via: ScrapeWay = 'api-server'): AuditLog {
  const cycles = MINUTES_OF_A_MONTH / intervalMinutes;
  const reads = via === 'api-server' ? nodes * EVENTS_OF_A_READ : 0;
  const events = cycles * (reads + Math.ceil(nodes / PODS_OF_A_PAGE));
  const gigabytes = EVENT_KILOBYTES.map((size) => (events * size) / 1e6);
  return {
    events,
    gigabytes: `${range(gigabytes)} GB`,
    dollars: `$${range(gigabytes.map((each) => each * LOG_GIGABYTE))}`,
  };
}

const range = (values: readonly number[]) =>
  [...new Set(values.map((value) => value.toFixed(value < 1 ? 2 : 0)))].join(' to ');
