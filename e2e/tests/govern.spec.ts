// Plans and regulations as people live with them: a unit's plan from its draft to work done, a regulation from its
// draft to “我已阅读”; and accounts opened for many at once.

import type { Page } from '@playwright/test';
import { choose, signIn } from '../support/people.ts';
import { DEMO_PASSWORD } from '../support/server.ts';
import { expect, test } from '../support/test.ts';

test.use({ mode: 'demo', story: 'govern' });
test.describe.configure({ mode: 'serial' });

const PEOPLE = {
  liaison: { name: '宋雅婷', login: 'lianluo' },
  head: { name: '梁伟强', login: 'danweifuze' },
  teacher: { name: '杨思远', login: 'guanliyuan' },
  officer: { name: '欧阳静', login: 'xuanchuanyuan' },
  chief: { name: '白云舒', login: 'xuanchuan' },
  committee: { name: '郑远航', login: 'dangwei' },
  system: { name: '丁一凡', login: 'xitong' },
};
const YEAR = new Date().getFullYear() + 1;

const come = (page: Page, who: keyof typeof PEOPLE): Promise<void> => signIn(page, { ...PEOPLE[who], password: DEMO_PASSWORD });
const told = (page: Page, text: string | RegExp) => page.getByRole('status').filter({ hasText: text });
const main = (page: Page) => page.getByRole('main');

test("a unit's plan from its draft to work done", async ({ page, visitor, check, shot }) => {
  await come(page, 'liaison');
  await page.goto('/plans');
  await check(page);
  await main(page).getByRole('link', { name: '新建计划' }).click();
  await check(page);
  await page.getByLabel('年度', { exact: true }).fill(`${YEAR}`);
  await choose(page, '单位', '信息工程学院');
  await page.getByLabel('工作目标').fill('本院阵地全部完成备案\n无僵尸账号');
  await page.getByRole('button', { name: '保存草稿' }).click();
  await expect(told(page, '草稿已保存')).toBeVisible();
  await check(page);
  await main(page).getByRole('link', { name: '添加任务' }).first().click();
  await check(page);
  await page.getByRole('button', { name: '添加', exact: true }).click();
  await expect(page.getByRole('alert').filter({ hasText: '需要修改' })).toContainText('负责人：请选择负责人');
  await page.getByLabel('任务', { exact: true }).fill('清理停用账号');
  await page.getByLabel('完成时限').fill(`${YEAR}-03-31`);
  await page.getByLabel('负责人', { exact: true }).selectOption({ label: '杨思远（专任教师）' });
  await page.getByRole('button', { name: '添加', exact: true }).click();
  await expect(page.getByRole('table', { name: '任务清单' })).toContainText('清理停用账号');
  await page.getByRole('button', { name: '提交审定' }).click();
  await expect(main(page)).toContainText('等待梁伟强审定');
  const address = new URL(page.url()).pathname;

  const head = await visitor();
  await come(head, 'head');
  await head.goto('/work-items');
  await head.getByRole('link', { name: new RegExp(`审定工作计划：.*${YEAR}年`) }).click();
  await check(head);
  await shot(head, 'plan-decide');
  await head.getByRole('button', { name: '退回' }).click();
  await expect(head.getByRole('alert').filter({ hasText: '需要修改' })).toContainText('退回须写明理由');
  await head.getByRole('button', { name: '审定通过' }).click();
  await expect(told(head, '计划开始执行')).toBeVisible();

  const teacher = await visitor();
  await come(teacher, 'teacher');
  await teacher.goto('/work-items');
  await teacher.getByRole('link', { name: '工作计划任务：清理停用账号' }).click();
  await check(teacher);
  await teacher.getByLabel('进度（%）').fill('50');
  await teacher.getByLabel('进展说明').fill('已注销一个账号');
  await teacher.getByRole('button', { name: '填报', exact: true }).click();
  await expect(main(teacher)).toContainText('填报进展：50%');
  await shot(teacher, 'plan-task');
  await teacher.getByRole('button', { name: '任务已完成' }).click();
  await expect(told(teacher, '任务已完成')).toBeVisible();

  const committee = await visitor();
  await come(committee, 'committee');
  await committee.goto(`/plans/board?year=${YEAR}`);
  await check(committee);
  const row = committee.getByRole('row').filter({ hasText: '信息工程学院' }).first();
  await expect(row).toContainText('完成 1 / 1');
  await expect(committee.getByRole('row').filter({ hasText: '图书馆' })).toContainText('还没有计划');
  await committee.goto(address);
  await check(committee);
});

