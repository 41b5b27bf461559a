// One channel from its opening through a change to its cancellation, with decisions on paper on the way.

import type { Page } from '@playwright/test';
import { Institution } from '../support/institution.ts';
import { box, choose, signIn, type Person } from '../support/people.ts';
import { expect, test } from '../support/test.ts';

test.use({ mode: 'serve', story: 'filing' });
test.describe.configure({ mode: 'serial' });

const officer: Person = { name: '郑小雅', login: 'xc5001', password: 'Bq5!tGx7#wPz' };
const head: Person = { name: '何立新', login: 'xc5002', password: 'Nk8&sVd2@yLh' };
const clerk: Person = { name: '冯静', login: 'xc5003', password: 'Rf3*pMc9!zTj' };
const unitHead: Person = { name: '罗建平', login: 'xg5001', password: 'Gx6#bWn4%qSv' };
const liaison: Person = { name: '苏晓', login: 'xg5002', password: 'Yt9@hKr5&cFm' };
const ACCOUNT = '云山信工微博';
const SCAN = { name: '审批单.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n') };

let channel = '';

test.beforeAll(async ({ server }) => {
  const institution = await Institution.found(server, '云山职业技术学院');
  const college = await institution.unit('信息工程学院', 'college');
  await institution.staff(officer, 'publicity_officer');
  await institution.staff(clerk, 'publicity_officer');
  await institution.staff(head, 'publicity_head');
  await institution.staff(unitHead, 'unit_head', college);
  await institution.staff(liaison, 'unit_liaison', college);
  await institution.close();
});

const told = (page: Page, text: string | RegExp) => page.getByRole('status').filter({ hasText: text });
const decisions = (page: Page) => page.getByRole('group', { name: '办理' });
/** The day so many days from now, in China. */
const day = (offset: number) => new Date(Date.now() + (offset * 24 + 8) * 3600 * 1000).toISOString().slice(0, 10);

/** Does one step of a filing as someone: ticks what is to be ticked, presses the button. */
async function step(page: Page, who: Person, filing: string, verb: string): Promise<void> {
  await signIn(page, who);
  await page.goto(filing);
  for (const point of await page.getByRole('group', { name: /审核要点/ }).getByRole('checkbox').all()) await point.check();
  await decisions(page).getByRole('button', { name: verb }).click();
  await expect(told(page, /已签署|审核通过|已生效|审定/)).toBeVisible();
}

/** The clerk enters a decision that somebody took on paper. */
async function onPaper(page: Page, filing: string, what: string, decider: Person, check: (page: Page) => Promise<void>): Promise<void> {
  await signIn(page, clerk);
  await page.goto(filing);
  await page.getByText(`登记纸质审批（${what}）`).click();
  const form = page.locator('#paper');
  const list = form.getByRole('combobox', { name: '审批人' });
  const option = list.locator('option').filter({ hasText: decider.name });
  await list.selectOption(await option.getAttribute('value'));
  await form.getByRole('radio', { name: '同意' }).check();
  await form.getByLabel('审批日期').fill(day(0));
  await box(form, '文号或编号').fill('宣审〔2026〕7号');
  await form.locator('input[type=file]').setInputFiles(SCAN);
  await check(page);
  await form.getByRole('button', { name: '登记纸质审批' }).click();
  await expect(told(page, /登记/)).toBeVisible();
  await expect(page.locator('.page-head')).toContainText('纸质');
  await check(page);
}

