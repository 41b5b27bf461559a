// The Notice's four forms: seen as they will be printed, followed to the channels behind a figure, taken as
// files, and checked again by the code on the paper.

import { readFile } from 'node:fs/promises';
import type { Download, Page } from '@playwright/test';
import { signIn } from '../support/people.ts';
import { DEMO_PASSWORD } from '../support/server.ts';
import { expect, test } from '../support/test.ts';

test.use({ mode: 'demo' });

const officer = { login: 'xuanchuanyuan', name: '欧阳静', password: DEMO_PASSWORD };
const leader = { login: 'fenguan', name: '沈立群', password: DEMO_PASSWORD };

async function take(page: Page, link: string): Promise<Download> {
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: link, exact: true }).click();
  return download;
}

async function bytes(download: Download): Promise<Buffer> {
  return readFile((await download.path())!);
}

test('each annex is seen as it will be printed', async ({ page, check, shot }) => {
  await signIn(page, officer);
  for (const [annex, title] of [
    ['附件1 统计表', '新媒体（网站）基本情况统计表'],
    ['附件2 汇总表', '新媒体（网站）基本情况汇总表'],
    ['附件4 备案汇总', '新媒体（网站）备案汇总表'],
  ] as const) {
    await page.goto('/forms');
    await page.getByRole('link', { name: annex }).click();
    await expect(page.getByRole('heading', { name: title })).toBeVisible();
    await check(page);
    await shot(page, `forms-${annex.slice(2, 3)}`);
  }
  await page.getByRole('link', { name: '附件3 登记表' }).click();
  await check(page);
  await shot(page, 'forms-3');
  await page.getByRole('table', { name: '备案登记表' }).getByRole('rowheader').first().getByRole('link').click();
  await expect(page.getByRole('heading', { name: '新媒体（网站）备案登记表' })).toBeVisible();
  await check(page);
  await shot(page, 'form-of-a-channel');
});

test('every figure leads to its channels', async ({ page, check }) => {
  await signIn(page, officer);
  await page.goto('/forms?annex=2');
  const cell = page.getByRole('row', { name: /^排查出有问题的/ }).getByRole('link').last();
  const count = Number(await cell.textContent());
  expect(count).toBeGreaterThan(0);
  await cell.click();
  await expect(page.getByText('排查出有问题的新媒体（网站）').first()).toBeVisible();
  await expect(page.locator('.pager-total')).toContainText(`共 ${count} 条`);
  await check(page);
});

test('the files are what they say, and the print is found again', async ({ page, visitor, check, shot }) => {
  await signIn(page, officer);
  await page.goto('/forms?annex=2');
  expect((await bytes(await take(page, '.xls'))).subarray(0, 4).toString('hex')).toBe('d0cf11e0');
  expect((await bytes(await take(page, '.xlsx'))).subarray(0, 2).toString()).toBe('PK');
  const pdf = await take(page, '.pdf');
  expect(pdf.suggestedFilename()).toMatch(/^附件2-.+\.pdf$/);
  expect((await bytes(pdf)).subarray(0, 5).toString()).toBe('%PDF-');

  const answer = await page.request.get('/api/v1/forms/annex-2');
  const { hash } = (await answer.json()) as { hash: string };
  await page.goto(`/prints/${hash.slice(0, 16)}`);
  await expect(page.getByText('内容与系统现在的记录一致')).toBeVisible();
  await check(page);
  await shot(page, 'print-known');
  const stranger = await visitor();
  await stranger.goto(`/prints/${hash}`);
  await expect(stranger.getByText('这份表格由本系统生成')).toBeVisible();
  await expect(stranger.getByText(officer.name)).toHaveCount(0);
  await check(stranger);
  await shot(stranger, 'print-public');
});

test('a unit takes all its forms at once', async ({ page }) => {
  await signIn(page, officer);
  await page.goto('/forms');
  await page.getByLabel('单位', { exact: true }).selectOption({ label: '\u3000图书馆' });
  await expect(page).toHaveURL(/unit=\d+/);
  const zip = await take(page, '本单位全部表格（.zip）');
  expect(zip.suggestedFilename()).toMatch(/^\d{8}图书馆新媒体（网站）统计\.zip$/);
});

test('who need not call gets no numbers', async ({ page }) => {
  await signIn(page, leader);
  await page.goto('/forms');
  await expect(page.getByRole('cell', { name: /^1\d{2}\*{4}\d{4}$/ }).first()).toBeVisible();
  await expect(page.getByRole('cell', { name: /^1\d{10}$/ })).toHaveCount(0);
});

test('the survey’s own words are data', async ({ page, check, shot }) => {
  await signIn(page, officer);
  await page.goto('/forms');
  await page.getByRole('link', { name: '填报设置' }).click();
  await check(page);
  await shot(page, 'survey-settings');
  await page.getByLabel('报送时间').fill('12月1日下午5:00');
  await page.getByRole('button', { name: '保存设置' }).click();
  await expect(page.getByText('12月1日下午5:00前，').first()).toBeVisible();
});
