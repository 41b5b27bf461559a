// Takes the pictures of docs/guide from a running demonstration:
//   ZHENDI_DEMO_PASSWORD=… zhendi demo --data DIR --listen 127.0.0.1:PORT
//   ZHENDI_DEMO_PASSWORD=… node scripts/guide-pictures.mjs http://127.0.0.1:PORT
// Where a manuscript is looked for by its title, it is one of the demonstration's own.

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { chromium } = createRequire(path.join(root, 'web/package.json'))('playwright-core');
const [base = 'http://127.0.0.1:8080'] = process.argv.slice(2);
const password = process.env.ZHENDI_DEMO_PASSWORD;
if (!password) throw new Error('ZHENDI_DEMO_PASSWORD is the password of the demonstration');
const pictures = path.join(root, 'docs/guide/pictures');

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});

/** A browser in which somebody is signed in. */
async function as(login) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
  });
  const page = await context.newPage();
  await page.goto(`${base}/sign-in`);
  await page.fill('input[name="login"]', login);
  await page.fill('input[name="password"]', password);
  await page.click('main button[type="submit"]');
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  return page;
}

/** The address of a manuscript by a part of its title. */
async function manuscript(page, title) {
  await page.goto(`${base}/manuscripts?q=${encodeURIComponent(title)}`);
  const link = page.locator('main table a[href^="/manuscripts/"]').first();
  return link.getAttribute('href');
}

/** `shows` is what comes a while after the page and belongs in the picture. */
async function take(page, address, name, shows = 'main') {
  const answer = await page.goto(base + address);
  if (!answer.ok()) throw new Error(`${address}: ${answer.status()}`);
  await page.waitForLoadState('networkidle');
  await page.locator(shows).first().waitFor();
  await page.screenshot({ path: path.join(pictures, `${name}.png`) });
  console.log(name);
}

const author = await as('nigao');
await take(author, `${await manuscript(author, '励志奖学金')}/edit`, 'edit', '[contenteditable] .finding');
await take(author, await manuscript(author, '冬日送暖'), 'progress');
await take(author, `${await manuscript(author, '励志奖学金')}/answers`, 'returned');

const admin = await as('guanliyuan');
await take(admin, '/reviews', 'queue');
await take(admin, `${await manuscript(admin, '短视频脚本')}/review`, 'review');

const officer = await as('xuanchuanyuan');
await take(officer, `${await manuscript(officer, '冬日送暖')}/papers/new`, 'paper');

const chief = await as('xuanchuan');
await take(chief, `${await manuscript(chief, '期末开放时间')}/sheet`, 'sheet');
await take(chief, '/reviews/statistics', 'statistics');

const deputy = await as('xuanchuanyuan2');
await deputy.goto(`${base}/publications?view=open`);
const waiting = deputy.locator('main table a[href^="/publications/"]').first();
await take(deputy, await waiting.getAttribute('href'), 'publish');

await browser.close();
