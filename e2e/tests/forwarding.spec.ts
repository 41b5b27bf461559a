// A text with something in it that must not go out: forwarded by who reviews it, held, answered by the departments,
// closed. Who has no part in it is refused.

import type { Page } from '@playwright/test';
import { expectRefused, signIn } from '../support/people.ts';
import { DEMO_PASSWORD } from '../support/server.ts';
import { expect, test } from '../support/test.ts';

test.use({ mode: 'demo', story: 'forwarding' });
test.describe.configure({ mode: 'serial' });

const PEOPLE = {
  author: { name: '陈子墨', login: 'nigao' },
  admin: { name: '杨思远', login: 'guanliyuan' },
  head: { name: '梁伟强', login: 'danweifuze' },
  network: { name: '曹明哲', login: 'wangxin' },
  officer: { name: '欧阳静', login: 'xuanchuanyuan' },
  library: { name: '夏书瑶', login: 'tushuguan' },
};
const TITLE = '短视频脚本：一分钟看懂我们的实训室';
const QUOTE = '学生在机柜前布线';

const come = (page: Page, who: keyof typeof PEOPLE): Promise<void> => signIn(page, { ...PEOPLE[who], password: DEMO_PASSWORD });
const told = (page: Page, text: string | RegExp) => page.getByRole('status').filter({ hasText: text });
const main = (page: Page) => page.getByRole('main');
const row = (page: Page) => page.getByRole('table', { name: '转送记录清单' }).getByRole('row').filter({ hasText: TITLE });

let manuscript = '';
let address = '';

/** Says yes in the dialog that asks before going on. */
const confirm = (page: Page, yes: string) => page.getByRole('dialog').getByRole('button', { name: yes, exact: true }).click();

test('who reviews it finds it and forwards it: it is held at once', async ({ page, visitor, check, shot }) => {
  await come(page, 'admin');
  await page.goto('/reviews');
  await main(page).getByRole('link', { name: TITLE }).click();
  await expect(page).toHaveURL(/\/review$/);
  manuscript = new URL(page.url()).pathname.replace(/\/review$/, '');
  await main(page).getByLabel('更多操作').click();
  await main(page).getByRole('link', { name: '转送有关部门' }).click();
  await check(page);
  await shot(page, 'forwarding-new');
  await page.getByRole('button', { name: '转送', exact: true }).click();
  await confirm(page, '转送');
  const wrong = page.getByRole('alert').filter({ hasText: '需要修改' });
  await expect(wrong).toContainText('请至少选择一个处理部门');
  await check(page);
  await shot(page, 'forwarding-wrong');
  await page.getByLabel('问题类型').selectOption({ label: '涉密' });
  await page.getByRole('checkbox', { name: '网络信息中心' }).check();
  await page.getByLabel('情况说明').fill('镜头拍到机柜标签和设备地址，请核实能否公开。');
  await page.getByLabel('原文摘录').fill(QUOTE);
  await page.getByRole('button', { name: '转送', exact: true }).click();
  await confirm(page, '转送');
  await expect(told(page, '已转送有关部门')).toBeVisible();
  address = new URL(page.url()).pathname;
  await expect(page.locator('.page-head')).toContainText('部门办理中');
  await check(page);
  await shot(page, 'forwarding-made');

  // Nobody passes it on, and the queue says why; sending it back stays open.
  await page.goto(`${manuscript}/review`);
  await expect(main(page)).toContainText('办结前不能审核通过');
  await expect(page.getByRole('group', { name: '办理' }).getByRole('link', { name: '通过' })).toHaveCount(0);
  await expect(page.getByRole('group', { name: '办理' }).getByRole('link', { name: '退回' })).toBeVisible();
  await check(page);
  await shot(page, 'forwarding-review');
  await page.goto('/reviews');
  await expect(main(page).getByRole('row').filter({ hasText: TITLE })).toContainText('已转送，暂停');
  await check(page);
  await shot(page, 'forwarding-queue');

  // Its author learns that it is held, and no more.
  const author = await visitor();
  await come(author, 'author');
  await author.goto(manuscript);
  await expect(main(author)).toContainText('已转送有关部门');
  await expect(main(author).locator(`a[href="${address}"]`)).toHaveCount(0);
  await check(author);
  await shot(author, 'forwarding-author');
});

test('the department sees what was forwarded, and answers', async ({ page, check, shot }) => {
  await come(page, 'network');
  await page.goto('/work-items');
  const number = address.split('/').pop();
  await main(page).getByRole('link', { name: new RegExp(`处理并答复：第 ${number} 号转送`) }).first().click();
  await expect(main(page)).toContainText(QUOTE);
  await main(page).getByText('转送时的正文').click();
  const frame = await page.getByTitle('转送时的正文', { exact: true }).getAttribute('src');
  expect(await (await page.request.get(frame!)).text()).toContain('作业就是项目');
  await check(page);
  await shot(page, 'forwarding-department');
  await page.getByRole('button', { name: '答复', exact: true }).click();
  await expect(page.getByRole('alert').filter({ hasText: '需要修改' })).toContainText('请选择处理结果');
  await check(page);
  await page.getByLabel('处理结果').selectOption({ label: '已处置' });
  await page.getByLabel('处理情况').fill('机柜标签涉及设备地址，镜头须改拍。');
  await page.getByRole('button', { name: '答复', exact: true }).click();
  await expect(told(page, '已答复')).toBeVisible();
  await expect(page.locator('.page-head')).toContainText('待办结');
  await check(page);
  // Nobody closes what they answered.
  await expect(page.getByRole('button', { name: '办结', exact: true })).toHaveCount(0);
  await page.goto('/forwardings');
  await expect(row(page)).toContainText('待办结');
  await check(page);
});

test('it is closed, and goes on where it stood', async ({ page, visitor, check, shot }) => {
  await come(page, 'officer');
  await page.goto('/forwardings?view=open');
  await expect(row(page)).toContainText('网络信息中心');
  await expect(main(page).getByRole('row').filter({ hasText: '已逾期' })).not.toHaveCount(0);
  await check(page);
  await shot(page, 'forwardings');
  await row(page).getByRole('link').click();
  await page.getByLabel('办结结论').selectOption({ label: '属实，已处置' });
  await page.getByLabel('说明', { exact: true }).fill('请作者改拍镜头二。');
  await shot(page, 'forwarding-close');
  await page.getByRole('button', { name: '办结', exact: true }).click();
  await confirm(page, '办结');
  await expect(told(page, '已办结')).toBeVisible();
  await check(page);
  await shot(page, 'forwarding-closed');
  await page.goto('/forwardings?view=closed');
  await expect(row(page)).toContainText('已办结');
  await check(page);

  const admin = await visitor();
  await come(admin, 'admin');
  await admin.goto(`${manuscript}/review`);
  await expect(admin.getByRole('group', { name: '办理' }).getByRole('link', { name: '通过' })).toBeVisible();
  await admin.goto(manuscript);
  await expect(main(admin)).toContainText('曾转送有关部门');
  await check(admin);
});

test('who has no part in it is refused', async ({ page, visitor }) => {
  await come(page, 'author');
  await expectRefused(page, '/forwardings', 403);
  await expectRefused(page, address, 403);
  const library = await visitor();
  await come(library, 'library');
  await expectRefused(library, address, 404);
  await expectRefused(library, `${address}/frame`, 404);
  await expectRefused(library, `/forwardings/new?manuscript=${manuscript.split('/').pop()}`, 404);
});
