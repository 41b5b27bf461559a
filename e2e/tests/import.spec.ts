// Spreadsheets as units send them, taken in through the browser as shared/samples/EXPECTED.md says:
// every change is shown before it is taken, every refusal says where and why.

import type { Locator, Page } from '@playwright/test';
import path from 'node:path';
import { Institution } from '../support/institution.ts';
import { signIn, type Person } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import { zip } from '../support/zip.ts';

test.use({ mode: 'serve', story: 'import' });
test.describe.configure({ mode: 'serial' });

const officer: Person = { name: '郑小雅', login: 'xc3001', password: 'Bq5!tGx7#wPz' };
const SAMPLES = path.resolve(import.meta.dirname, '../../engines/office/tests/samples');
const SCHOOL = '附件4-全校.xls';
const FACULTY = '附件1-信息学院.xls';
const LIBRARY = '附件1-图书馆-有错.xls';

test.beforeAll(async ({ server }) => {
  const institution = await Institution.found(server, '示例职业技术学院');
  await institution.staff(officer, 'publicity_officer');
  await institution.close();
});

test.beforeEach(async ({ page }) => {
  await signIn(page, officer);
});

type Upload = string | { name: string; mimeType: string; buffer: Buffer };

async function upload(page: Page, file: Upload, createUnits = true): Promise<void> {
  await page.goto('/imports/new');
  await page.locator('input[type=file]').setInputFiles(typeof file === 'string' ? path.join(SAMPLES, file) : file);
  if (createUnits) await page.getByRole('checkbox', { name: /自动新建/ }).check();
  await page.getByRole('button', { name: '上传并预览' }).click();
}

/** The preview's row of this row of the sheet. */
const row = (page: Page, number: number): Locator =>
  page.getByRole('table', { name: '导入明细' }).locator('tbody tr').filter({ has: page.locator('td').first().getByText(`${number}`, { exact: true }) });

async function expectTotals(page: Page, totals: { 新增: number; 更新: number; 无变化: number; 不接受: number }): Promise<void> {
  for (const [label, count] of Object.entries(totals)) {
    await expect(page.locator('.stat').filter({ hasText: label }).locator('.stat-value'), label).toHaveText(`${count}`);
  }
}

/** How many channels the registry holds. */
async function expectChannels(page: Page, count: number): Promise<void> {
  await page.goto('/channels');
  if (count === 0) await expect(page.locator('#results table')).toHaveCount(0);
  else await expect(page.locator('.pager-total')).toContainText(`共 ${count} 条`);
}

const told = (page: Page, text: string | RegExp) => page.getByRole('status').filter({ hasText: text });

test('annex 4: each new channel is shown, and none is stored before it is confirmed', async ({ page, check, shot }) => {
  await page.goto('/imports');
  await check(page);
  await page.getByRole('main').getByRole('link', { name: '导入文件' }).first().click();
  await check(page);
  await upload(page, SCHOOL);
  await expect(page).toHaveURL(/\/imports\/\d+$/);
  await expectTotals(page, { 新增: 4, 更新: 0, 无变化: 0, 不接受: 0 });
  await expect(page.getByText(/将新建 2 个单位（待核对）/)).toContainText('党委宣传部、团委');
  for (const [number, opened] of [[4, '2016-03-01'], [5, '2009-09'], [6, '2012-05-04'], [7, '2020-03-01']] as const) {
    await expect(row(page, number)).toContainText('新增');
    await expect(row(page, number)).toContainText(opened);
  }
  await check(page);
  await shot(page, 'import-preview');
  const preview = page.url();
  await expectChannels(page, 0);

  await page.goto(preview);
  await page.getByRole('button', { name: '确认写入' }).click();
  await expect(told(page, /已写入台账：新增 4/)).toBeVisible();
  await expect(page.getByRole('button', { name: '确认写入' })).toHaveCount(0);
  await check(page);
  await expectChannels(page, 4);
  await expect(page.getByRole('row', { name: '青春示例' })).toContainText('已注销');
  await check(page);
  await page.getByRole('link', { name: '示例职业技术学院官网' }).click();
  await expect(page.getByRole('main')).toContainText('汇总表导入');
  await expect(page.getByRole('main')).toContainText('2009-09');
  await check(page);
});

test('annex 1: an address in the remarks is offered, and taken where it is ticked', async ({ page, check, shot }) => {
  await upload(page, FACULTY);
  await expectTotals(page, { 新增: 5, 更新: 0, 无变化: 0, 不接受: 0 });
  const offer = page.getByRole('checkbox', { name: '采用 https://xxgc.example.edu.cn 作为网址' });
  await expect(offer).toHaveCount(1);
  await expect(offer).not.toBeChecked();
  await check(page);
  await shot(page, 'import-offer');
  await offer.check();
  await page.getByRole('button', { name: '确认写入' }).click();
  await expect(told(page, /已写入台账：新增 5/)).toBeVisible();
  await expectChannels(page, 9);
  await page.getByRole('link', { name: '信息学院官网' }).click();
  await expect(page.getByRole('main')).toContainText('https://xxgc.example.edu.cn');
  await expect(page.locator('.page-head')).toContainText('待补录备案');
  await expect(page.getByRole('main')).toContainText(/须在 \d{4}-\d\d-\d\d 前完成补录备案/);
  await check(page);
  await shot(page, 'channel-unfiled');
});

