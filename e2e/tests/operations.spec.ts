// Who keeps the program going sees how it is, sets backups up, makes one and sees that it is good.

import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { box, expectRefused, menu, signIn } from '../support/people.ts';
import { DEMO_PASSWORD } from '../support/server.ts';
import { expect, test } from '../support/test.ts';

test.use({ mode: 'demo', story: 'operations' });
test.describe.configure({ mode: 'serial' });

// The public key of age's own documentation; nobody here has the other half.
const PUBLIC_KEY = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';

test('backups are set up, one is made with the button, and the page says that it is good', async ({ page, server, check, shot }) => {
  await signIn(page, { name: '丁一凡', login: 'xitong', password: DEMO_PASSWORD });
  expect(await menu(page)).toContain('运维');
  await page.goto('/operations');
  const backups = page.getByRole('region', { name: '备份', exact: true });
  await check(page);
  const before = await backups.getByRole('row').count();

  if (before === 0) {
    await page.getByRole('button', { name: '立即备份' }).click();
    await expect(page).toHaveURL(/\/settings\/backup/);
    await check(page);
    await box(page, '放在哪里').fill('备份');
    await box(page, '加密公钥').fill('不是公钥');
    await page.getByRole('button', { name: '保存设置' }).click();
    await expect(page.getByRole('alert').filter({ hasText: '需要修改' })).toContainText('以 / 开头');
    await expect(page.getByRole('alert').filter({ hasText: '需要修改' })).toContainText('不是 age 公钥');
    await check(page);
    await box(page, '放在哪里').fill(path.join(server.data, 'backups'));
    await box(page, '加密公钥').fill(PUBLIC_KEY);
    await shot(page, 'backup-settings');
    await page.getByRole('button', { name: '保存设置' }).click();
    await expect(page).toHaveURL(/\/operations/);
  }

  await page.getByRole('button', { name: '立即备份' }).click();
  await expect(page.getByRole('status').filter({ hasText: '备份已经开始' })).toBeVisible();
  await expect
    .poll(async () => {
      await page.reload();
      return backups.getByText('完好', { exact: true }).count();
    }, { timeout: 60_000 })
    .toBeGreaterThan(before === 0 ? 0 : 1);
  await expect(page.getByRole('main')).toContainText('1 天之内');
  const made = await readdir(path.join(server.data, 'backups'));
  expect(made.length).toBeGreaterThan(0);
  expect(made.every((name) => name.endsWith('.tar.zst.age'))).toBe(true);

  await page.getByRole('button', { name: '全面检查' }).click();
  const checks = page.getByRole('region', { name: '数据是否完好' });
  await expect
    .poll(async () => {
      await page.reload();
      return checks.getByText('完好', { exact: true }).count();
    }, { timeout: 60_000 })
    .toBeGreaterThan(0);
  await check(page);
  await shot(page, 'operations');
});

test('nobody else sees it', async ({ page }) => {
  await signIn(page, { name: '', login: 'xuanchuanyuan', password: DEMO_PASSWORD });
  expect(await menu(page)).not.toContain('运维');
  await expectRefused(page, '/operations', 403);
  await expectRefused(page, '/settings/backup', 403);
});
