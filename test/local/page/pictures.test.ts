import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../support/documents.ts';

const MAX_BYTES = 300_000;

test.each(['docs/page-healthy.png', 'docs/page-subnet-empty.png'])(
  '%s is a picture that loads quickly',
  (file) => {
    const bytes = readFileSync(join(ROOT, file));
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(bytes.length).toBeLessThan(MAX_BYTES);
    expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(`(${file})`);
  },
);
