/** CloudWatch's own order of colors. */
const PALETTE = ['#1f77b4', '#ff7f0e', '#2ca02c', '#d62728', '#9467bd', '#8c564b', '#e377c2', '#7f7f7f'];
const DARK = ['#5aa9e6', '#ffa04d', '#63c963', '#ff7b72', '#b99ae0', '#c49a8f', '#f0a6dc', '#b0b0b0'];

const isDark = () => matchMedia('(prefers-color-scheme: dark)').matches;

export const colorOf = (index: number, own?: string): string =>
  own ?? (isDark() ? DARK : PALETTE)[index % PALETTE.length] ?? '#1f77b4';

/** The value of a color of the style sheet. */
export const styled = (name: string): string => {
  const probe = document.createElement('span');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
export const number = (value: number): string => (Math.abs(value) >= 100 ? whole : fine).format(value);

/** With its unit where the axis is not a count. */
export const withUnit = (value: number, axis = ''): string =>
  axis === '%' ? `${number(value)} %` : axis === 'ms' ? `${number(value)} ms` : number(value);

const local = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const full = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const utc = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });

/** @param time epoch milliseconds */
export const clockTime = (time: number): string => local.format(time);
export const dayAndTime = (time: number): string => full.format(time);
export const utcTime = (time: number): string => `${utc.format(time)} UTC`;
