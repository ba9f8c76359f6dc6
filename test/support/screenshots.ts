// npm run screenshots: writes the pictures of the README.
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { ROOT } from './documents.ts';
import { CHROMIUM, runPage } from './page.ts';

const YESTERDAY = Date.UTC(2026, 10, 22, 12) - 24 * 3_600_000;
const PICTURES = [
  { file: 'docs/page-healthy.png', scenario: 'healthy', minutes: 170, colorScheme: 'light' },
  { file: 'docs/page-subnet-empty.png', scenario: 'subnetEmpty', minutes: 65, colorScheme: 'dark' },
] as const;

if (!CHROMIUM) throw new Error('The pictures need Chromium: apt-get install chromium.');
const running = await runPage(25, YESTERDAY);
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
try {
  await running.liveADay();
  for (const { file, scenario, minutes, colorScheme } of PICTURES) {
    if (scenario !== 'healthy') running.page.scenario.choose(scenario);
    await running.live(minutes);
    const context = await browser.newContext({
      viewport: { width: 1440, height: 1060 },
      colorScheme,
      timezoneId: 'UTC',
    });
    const page = await context.newPage();
    await page.goto(running.page.url);
    const version = running.page.runs.source().version();
    await page.locator(`body[data-version="${version}"]`).waitFor();
    await page.screenshot({ path: join(ROOT, file) });
    await context.close();
  }
} finally {
  await browser.close();
  await running.close();
}
