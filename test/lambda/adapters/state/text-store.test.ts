import { expect, test } from 'vitest';
import { memoryObject, type StoredObjects } from '../../../../lambda/adapters/state/memory-object.ts';
import { textStore } from '../../../../lambda/adapters/state/text-store.ts';
import { deadlineIn } from '../../../support/deadline.ts';

/** What another function finds that a function has stored. */
async function storedAs(text: string): Promise<string | undefined> {
  const objects: StoredObjects = new Map();
  await textStore(memoryObject('holders', objects)).store(text, deadlineIn());
  return textStore(memoryObject('holders', objects)).load(deadlineIn());
}

test.each([
  { what: 'names that look like the parts of a text', name: '[:{' },
  { what: 'names that look like the ends of names', name: '"[\\"{\\\\' },
])('a text is read again in spite of $what', async ({ name }) => {
  const text = JSON.stringify(Array.from({ length: 1_000 }, (_, index) => `${index}${name.repeat(80)}`));
  expect(await storedAs(text)).toBe(text);
});

test.each([
  { what: '150,001 lists', text: `[${'[],'.repeat(149_999)}[]]` },
  { what: '150,001 lists behind a name', text: `["\\\\\\"",${'[],'.repeat(149_999)}[]]` },
  { what: 'more than 4 MiB', text: ' '.repeat(4 * 1024 * 1024 + 1) },
])('a text of $what is none', async ({ text }) => {
  expect(await storedAs(text)).toBeUndefined();
});
