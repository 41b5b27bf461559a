// What people do with their own account: password, devices, tokens; and what happens to who guesses.

import type { Page } from '@playwright/test';
import { Institution } from '../support/institution.ts';
import { box, choose, choosePassword, knock, signIn, type Person } from '../support/people.ts';
import { expect, test } from '../support/test.ts';

test.use({ mode: 'serve', story: 'account' });
test.describe.configure({ mode: 'serial' });

const officer: Person = { name: '郑小雅', login: 'xc3001', password: 'Bq5!tGx7#wPz' };
let system: Person;

test.beforeAll(async ({ server }) => {
  const institution = await Institution.found(server, '云山职业学院');
  await institution.staff(officer, 'publicity_officer');
  system = institution.system;
  await institution.close();
});

const told = (page: Page, text: string | RegExp) => page.getByRole('status').filter({ hasText: text });

test('a changed password ends every other session', async ({ page, visitor, check, shot }) => {
  const elsewhere = await visitor();
  await signIn(elsewhere, officer);
  await signIn(page, officer);
  await page.getByLabel(/个人菜单/).click();
  await check(page);
  await page.getByRole('link', { name: '账号与安全' }).click();
  await check(page);
  await shot(page, 'account');
  await page.getByRole('link', { name: '修改密码' }).click();
  await check(page);

  const now = page.getByLabel('现在的密码', { exact: true });
  const fresh = 'Zk4#pHw8!sNe';
  await now.fill('wrong-0#X');
  await choosePassword(page, fresh);
  await expect(page.locator('#f-current-error')).toBeVisible();
  await check(page);
  // A password is never sent back to the page.
  await expect(now).toHaveValue('');
  await now.fill(officer.password);
  await choosePassword(page, officer.password);
  await expect(page.locator('#f-new-error')).toBeVisible();
  await now.fill(officer.password);
  await choosePassword(page, fresh);
  await expect(told(page, '密码已修改，其他设备都已退出登录')).toBeVisible();

  await elsewhere.goto('/account');
  await expect(elsewhere).toHaveURL(/\/sign-in\?next=/);
  await knock(elsewhere, officer.login, officer.password);
  await expect(elsewhere.getByText('登录名或密码不正确')).toBeVisible();
  officer.password = fresh;
  await knock(elsewhere, officer.login, officer.password);
  await expect(elsewhere).toHaveURL(/\/account$/);
});

test('a session is ended from another device', async ({ page, visitor, check }) => {
  await signIn(page, officer);
  await page.goto('/account');
  const devices = page.getByRole('table', { name: '已登录的设备' });
  // Those of the test before are put out together.
  await page.getByRole('button', { name: '退出其他设备' }).click();
  const dialog = page.getByRole('dialog', { name: '退出其他设备？' });
  await expect(dialog).toBeVisible();
  await check(page);
  await dialog.getByRole('button', { name: '退出', exact: true }).click();
  await expect(told(page, '其他设备都已退出登录')).toBeVisible();
  await expect(devices.locator('tbody tr')).toHaveCount(1);
  await expect(devices).toContainText('本机');

  const lost = await visitor();
  await signIn(lost, officer);
  await page.reload();
  await expect(devices.locator('tbody tr')).toHaveCount(2);
  await check(page);
  await devices.getByRole('button', { name: /^退出/ }).click();
  await expect(told(page, '该设备已退出登录')).toBeVisible();
  await lost.goto('/account');
  await expect(lost).toHaveURL(/\/sign-in/);
  // Here it goes on.
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: '账号与安全' })).toBeVisible();
});

test('a token is shown once, works for what it is for, and no longer when revoked', async ({ page, playwright, baseURL, check, shot }) => {
  await signIn(page, officer);
  await page.goto('/account/tokens');
  await page.getByRole('button', { name: '生成令牌' }).click();
  await expect(page.getByRole('alert').filter({ hasText: '需要修改' })).toContainText('用途');
  await check(page);
  await box(page, '用途').fill('数据中心每日同步');
  await page.getByRole('radio', { name: /^只读/ }).check();
  await choose(page, '有效期', '30 天');
  await page.getByRole('button', { name: '生成令牌' }).click();
  const token = await page.locator('code.code').innerText();
  await expect(page.getByText('只显示这一次')).toBeVisible();
  await check(page);
  await shot(page, 'token');
  await page.goto('/account/tokens');
  await expect(page.getByRole('table', { name: '我的令牌' })).toContainText('数据中心每日同步');
  expect(await page.content()).not.toContain(token);

  const program = await playwright.request.newContext({ baseURL: baseURL!, extraHTTPHeaders: { authorization: `Bearer ${token}` } });
  const list = await program.get('/api/v1/channels');
  expect(list.status()).toBe(200);
  expect(await list.json()).toMatchObject({ total: 0, items: [] });
  // It reads; it does not write, and opens no pages.
  const write = await program.post('/api/v1/filings', { data: {} });
  expect(write.status()).toBe(403);
  expect(write.headers()['content-type']).toContain('application/problem+json');
  const anonymous = await playwright.request.newContext({ baseURL: baseURL! });
  expect((await anonymous.get('/api/v1/channels')).status()).toBe(401);
  await anonymous.dispose();

  await page.reload();
  await expect(page.getByRole('table', { name: '我的令牌' })).not.toContainText('未使用');
  await page.getByRole('button', { name: '撤销 数据中心每日同步' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '撤销' }).click();
  await expect(told(page, '令牌已撤销')).toBeVisible();
  expect((await program.get('/api/v1/channels')).status()).toBe(401);
  await program.dispose();
});

test('who guesses is locked out, without being told more than that it failed', async ({ page, visitor, check }) => {
  await page.goto('/sign-in');
  await expect(page.getByText(/连续输错 5 次将锁定 5 分钟/)).toBeVisible();
  for (let guess = 1; guess <= 5; guess += 1) {
    await knock(page, officer.login, `guess-${guess}#X`);
    await expect(page.getByText('或者账号已被锁定')).toBeVisible();
    await expect(page.getByLabel('密码', { exact: true })).toHaveValue('');
  }
  // Now even the right one does not open it.
  await knock(page, officer.login, officer.password);
  await expect(page.getByText('或者账号已被锁定')).toBeVisible();
  await check(page);

  const keeper = await visitor();
  await signIn(keeper, system);
  await keeper.goto('/accounts');
  await expect(keeper.getByRole('row', { name: officer.name })).toContainText('已锁定');
  await keeper.getByRole('link', { name: officer.name }).click();
  await check(keeper);
  await keeper.getByRole('button', { name: '解锁' }).click();
  await expect(keeper.getByRole('button', { name: '解锁' })).toHaveCount(0);
  await signIn(page, officer);
  // The owner sees that somebody tried.
  await page.goto('/account');
  await expect(page.getByRole('table', { name: '登录记录' })).toContainText(/密码|锁定/);
  await check(page);
});