test('a faulty file goes in not at all, or, if so decided, without the refused rows', async ({ page, check, shot }) => {
  await upload(page, LIBRARY);
  await expectTotals(page, { 新增: 2, 更新: 0, 无变化: 0, 不接受: 4 });
  await expect(page.getByText('有 4 行不能接受')).toBeVisible();
  for (const [number, ...words] of [
    [6, '账号（网站）名称（B6）', '与第 5 行的单位、平台和名称', '集约化|第二个账号'],
    [7, '账号（网站）名称（B7）', '没有填写'],
    [8, '类型（E8）', '“传呼机”', '没有“传呼机”这个平台', '建议：可填：'],
    [9, '是否具有互动功能（H9）', '“也许”既不是“是”也不是“否”', '账号负责人手机号（L9）', '“1380013”不是电话号码'],
  ] as const) {
    await expect(row(page, number)).toContainText('不接受');
    for (const word of words) await expect(row(page, number)).toContainText(new RegExp(word));
  }
  for (const number of [5, 10]) await expect(row(page, number)).toContainText('新增');
  await expect(row(page, 10)).toContainText('读作 13800138003');
  // The whole cannot be taken.
  await expect(page.getByRole('button', { name: '确认写入' })).toHaveCount(0);
  await check(page);
  await shot(page, 'import-refused');
  await page.getByRole('navigation', { name: '按结果筛选' }).getByRole('link', { name: '不接受' }).click();
  await expect(page.getByRole('table', { name: '导入明细' }).locator('tbody tr')).toHaveCount(4);
  await check(page);
  await page.getByRole('button', { name: '放弃' }).click();
  await expect(told(page, '已放弃这次导入，没有写入任何内容')).toBeVisible();
  await check(page);
  await expectChannels(page, 9);

  await upload(page, LIBRARY);
  await page.getByRole('button', { name: '只写入接受的行' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('只写入接受的 2 行，其余 4 行不写入');
  await check(page);
  // Taking it back leaves everything as it was.
  await dialog.getByRole('button', { name: '取消' }).click();
  await expect(dialog).toHaveCount(0);
  await page.getByRole('button', { name: '只写入接受的行' }).click();
  await dialog.getByRole('button', { name: '确定' }).click();
  await expect(told(page, /已写入台账：新增 2/)).toBeVisible();
  await expectChannels(page, 11);
});

test('a second upload has nothing to do', async ({ page, check }) => {
  for (const [file, same] of [[SCHOOL, 4], [FACULTY, 5]] as const) {
    await upload(page, file);
    await expectTotals(page, { 新增: 0, 更新: 0, 无变化: same, 不接受: 0 });
    await expect(page.getByText('文件与台账完全一致，没有需要写入的内容')).toBeVisible();
    await expect(page.getByRole('button', { name: '确认写入' })).toHaveCount(0);
  }
  await check(page);
  await upload(page, LIBRARY);
  await expectTotals(page, { 新增: 0, 更新: 0, 无变化: 2, 不接受: 4 });
  await expect(page.getByRole('button', { name: /写入/ })).toHaveCount(0);
  await page.goto('/imports');
  await check(page);
  await expectChannels(page, 11);
});

test('a unit that nobody knows is refused with the nearest names', async ({ page, check }) => {
  const heads = '序号,账号（网站）名称,账号ID,开设单位,认证主体,类型,问题排查情况,是否整改,是否具有互动功能,是否建立内容发布审核制度,是否委托其他单位运营,账号负责人姓名,账号负责人手机号,备注';
  const csv = `${heads}\r\n1,信息学院团委,xg_tw,信息学院团总支,示例职业技术学院,微信公众号,无问题,-,是,是,否,李明,13800138001,\r\n`;
  await upload(page, { name: '统计.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) }, false);
  await expectTotals(page, { 新增: 0, 更新: 0, 无变化: 0, 不接受: 1 });
  await expect(row(page, 2)).toContainText('开设单位（D2）');
  await expect(row(page, 2)).toContainText('信息学院');
  await check(page);
});

test('files that are broken, locked or made to harm get a clear answer, and the server goes on', async ({ page, check, shot }) => {
  const sheet = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
  for (const [name, buffer, told] of [
    ['损坏.xlsx', Buffer.from('PK\x03\x04 no more of it'), '文件已损坏或不完整'],
    ['加密.zip', zip({ '附件1.csv': '序号,名称\r\n1,甲\r\n' }, { encrypted: true }), '密码'],
    ['炸弹.zip', zip({ '附件1.csv': Buffer.alloc(64 << 20, ' ') }), '解压后过大'],
    ['通知.xls', Buffer.from('<html><body><table><tr><td>通知</td></tr></table></body></html>'), '这不是表格文件，而是'],
    ['空.csv', Buffer.from(''), '文件是空的'],
    ['别的表.csv', Buffer.from('姓名,成绩\r\n甲,90\r\n'), '别的表.csv'],
  ] as const) {
    await upload(page, { name, mimeType: sheet, buffer: Buffer.from(buffer) });
    await expect(page.getByRole('alert').filter({ hasText: '需要修改' }), name).toContainText(told);
    await expect(page.getByRole('heading', { level: 1, name: '导入文件' })).toBeVisible();
  }
  await check(page);
  await shot(page, 'import-unreadable');
  await expectChannels(page, 11);
});
