import { z } from 'zod';
import {
  CLUSTER_ID_SOURCES,
  LOG_LEVELS,
  MAX_DIRECT_CONCURRENCY,
  NAMESPACE,
  NODE_CIDR,
  PODS,
  SCRAPE_CONCURRENCY,
  SCRAPE_TIMEOUT_MS,
  SCRAPE_WAYS,
  SUBNET_ID,
} from '../../lambda/contract.ts';
import type { Settings } from '../settings.ts';
import type { Rule } from './faults.ts';
import { list, literalText, object, text, wholeNumber } from './fields.ts';

/** Narrower than what the function accepts: it is part of alarm names and search expressions. */
const CLUSTER_ID = {
  pattern: /^(?!:|.*["'\\])(?=.*\S)[\x20-\x7e]{1,200}$/,
  accepts: '1 to 200 printable ASCII characters without quotes and backslashes, not starting with a colon',
};

/** Narrower than what the function accepts: it is part of ARNs in policies, where some characters are wildcards. */
const STATE_KEY = {
  pattern: /^[\w!.()-][\w!.()/-]{0,899}$/,
  accepts: '900 characters of letters, digits and _ ! . ( ) / - at most, not starting with /',
};

/** Narrower than what the function accepts: no VPC has loopback addresses. */
const VPC_CIDR = {
  pattern:
    /^(?!127\.)(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}\/(?:[89]|[12]\d|3[0-2])$/,
  accepts: `${NODE_CIDR.accepts}, not loopback`,
};

export const settingsSchema = object({
  METRIC_UPDATE_INTERVAL: wholeNumber({ least: 1, most: 60 }).optional(),
  METRICS_NAMESPACE: text(NAMESPACE).optional(),
  AWS_CLUSTER_ID: text(CLUSTER_ID).optional(),
  CLUSTER_ID_FROM: z.enum(CLUSTER_ID_SOURCES).optional(),
  USE_CLOUDWATCH: z.boolean().optional(),
  PODS: z.enum(PODS).optional(),
  SCRAPE_VIA: z.enum(SCRAPE_WAYS).optional(),
  NODE_CIDRS: list(text(VPC_CIDR), 1).optional(),
  SCRAPE_TIMEOUT_MS: wholeNumber(SCRAPE_TIMEOUT_MS).optional(),
  SCRAPE_CONCURRENCY: wholeNumber(SCRAPE_CONCURRENCY).optional(),
  STATE_KEY: literalText(STATE_KEY).optional(),
  SUBNET_METRICS: z.boolean().optional(),
  SUBNET_IDS: list(text(SUBNET_ID), 1).optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS).optional(),
}) satisfies z.ZodType<Settings>;

export const SETTINGS_RULES: readonly Rule<{ readonly settings?: Settings | undefined }>[] = [
  {
    reads: ['settings.SUBNET_IDS', 'settings.SUBNET_METRICS'],
    at: 'settings.SUBNET_IDS',
    fault: ({ settings }) =>
      settings?.SUBNET_IDS && !settings.SUBNET_METRICS ? 'needs SUBNET_METRICS: true' : undefined,
  },
  {
    reads: ['settings.NODE_CIDRS', 'settings.SCRAPE_VIA'],
    at: 'settings.NODE_CIDRS',
    fault: ({ settings }) =>
      settings?.NODE_CIDRS && settings.SCRAPE_VIA !== 'node' ? 'needs SCRAPE_VIA: node' : undefined,
  },
  {
    reads: ['settings.SCRAPE_CONCURRENCY', 'settings.SCRAPE_VIA'],
    at: 'settings.SCRAPE_CONCURRENCY',
    fault: ({ settings }) =>
      settings?.SCRAPE_VIA === 'node' && (settings.SCRAPE_CONCURRENCY ?? 0) > MAX_DIRECT_CONCURRENCY
        ? `is ${MAX_DIRECT_CONCURRENCY} at the most with SCRAPE_VIA: node, since each read takes a socket`
        : undefined,
  },
  {
    reads: ['settings.PODS', 'settings.SUBNET_METRICS'],
    at: 'settings.PODS',
    fault: ({ settings }) =>
      settings?.PODS === 'none' && !settings.SUBNET_METRICS
        ? 'none needs SUBNET_METRICS: true, since nothing else is left to publish'
        : undefined,
  },
  {
    reads: ['settings.AWS_CLUSTER_ID', 'settings.CLUSTER_ID_FROM'],
    at: 'settings.AWS_CLUSTER_ID',
    fault: ({ settings }) =>
      settings?.AWS_CLUSTER_ID && settings.CLUSTER_ID_FROM === 'ec2-tags'
        ? 'already sets the ID: remove CLUSTER_ID_FROM'
        : undefined,
  },
];
