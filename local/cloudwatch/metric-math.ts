/**
 * The part of CloudWatch's metric math that our alarms and graphs use: numbers, variables, + - * /, brackets,
 * FILL(m, number), PERIOD(m) and IF(m >= number, value, value), at one timestamp.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
interface Variables {
  /** Undefined where the series has no value at this timestamp. @throws Error on an unknown name */
  value(name: string): number | undefined;
  readonly periodSeconds: number;
}

/** A series has no value where nothing was published; a scalar always has one. */
type Operand = { readonly series: boolean; readonly value: number | undefined };

/** The expression's value; undefined where it has none. @throws Error on anything that is not described above */
export function evaluateMath(expression: string, variables: Variables): number | undefined {
  const tokens = expression.match(/[A-Za-z_]\w{0,63}|\d{1,15}(?:\.\d{1,15})?|[<>]=?|\S/gu) ?? [];
  let position = 0;
  const unreadable = (): Error =>
    new Error(
      `metric math "${expression}": cannot read ${tokens[position] ?? 'the end'} (token ${position + 1})`,
    );
  const is = (...candidates: string[]): boolean => candidates.includes(tokens[position] ?? '');
  const take = (expected?: string): string => {
    const token = tokens[position];
    if (token === undefined || (expected !== undefined && token !== expected)) throw unreadable();
    position += 1;
    return token;
  };

  const sum = (): Operand => {
    let left = product();
    while (is('+', '-')) left = combine(take(), left, product());
    return left;
  };
  const product = (): Operand => {
    let left = atom();
    while (is('*', '/')) left = combine(take(), left, atom());
    return left;
  };
  const atom = (): Operand => {
    if (/^\d/.test(tokens[position] ?? '')) return { series: false, value: Number(take()) };
    if (is('(')) return within(() => sum());
    if (is('FILL')) {
      take();
      return within(() => {
        const { value } = sum();
        take(',');
        const filler = Number(take());
        return { series: true, value: value ?? filler };
      });
    }
    if (is('IF')) {
      take();
      return within(() => {
        const { value } = sum();
        const compare = COMPARISONS[take()];
        if (!compare) throw unreadable();
        const holds = compare(value ?? Number.NaN, Number(take()));
        take(',');
        const whereTrue = sum();
        const whereFalse = is(',') && take() ? sum() : undefined;
        // Where the condition has no value there is none.
        const chosen = value === undefined ? undefined : holds ? whereTrue : whereFalse;
        return { series: true, value: chosen?.value };
      });
    }
    if (is('PERIOD')) {
      take();
      return within(() => {
        variables.value(take());
        return { series: false, value: variables.periodSeconds };
      });
    }
    if (/^[a-z]/.test(tokens[position] ?? '')) return { series: true, value: variables.value(take()) };
    throw unreadable();
  };
  const within = (inner: () => Operand): Operand => {
    take('(');
    const operand = inner();
    take(')');
    return operand;
  };

  const { value } = sum();
  if (position < tokens.length) throw unreadable();
  return value;
}

/** Where only one of two series has a value the other counts as 0; what divides by zero is dropped. */
function combine(operator: string, left: Operand, right: Operand): Operand {
  const series = left.series || right.series;
  const known = [left, right].some((operand) => operand.series === series && operand.value !== undefined);
  return { series, value: known ? calculate(operator, left.value ?? 0, right.value ?? 0) : undefined };
}

const COMPARISONS: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

function calculate(operator: string, left: number, right: number): number | undefined {
  if (operator === '+') return left + right;
  if (operator === '-') return left - right;
  if (operator === '*') return left * right;
  return right === 0 ? undefined : left / right;
}
