const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * Milliseconds as the API server prints them: two units at most, and less exact the longer they are.
 * https://github.com/kubernetes/apimachinery/blob/v0.35.4/pkg/util/duration/duration.go
 */
export function humanDuration(ms: number): string {
  const whole = (unit: number) => Math.floor(Math.max(0, ms) / unit);
  const two = (large: number, mark: string, small: number, smallMark: string) => {
    const rest = Math.floor((ms % large) / small);
    return `${whole(large)}${mark}${rest > 0 ? `${rest}${smallMark}` : ''}`;
  };
  if (ms < 2 * MINUTE) return `${whole(SECOND)}s`;
  if (ms < 10 * MINUTE) return two(MINUTE, 'm', SECOND, 's');
  if (ms < 3 * HOUR) return `${whole(MINUTE)}m`;
  if (ms < 8 * HOUR) return two(HOUR, 'h', MINUTE, 'm');
  if (ms < 2 * DAY) return `${whole(HOUR)}h`;
  if (ms < 8 * DAY) return two(DAY, 'd', HOUR, 'h');
  return `${whole(DAY)}d`;
}
