// The registry is kept in order: an act on many channels at once, and two records of one account that
// become one.

import type { Page } from '@playwright/test';
import path from 'node:path';
import { Institution } from '../support/institution.ts';
import { signIn, type Person } from '../support/people.ts';
import { expect, test } from '../support/test.ts';

test.use({ mode: 'serve', story: 'care' });
test.describe.configure({ mode: 'serial' });

const officer: Person = { name: '郑小雅', login: 'xc4001', password: 'Bq5!tGx7#wPz' };
const FACULTY = path.resolve(import.meta.dirname, '../../engines/office/tests/samples/附件1-信息学院.xls');

test.beforeAll(async ({ server }) => {
  const institution = await Institution.found(server, '示例职业技术学院');
  await institution.staff(officer, 'publicity_officer');
  await institution.close();
});

test.beforeEach(async ({ page }) => {
  await signIn(page, officer);
});

const told = (page: Page, text: string | RegExp) => page.getByRole('status').filter({ hasText: text });

test('rows are chosen and get a new term; those that need none are named', async ({ page, check }) => {
  await page.goto('/imports/new');
  await page.locator('input[type=file]').setInputFiles(FACULTY);
  await page.getByRole('checkbox', { name: /自动新建/ }).check();
  await page.getByRole('button', { name: '上传并预览' }).click();
  await page.getByRole('button', { name: /确认写入/ }).click();
  await page.goto('/channels');
  const boxes = page.locator('#results tbody input[name=id]');
  expect(await boxes.count()).toBeGreaterThan(2);
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  await check(page);
  await page.getByRole('button', { name: '办理勾选的' }).click();
  await expect(page.getByText('已选 2 个网络阵地')).toBeVisible();
  await page.getByRole('radio', { name: '设定补录期限' }).check();
  const day = new Date(Date.now() + 60 * 24 * 3600 * 1000).toISOString().slice(0, 10);
  await page.getByLabel('补录期限', { exact: true }).fill(day);
  await check(page);
  await page.getByRole('button', { name: '办理 2 个' }).click();
  await page.getByRole('button', { name: '办理', exact: true }).click();
  await expect(page.getByText('选中的网络阵地都已办理')).toBeVisible({ timeout: 20_000 });
  await check(page);
  await page.goto('/channels');
  await expect(page.locator('#results tbody').getByText(day)).toHaveCount(2);
});

test('two records of one account become one, and the old address leads on', async ({ page, check }) => {
  await page.goto('/channels');
  const links = page.locator('#results tbody th a');
  const [stays, goes] = await Promise.all([links.nth(0).getAttribute('href'), links.nth(1).getAttribute('href')]);
  await page.goto(`${stays}/merge?with=${goes!.split('/').pop()}`);
  await check(page);
  await page.getByLabel('合并理由').fill('同一账号登记了两次');
  await page.getByRole('button', { name: '合并', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: '合并' }).click();
  await expect(told(page, '已合并')).toBeVisible();
  await expect(page.getByText('这里合并了同一账号的其他记录')).toBeVisible();
  await check(page);
  await page.goto(goes!);
  await expect(page).toHaveURL(new RegExp(`${stays}(#history)?$`));
  await page.goto('/channels/consolidation');
  await check(page);
  await page.goto('/rechecks');
  await check(page);
});
