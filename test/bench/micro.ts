/** What the steps of a cycle cost on their own, in microseconds. Started by `runMicro`. */
import parsePrometheusTextFormat from 'parse-prometheus-text-format';
import { decode } from '../../lambda/domain/exposition/decode.ts';
import { addReading, emptyFold } from '../../lambda/domain/fold.ts';
import { increase } from '../../lambda/domain/state/counters.ts';
import { answersOf, type Kilobytes } from './answers.ts';
import { median } from './median.ts';

const ROUNDS = 15;

/** The CPU time of one call. */
function costOnce(times: number, call: (index: number) => void): number {
  const start = process.cpuUsage();
  for (let index = 0; index < times; index += 1) call(index);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / times;
}

/** The median of some rounds after one that compiles. */
const medianOf = (round: () => number): number => median(Array.from({ length: ROUNDS + 1 }, round).slice(1));

const cost = (times: number, call: (index: number) => void) => medianOf(() => costOnce(times, call));

function decoding(kilobytes: Kilobytes) {
  const texts = answersOf(kilobytes);
  const answers = texts.map((text) => new TextEncoder().encode(text));
  const at = <T>(values: readonly T[], index: number) => values[index % values.length] as T;
  const npm = () => costOnce(60, (index) => parsePrometheusTextFormat(at(texts, index)));
  const own = () => costOnce(1000, (index) => decode(at(answers, index)));
  return {
    [`decode${kilobytes}KbUs`]: medianOf(own),
    [`npmDecode${kilobytes}KbUs`]: medianOf(npm),
    // Of neighboring rounds, so that a slow moment of the machine falls on both.
    [`decode${kilobytes}KbTimesAsFast`]: medianOf(() => npm() / own()),
  };
}

const NODES = 5000;
const readings = answersOf(30).map((text) => decode(new TextEncoder().encode(text)));
const pods = Array.from({ length: NODES }, (_, index) => ({ name: `pod-${index}`, node: `node-${index}` }));
const read = new Map(
  pods.flatMap(({ name }, index) => {
    const reading = readings[index % readings.length];
    return reading ? [[name, reading] as const] : [];
  }),
);

const foldAll = () => {
  const fold = emptyFold();
  for (const pod of pods) {
    const reading = read.get(pod.name);
    if (reading) addReading(fold, pod, reading);
  }
};
const scrape = (time: number) => ({ time, listed: new Set(read.keys()), read });
const { next } = increase(undefined, scrape(1));

process.send?.({
  ...decoding(12),
  ...decoding(30),
  fold5000Us: cost(5, foldAll),
  increase5000Us: cost(5, () => increase(next, scrape(2))),
});
process.disconnect();
