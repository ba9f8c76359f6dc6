import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CHROMIUM, type RunningPage, runPage } from '../../support/page.ts';

if (!CHROMIUM)
  console.warn('No Chromium on this machine: the tests of the page are skipped (apt-get install chromium).');

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Of the alarm evaluator: no datapoint is older. */
const SETTLED = 30;

describe.skipIf(!CHROMIUM)('the page in a browser', () => {
  let running: RunningPage;
  let browser: Browser;
  let page: Page;
  /** Console errors, failed requests and requests to anywhere else. */
  let faults: string[];

  beforeAll(async () => {
    running = await runPage(12, Date.UTC(2026, 10, 22, 12));
    await running.live(SETTLED);
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    await running?.close();
  });
  beforeEach(() => {
    faults = [];
  });
  afterEach(async () => {
    await page.context().close();
    expect(faults).toEqual([]);
  });

  /** @param widgets instead of those of the dashboard */
  async function open(
    width = 1440,
    colorScheme: 'light' | 'dark' = 'light',
    widgets: readonly object[] | undefined = undefined,
  ) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    page = await context.newPage();
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('pageerror', ({ message }) => faults.push(message));
    page.on('request', (request) => {
      if (!request.url().startsWith(running.page.url)) faults.push(`asked ${request.url()}`);
    });
    if (widgets)
      await page.route('**/api/deployment', async (route) => {
        const described = await (await route.fetch()).json();
        await route.fulfill({ json: { ...described, dashboard: { widgets } } });
      });
    await page.goto(running.page.url);
    await drawn();
  }
  /** Until the page shows what the server has now. */
  async function drawn() {
    const version = String(running.page.runs.source().version());
    await page.locator(`body[data-version="${version}"]`).waitFor();
  }
  const figure = (title: string) =>
    page.locator('.single', { hasText: title }).locator('strong').first().textContent();
  const shown = (value: number) =>
    value.toLocaleString('en', { maximumFractionDigits: value >= 100 ? 0 : 1 });

  test('draws every widget of the dashboard, with data or with a reason', async () => {
    await open();
    const body = running.page.runs.source().deployment.dashboard;
    const { widgets } = body as { readonly widgets: readonly { readonly type: string }[] };
    expect(await page.locator('main > .widget').count()).toBe(widgets.length);
    expect(await page.locator('.unknown').count()).toBe(0);
    for (const plot of await page.locator('.plot').all()) {
      const points = Number(await plot.getAttribute('data-points'));
      const reason = await plot.locator('.none').count();
      expect(points > 0 || reason > 0, (await plot.getAttribute('aria-label')) ?? '').toBe(true);
      expect(await plot.getAttribute('aria-label')).toMatch(/^\S.+\..+: /);
    }
    for (const value of await page.locator('.single strong').allTextContents()) expect(value).toMatch(/^\d/);
    for (const table of await page.locator('.scroll').all())
      expect(await table.locator('tbody tr').count()).toBeGreaterThan(0);
  });

  test('says in its place what it cannot draw', async () => {
    const widget = { type: 'metric', x: 0, y: 0, width: 6, height: 6, properties: { title: 'Use' } };
    const strange = [
      { ...widget, properties: { ...widget.properties, view: 'gauge', metrics: [] } },
      { ...widget, type: 'explorer' },
      {
        ...widget,
        properties: {
          ...widget.properties,
          view: 'timeSeries',
          metrics: [[{ expression: 'RATE(m)', id: 'e' }]],
        },
      },
      { ...widget, type: 'log', properties: { title: 'Log', view: 'table', query: 'fields @message' } },
    ];
    await open(1440, 'light', strange);
    expect(await page.locator('.unknown').allTextContents()).toEqual([
      'This page does not know metrics as gauge',
      expect.stringMatching(/^This page does not know .*explorer/),
      expect.stringMatching(/^Error in expression 'e': metric math "RATE\(m\)"/),
      'This page does not know fields @message',
    ]);
    // The browser itself reports the refusal of GetMetricData.
    expect(faults.splice(0)).toEqual([expect.stringContaining('400 (Bad Request)')]);
  });

  test("shows the simulator's books", async () => {
    await open();
    const nodes = running.cluster.fleet.nodes();
    const total = (of: (node: (typeof nodes)[number]) => number) =>
      nodes.reduce((sum, node) => sum + of(node), 0);
    expect(await figure('In use')).toBe(shown(total(({ pool }) => pool.assigned())));
    expect(await figure('Held')).toBe(shown(total(({ pool }) => pool.total())));
    expect(await figure('Network interfaces')).toBe(shown(total(({ pool }) => pool.enis.length)));
    expect(await figure('Nodes')).toBe(shown(nodes.length));
    const free = running.cluster.fleet.subnets().map((subnet) => shown(subnet.free()));
    const graph = page.locator('.widget', { hasText: 'Free addresses of each subnet of this cluster' });
    expect(await graph.locator('.legend b').allTextContents()).toEqual(free);
    await expectText('#alarms-summary', 'No alarm is on.');
    const { report } = running.page.runs.source().last();
    const fullest = (report?.fullest ?? [])
      .slice(0, 5)
      .map(({ assigned, total }) => `${assigned} of ${total}`);
    expect(await page.locator('#fullest small').allTextContents()).toEqual(fullest);
  });

  async function expectText(selector: string, text: string) {
    expect(await page.locator(selector).textContent()).toBe(text);
  }

  test.each([
    { scenario: 'portClosed', alarm: 'nodes-unread', section: 'Coverage' },
    { scenario: 'notRunning', alarm: 'heartbeat', section: 'Heartbeat' },
  ])('$scenario fires $alarm, whose section of the runbook opens', async ({ scenario, alarm, section }) => {
    await open();
    await page.locator('#scenario').selectOption(scenario);
    await expect.poll(() => running.page.scenario.name).toBe(scenario);
    await running.live(8);
    await drawn();
    const strip = page.locator(`[data-alarm="cni-embedded-${alarm}"]`);
    expect(await strip.getAttribute('class')).toContain('ALARM');
    expect(await strip.locator('rect.ALARM').count()).toBe(1);
    expect(await page.locator('.chip.ALARM').allTextContents()).toContainEqual(
      expect.stringContaining(alarm),
    );
    await strip.click();
    expect(await page.locator('#section h2').textContent()).toBe(section);
    await page.keyboard.press('Escape');
    running.page.scenario.choose('healthy');
    await running.live(15);
  });

  test('speed and pause work, from the keyboard too', async () => {
    await open();
    await page.locator('#pause').focus();
    await page.keyboard.press('Space');
    await expect.poll(() => running.page.playback.paused).toBe(true);
    await expect.poll(() => page.locator('#pause').textContent()).toBe('Resume');
    await page.locator('#pause').click();
    await expect.poll(() => running.page.playback.paused).toBe(false);
    await page.locator('input[name=speed][value=normal]').focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => running.page.playback.speed).toBe('fast');
    running.page.playback.tick();
    running.page.playback.tick();
    await expect.poll(() => page.locator('#reached').textContent()).toMatch(/^[\d.]+ simulated min\/s$/);
  });

  test('a chart shows values, time and UTC at the cursor, which the arrow keys move', async () => {
    await open();
    await page.locator('.plot').first().focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => page.locator('#tip').textContent()).toMatch(/UTC.*in use by pods/);
    const before = await page.locator('#tip small').textContent();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => page.locator('#tip small').textContent()).not.toBe(before);
  });

  test.each([
    { width: 1440, scheme: 'light' },
    { width: 1440, scheme: 'dark' },
    { width: 390, scheme: 'light' },
    { width: 390, scheme: 'dark' },
  ] as const)(
    'at $width px, $scheme: nothing is cut off, and axe finds nothing serious',
    async ({ width, scheme }) => {
      await open(width, scheme);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      const cut =
        "[...document.querySelectorAll('.prose')].filter((each) => each.scrollHeight > each.clientHeight + 1)";
      expect(await page.evaluate(`${cut}.map((each) => each.textContent)`)).toEqual([]);
      await page.evaluate(AXE);
      const violations: string[] = await page.evaluate(
        "axe.run().then(({ violations }) => violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)).map(({ id, nodes }) => id + ': ' + nodes.map(({ html, failureSummary }) => html.slice(0, 120) + ' ' + failureSummary).join(' | ')))",
      );
      expect(violations).toEqual([]);
    },
  );
});
