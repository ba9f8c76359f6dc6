import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { type AST, RegExpParser } from '@eslint-community/regexpp';
import { parse, type Token } from 'acorn';
import { analyse } from 'scslre';
import { expect, test } from 'vitest';
import { ROOT } from '../support/documents.ts';

interface Literal {
  readonly pattern: string;
  readonly flags: string;
}

/** Every regular expression that a source file writes down; `new RegExp` is a finding of its own. */
function expressionsOf(source: string): { literals: Literal[]; constructed: boolean } {
  const code = stripTypeScriptTypes(source);
  const literals: Literal[] = [];
  parse(code, {
    ecmaVersion: 'latest',
    sourceType: 'module',
    // acorn's types leave the value of a token out.
    onToken: ({ type, value }: Token & { readonly value?: Literal }) => {
      if (type.label === 'regexp' && value) literals.push(value);
    },
  });
  return { literals, constructed: /\bRegExp\(/.test(code) };
}

/** What can make matching take more than linear time in the length of the text; empty: nothing. */
function superLinear({ pattern, flags }: Literal): string[] {
  const { reports } = analyse({ source: pattern, flags });
  const findings = reports.map(({ type }) => `backtracks (${type})`);
  const { alternatives } = new RegExpParser().parsePattern(pattern, 0, pattern.length, {
    unicode: flags.includes('u'),
    unicodeSets: flags.includes('v'),
  });
  if (alternatives.some((alternative) => restarts(alternative)))
    findings.push('starts anew at every place, with an unbounded quantifier before its end');
  return findings;
}

/**
 * Whether an alternative can begin anywhere and may read far before it fails: tried again from each place, that is
 * quadratic. scslre finds this only where the quantifier comes first. A quantifier at the end cannot fail.
 */
function restarts({ elements }: AST.Alternative): boolean {
  if (elements[0]?.type === 'Assertion' && elements[0].kind === 'start') return false;
  return (
    elements.some((element, index) => index < elements.length - 1 && isUnbounded(element)) ||
    hasLookaround(elements)
  );
}

function isUnbounded(element: AST.Element): boolean {
  switch (element.type) {
    case 'Quantifier':
      return element.max === Infinity || isUnbounded(element.element);
    case 'Group':
    case 'CapturingGroup':
      return element.alternatives.some(({ elements }) => elements.some(isUnbounded));
    case 'Assertion':
      return (
        'alternatives' in element && element.alternatives.some(({ elements }) => elements.some(isUnbounded))
      );
    default:
      return false;
  }
}

const hasLookaround = (elements: readonly AST.Element[]): boolean =>
  elements.some((element) => element.type === 'Assertion' && isUnbounded(element));

/** Sources with an expression made of a text, and why that is linear. */
const CONSTRUCTED: Readonly<Record<string, string>> = {
  'lambda/domain/redact.ts': 'known secrets, character by character, without quantifiers',
  'infra/schema/fields.ts': 'a literal kind before a bounded run',
  'local/aws/ec2-query.ts': 'a filter that the tests themselves send to the simulated EC2',
};

const files = globSync('{lambda,infra,local,cli,tools}/**/*.{ts,mjs}', { cwd: ROOT });

test.each(files)('every regular expression of %s takes linear time', (file) => {
  const { literals, constructed } = expressionsOf(readFileSync(join(ROOT, file), 'utf8'));
  expect(
    literals.flatMap((literal) => superLinear(literal).map((why) => `/${literal.pattern}/ ${why}`)),
  ).toEqual([]);
  expect(constructed).toBe(file in CONSTRUCTED);
});

test.each([
  { source: String.raw`/\s+$/`, why: 'a run of blanks before something else' },
  {
    source: String.raw`/(?<=x-amz-security-token[:=]\s*)[^\s&]+/gi`,
    why: 'a run of blanks behind which to look',
  },
  { source: String.raw`/dial tcp.*i\/o timeout/`, why: 'its first words, over and over' },
  { source: '/^(a+)+$/', why: 'nested quantifiers' },
  { source: String.raw`/^\d+\.?\d*$/`, why: 'two quantifiers of one class' },
])('$source is found: $why', ({ source }) => {
  const [literal] = expressionsOf(source).literals;
  expect(literal && superLinear(literal)).not.toEqual([]);
});
