import type { AlarmState } from './alarm-evaluator.ts';

/** An element of a rule: a bracket, an operator, or the state of an alarm. */
const TOKEN = /[()]|AND|OR|NOT|(ALARM|OK|INSUFFICIENT_DATA)\("([^"]{1,255})"\)|\S/g;

/**
 * Whether the rule of a composite alarm holds. AND binds more tightly than OR.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 * @param rule names alarms, not ARNs
 * @throws Error on a rule that this evaluator cannot read
 */
export function ruleHolds(rule: string, stateOf: (alarm: string) => AlarmState): boolean {
  const tokens = [...rule.matchAll(TOKEN)];
  let position = 0;
  const take = () => {
    position += 1;
    return tokens[position - 1];
  };
  const isNext = (operator: string) => tokens[position]?.[0] === operator;

  const anyOf = (): boolean => {
    let holds = allOf();
    while (isNext('OR') && take()) holds = allOf() || holds;
    return holds;
  };
  const allOf = (): boolean => {
    let holds = one();
    while (isNext('AND') && take()) holds = one() && holds;
    return holds;
  };
  const one = (): boolean => {
    const [text, state, alarm] = take() ?? [];
    if (text === 'NOT') return !one();
    if (state !== undefined && alarm !== undefined) return stateOf(alarm) === state;
    if (text !== '(') throw new Error(`Cannot read the rule ${rule} at element ${position}`);
    const holds = anyOf();
    if (take()?.[0] !== ')') throw new Error(`Cannot read the rule ${rule} at element ${position}`);
    return holds;
  };

  const holds = anyOf();
  if (position < tokens.length) throw new Error(`Cannot read the rule ${rule} at element ${position + 1}`);
  return holds;
}
