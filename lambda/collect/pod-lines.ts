import { type GaugeName, gaugeAt } from '../domain/catalog.ts';
import type { PodReading } from '../domain/pod-reading.ts';
import { ScrapeError } from '../errors.ts';
import type { Pod } from './ports.ts';

/**
 * A pod's line if the event says `verbose`: `<pod> on <node>: read, 12 of 30 addresses assigned`, or
 * `<pod> on <node>: port-refused: what was seen`.
 */
export function podLine(pod: Pod, result: PodReading | ScrapeError): string {
  if (result instanceof ScrapeError) return `${placeOf(pod)}: ${result.code}: ${result.message}`;
  const gauge = (name: GaugeName) => {
    const value = result.gauges[gaugeAt(name)];
    return value !== undefined && Number.isFinite(value) ? value : 'unknown';
  };
  return `${placeOf(pod)}: read, ${gauge('assignIPAddresses')} of ${gauge('totalIPAddresses')} addresses assigned`;
}

/** `<pod> on <node>` */
export function placeOf({ name, node }: Pod): string {
  return node === '' ? name : `${name} on ${node}`;
}