test('an account is opened; the last decision was taken on paper', async ({ page, visitor, check }) => {
  await signIn(page, liaison);
  await page.goto('/filings/new');
  await box(page, '账号/网站/APP名称').fill(ACCOUNT);
  await box(page, '账号ID/网址').fill('yunshan-xg');
  await box(page, '认证主体').fill('云山职业技术学院');
  await choose(page, '开通平台', '微博');
  await box(page, '发布频次').fill('每周至少一次');
  await box(page, '责任部门').fill('学院办公室');
  for (const [title, name, phone] of [
    ['主管领导', '罗建平', '13900005001'],
    ['审核人', '苏晓', '13900005002'],
    ['运维工作人员 1（负责人）', '唐敏', '13900005003'],
  ] as const) {
    const row = page.getByRole('group', { name: title, exact: true });
    await box(row, '姓名').fill(name);
    await box(row, '职务').fill('教师');
    await box(row, '联系电话').fill(phone);
    await choose(row, '人员类别', '在编在岗');
  }
  await page.getByRole('button', { name: '提交备案' }).click();
  await expect(told(page, '备案已提交')).toBeVisible();
  const filing = new URL(page.url()).pathname;
  await step(await visitor(), unitHead, filing, '同意并签署');
  const checker = await visitor();
  await step(checker, officer, filing, '审核通过');
  // Who decided on a filing enters no paper of it.
  await expect(checker.getByText(/登记纸质审批/)).toHaveCount(0);
  await onPaper(await visitor(), filing, '审定', head, check);
  await page.goto(filing);
  await page.getByRole('link', { name: '查看网络阵地' }).click();
  await expect(page.getByRole('heading', { level: 1, name: ACCOUNT })).toBeVisible();
  channel = new URL(page.url()).pathname;
  await expect(page.locator('.page-head')).toContainText('已备案');
  await check(page);
});

test('a change shows what it changes; the unit signed it on paper', async ({ page, visitor, check }) => {
  await signIn(page, liaison);
  await page.goto(channel);
  await page.getByRole('link', { name: '变更备案' }).click();
  await box(page, '发布频次').fill('每周至少三次');
  await check(page);
  await page.getByRole('button', { name: '提交备案' }).click();
  await expect(told(page, '备案已提交')).toBeVisible();
  await expect(page.getByText('共 1 处变更项')).toBeVisible();
  await expect(page.locator('del.was', { hasText: '每周至少一次' })).toBeVisible();
  await check(page);
  const filing = new URL(page.url()).pathname;
  await onPaper(await visitor(), filing, '单位签署', unitHead, check);
  await step(await visitor(), officer, filing, '审核通过');
  // Until it is in force the register says what it said.
  await page.goto(channel);
  await expect(page.getByRole('main')).not.toContainText('每周至少三次');
  await step(await visitor(), head, filing, '审定通过');
  await page.goto(channel);
  await expect(page.getByRole('main')).toContainText('每周至少三次');
});

test('a cancellation is decided on paper, and counts when the platform shows it', async ({ page, visitor, check }) => {
  await signIn(page, liaison);
  await page.goto(channel);
  await page.getByLabel('更多操作').first().click();
  await page.getByRole('link', { name: '注销备案' }).click();
  await box(page, '注销原因').fill('与学院公众号功能重复');
  await page.getByLabel('计划注销日期').fill(day(3));
  await box(page, '注销公告链接').fill('https://xxgc.yunshan.edu.cn/notice/1.html');
  await page.getByRole('group', { name: /关注者/ }).getByRole('radio').first().check();
  await page.getByRole('group', { name: /已发布内容/ }).getByRole('radio').first().check();
  await check(page);
  await page.getByRole('button', { name: '提交备案' }).click();
  await expect(told(page, '备案已提交')).toBeVisible();
  const filing = new URL(page.url()).pathname;
  await step(await visitor(), unitHead, filing, '同意并签署');
  await step(await visitor(), officer, filing, '审核通过');
  await onPaper(await visitor(), filing, '审定', head, check);

  await page.goto(filing);
  await expect(page.getByText('请到平台办理注销')).toBeVisible();
  await page.getByLabel('平台注销证明').setInputFiles(SCAN);
  await check(page);
  await page.getByRole('button', { name: '上传证明，转为已注销' }).click();
  await expect(page.getByText('还须复查账号确已不能访问')).toBeVisible();
  await check(page);

  // Closed, and still found.
  await page.goto(channel);
  await expect(page.locator('.page-head')).toContainText('已注销');
  await expect(page.getByRole('link', { name: '变更备案' })).toHaveCount(0);
  await check(page);
  await page.goto(`/filings?q=${encodeURIComponent(ACCOUNT)}`);
  await expect(page.locator('#results tbody tr')).toHaveCount(3);
  await check(page);
});
