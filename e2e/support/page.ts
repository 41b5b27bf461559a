// What every browser test holds its pages to: no errors, no accessibility violations, no sideways scrolling.

import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContext, Page, Response } from '@playwright/test';
import path from 'node:path';

const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Accessibility violations of the page as it stands, one readable entry each; dark colours are looked at too. */
export async function violations(page: Page): Promise<string[]> {
  await page.emulateMedia({ colorScheme: 'light' });
  await settle(page);
  // "Legacy" only means without frames, of which our pages have none: it takes half the time.
  const axe = () => new AxeBuilder({ page }).setLegacyMode();
  const light = await axe().withTags(STANDARDS).analyze();
  for (const rule of light.violations.filter((rule) => rule.id === 'target-size')) {
    // A bar that stays at the bottom may happen to lie half over a target: what counts is whether it is free
    // once scrolled to.
    const before = await page.evaluate(() => window.scrollY);
    const still: typeof rule.nodes = [];
    for (const node of rule.nodes) {
      const selector = node.target.join(' ');
      await page.locator(selector).evaluate((element) => element.scrollIntoView({ block: 'center', behavior: 'instant' }));
      const again = await axe().include(selector).withRules(['target-size']).analyze();
      if (again.violations.length > 0) still.push(node);
    }
    await page.evaluate((y) => window.scrollTo({ top: y, behavior: 'instant' }), before);
    rule.nodes = still;
  }
  light.violations = light.violations.filter((rule) => rule.nodes.length > 0);
  await page.emulateMedia({ colorScheme: 'dark' });
  await settle(page);
  const dark = await axe().withRules(['color-contrast']).analyze();
  await page.emulateMedia({ colorScheme: null });

  const entries = (scheme: string, found: typeof light.violations) =>
    found.map((rule) => {
      const places = rule.nodes.map((node) => {
        const why = node.failureSummary?.replace(/\s+/g, ' ') ?? '';
        return `    ${node.target.join(' ')}\n      ${node.html}\n      ${why}`;
      });
      return `${rule.id} (${rule.impact}, ${scheme}): ${rule.help}\n${places.join('\n')}`;
    });
  return [...entries('light', light.violations), ...entries('dark', dark.violations)];
}

/** Lets the page take on new colours and brings the transitions to their end: nobody reads what is half-way. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await frame();
    await frame();
    for (const animation of document.getAnimations()) {
      if (animation.effect?.getComputedTiming().endTime !== Infinity) animation.finish();
    }
  });
}

/** What sticks out on the right of the page, or nothing if it needs no sideways scrolling. */
export async function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const needed = document.documentElement.scrollWidth;
    if (needed <= width) return [];
    const wide = [...document.body.querySelectorAll('*')]
      .filter((element) => element.getBoundingClientRect().right > width + 1)
      .slice(0, 5)
      .map((element) => element.cloneNode(false) as Element)
      .map((element) => element.outerHTML);
    return [`the page is ${needed} px wide in a window of ${width} px; sticking out: ${wide.join(' ')}`];
  });
}

/** Fails unless the page as it stands is accessible and fits its window. */
export async function check(page: Page): Promise<void> {
  const found = [...(await overflow(page)), ...(await violations(page))];
  if (found.length > 0) throw new Error(`${page.url()} is not fit for use:\n${found.join('\n')}`);
}

/** Saves the page in light and dark as `$ZHENDI_SHOTS/NAME-{light,dark}.png`; without that variable does nothing. */
export async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env.ZHENDI_SHOTS;
  if (!folder) return;
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: path.join(folder, `${name}-${colorScheme}.png`), fullPage: true, animations: 'disabled' });
  }
  await page.emulateMedia({ colorScheme: null });
}

/** Collects what went wrong in the pages of one test without any assertion asking. */
export class Problems {
  private readonly found: string[] = [];
  private readonly allowed: RegExp[] = [];

  /** Lets the problems that match pass: for a test that provokes them. */
  allow(pattern: RegExp): void {
    this.allowed.push(pattern);
  }

  /** What was found and not allowed. */
  list(): string[] {
    return this.found.filter((problem) => !this.allowed.some((pattern) => pattern.test(problem)));
  }

  /** Watches every page of a browser context, from before its first script runs. */
  async watch(context: BrowserContext): Promise<void> {
    context.on('console', (message) => {
      // An answer with an error status is reported here too, but without its kind: see `refused`. And the
      // scripts of these tests themselves are put into every frame, which a sandboxed one refuses.
      const ours = /^Failed to load resource|^Blocked script execution in '[^']*\/(manuscripts\/versions|forwardings)\/\d+\/frame'/;
      if (message.type() === 'error' && !ours.test(message.text())) {
        this.add(message.page(), `console error: ${message.text()}`);
      }
    });
    context.on('weberror', (error) => this.add(error.page(), `script error: ${error.error().stack}`));
    context.on('response', (response) => this.refused(response));
    context.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? 'unknown';
      // Leaving a page ends what it was still loading, and a download ends its navigation.
      if (reason !== 'net::ERR_ABORTED') this.add(null, `request failed: ${request.url()} (${reason})`);
    });
    await context.exposeBinding('zhendiPolicyViolation', ({ page }, what: string) => {
      this.add(page, `content security policy: ${what}`);
    });
    await context.addInitScript(() => {
      const report = (window as unknown as { zhendiPolicyViolation(what: string): Promise<void> }).zhendiPolicyViolation;
      document.addEventListener('securitypolicyviolation', (event) => {
        void report(`${event.effectiveDirective} refuses ${event.blockedURI} (line ${event.lineNumber})`);
      });
    });
  }

  /** A refused page or htmx request may be what a test wants to see; a failing server or a missing file never is. */
  private refused(response: Response): void {
    const kind = response.request().resourceType();
    const answer = kind === 'document' || kind === 'xhr' || kind === 'fetch';
    const status = response.status();
    if (status >= 500 || (status >= 400 && !answer)) {
      this.add(null, `${status} for the ${kind} ${response.url()}`);
    }
  }

  private add(page: Page | null, what: string): void {
    this.found.push(page ? `${what} — on ${page.url()}` : what);
  }
}