test('a regulation is revised, compared and read', async ({ page, visitor, check, shot }) => {
  await come(page, 'officer');
  await page.goto('/regulations');
  await check(page);
  await main(page).getByRole('link', { name: /网络阵地管理办法/ }).click();
  await check(page);
  await shot(page, 'regulation');
  await main(page).getByRole('link', { name: '与第 1 版对比' }).click();
  await expect(main(page).locator('ins').first()).toBeVisible();
  await check(page);
  await shot(page, 'regulation-differences');
  await page.goBack();
  await main(page).getByRole('link', { name: '阅读情况' }).click();
  await expect(page.getByRole('table', { name: '阅读情况' })).toContainText('未阅读');
  await check(page);

  await page.goto('/regulations/new');
  await check(page);
  await page.getByLabel('名称', { exact: true }).fill('学院新媒体账号管理细则');
  await page.getByLabel('发布单位', { exact: true }).selectOption({ index: 1 });
  await page.getByLabel('适用范围', { exact: true }).selectOption({ index: 1 });
  await page.getByRole('checkbox', { name: '单位负责人' }).check();
  await page.getByLabel('正文', { exact: true }).fill('第一条 为规范管理，制定本细则。\n（一）专人负责。');
  await page.getByRole('button', { name: '保存草稿' }).click();
  await expect(main(page)).toContainText('第一条');
  const address = new URL(page.url()).pathname;

  const chief = await visitor();
  await come(chief, 'chief');
  await chief.goto(address);
  await check(chief);
  await chief.getByRole('button', { name: '发布', exact: true }).click();
  await chief.getByRole('dialog').getByRole('button', { name: '发布' }).click();
  await expect(told(chief, '已发布')).toBeVisible();

  const head = await visitor();
  await come(head, 'head');
  await expect(async () => {
    await head.goto('/regulations?view=waiting');
    await expect(main(head).getByRole('link', { name: '学院新媒体账号管理细则' })).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 20_000 });
  await main(head).getByRole('link', { name: '学院新媒体账号管理细则' }).click();
  await check(head);
  await head.getByRole('button', { name: '我已阅读' }).click();
  await expect(told(head, '已确认阅读')).toBeVisible();
  await expect(head.getByRole('button', { name: '我已阅读' })).toHaveCount(0);
});

test('accounts are opened for many at once', async ({ page, visitor, check, shot }) => {
  await come(page, 'system');
  await page.goto('/accounts');
  await main(page).getByRole('link', { name: '批量开通' }).click();
  await check(page);
  await choose(page, '单位', '图书馆');
  await expect(page.getByRole('table', { name: '没有账号的人员' })).toContainText('顾清源');
  await expect(page.getByRole('table', { name: '没有账号的人员' })).not.toContainText('冯建业');
  await page.getByRole('checkbox', { name: '全选' }).check();
  await shot(page, 'accounts-batch');
  await page.getByRole('button', { name: '开通所选' }).click();
  await expect(page.getByRole('heading', { level: 1, name: '登录凭条' })).toBeVisible();
  await check(page);
  await shot(page, 'accounts-slips');
  const slip = page.getByRole('region', { name: '顾清源的登录凭条' });
  await expect(slip).toContainText('图书馆');
  const login = await slip.locator('dd').nth(1).innerText();
  const code = await slip.locator('code').innerText();

  const other = await visitor();
  await signIn(other, { name: '顾清源', login, password: 'Lib-2026#rary-x', code });
  await page.goto('/accounts/batches/new');
  await expect(page.getByRole('table', { name: '没有账号的人员' })).not.toContainText('顾清源');
});
