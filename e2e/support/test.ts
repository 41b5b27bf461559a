// The `test` that browser tests import: Playwright's own with a server, watched pages and their checks.

import { test as base, type Page } from '@playwright/test';
import { check, Problems, shot } from './page.ts';
import { Server, type Mode } from './server.ts';

interface PerTest {
  /** What went wrong in any page; whatever is left in it at the end fails the test. */
  problems: Problems;
  /** Fails unless the page as it stands is accessible and fits its window. */
  check: (page: Page) => Promise<void>;
  /** Saves light and dark pictures of the page when ZHENDI_SHOTS names a folder. */
  shot: (page: Page, name: string) => Promise<void>;
  /** Opens a page with cookies of its own: another person at another machine. */
  visitor: () => Promise<Page>;
}

interface PerWorker {
  /** How the server is started: `test.use({ mode: 'demo' })` at the top of a file. */
  mode: Mode;
  /** Files that name another story get a server, and so an institution, of their own. */
  story: string;
  /** The server of this worker, started when a test first needs it. Tests of a story share it. */
  server: Server;
}

export const test = base.extend<PerTest, PerWorker>({
  mode: ['serve', { scope: 'worker', option: true }],
  story: ['', { scope: 'worker', option: true }],

  server: [
    async ({ mode }, use) => {
      const server = await Server.start(mode);
      await use(server);
      await server.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  baseURL: async ({ server }, use) => use(server.url),

  problems: [
    async ({}, use) => {
      const problems = new Problems();
      await use(problems);
      const left = problems.list();
      if (left.length > 0) throw new Error(`The pages reported problems:\n${left.join('\n')}`);
    },
    { auto: true },
  ],

  context: async ({ context, problems }, use) => {
    await problems.watch(context);
    await use(context);
  },

  check: async ({}, use) => use(check),

  shot: async ({}, use, testInfo) => use((page, name) => shot(page, `${name}-${testInfo.project.name}`)),

  visitor: async ({ browser, problems, baseURL }, use) => {
    const contexts: Array<{ close(): Promise<void> }> = [];
    await use(async () => {
      const context = await browser.newContext({ baseURL });
      contexts.push(context);
      await problems.watch(context);
      return context.newPage();
    });
    for (const context of contexts) await context.close();
  },
});

export { expect } from '@playwright/test';
