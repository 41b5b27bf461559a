// One manuscript from its draft to the live site: returned once, marked as a major matter, approved at every level,
// published to a real WordPress, corrected, withdrawn. What institutions fail at today is looked at on the way.

import type { Page } from '@playwright/test';
import { choose, expectRefused, signIn } from '../support/people.ts';
import { DEMO_PASSWORD } from '../support/server.ts';
import { expect, test } from '../support/test.ts';
import { WordPress } from '../support/wordpress.ts';

// The site under test is on this machine; the program reaches such addresses only where its operator says so.
process.env.ZHENDI_OUTGOING_ALLOWED_NETWORKS = '127.0.0.0/8';

test.use({ mode: 'demo', story: 'review' });
test.describe.configure({ mode: 'serial' });
test.setTimeout(240_000);

const PEOPLE = {
  author: { name: '陈子墨', login: 'nigao' },
  admin: { name: '杨思远', login: 'guanliyuan' },
  head: { name: '梁伟强', login: 'danweifuze' },
  chief: { name: '白云舒', login: 'xuanchuan' },
  leader: { name: '韩志诚', login: 'fenguanyuan' },
  system: { name: '丁一凡', login: 'xitong' },
  stranger: { name: '马晓东', login: 'hudong' },
};
type Who = keyof typeof PEOPLE;

const TITLE = '信息工程学院获批省级产教融合示范基地';
const FIRST = '11月18日，省教育厅公布了产教融合示范基地名单，我院与三家企业共建的基地入选。';
const SECOND = '基地将为学生提供两百个实习岗位，请有意向的同学登陆就业网报名。';

const come = (page: Page, who: Who): Promise<void> => signIn(page, { ...PEOPLE[who], password: DEMO_PASSWORD });
const told = (page: Page, text: string | RegExp) => page.getByRole('status').filter({ hasText: text });
const main = (page: Page) => page.getByRole('main');
const bar = (page: Page) => page.getByRole('group', { name: '办理' });

let site: WordPress;
let address = '';

test.beforeAll(() => {
  test.setTimeout(120_000);
  site = WordPress.start();
});
test.afterAll(() => site?.stop());

/** Opens one's task by its title in the list of work. */
async function openTask(page: Page, name: RegExp): Promise<void> {
  await page.goto('/work-items');
  await main(page).getByRole('link', { name }).first().click();
}

/** The editor, and not the plain field that stands there until the script has come. */
const editor = (page: Page) => page.getByRole('textbox', { name: '正文' }).and(page.locator('[contenteditable]'));

/** Selects some words in the editor. */
async function select(page: Page, words: string): Promise<void> {
  const text = editor(page);
  await text.click();
  await text.evaluate((root, old) => {
    const nodes = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (nodes.nextNode()) {
      const at = nodes.currentNode.textContent!.indexOf(old);
      if (at < 0) continue;
      getSelection()!.setBaseAndExtent(nodes.currentNode, at, nodes.currentNode, at + old.length);
      return;
    }
    throw new Error(`${old} is not in one piece`);
  }, words);
  await expect.poll(() => page.evaluate(() => getSelection()!.toString())).toBe(words);
}

/** Writes other words in the place of some in the editor. */
async function rewrite(page: Page, old: string, words: string): Promise<void> {
  await select(page, old);
  await page.keyboard.type(words);
  await expect(editor(page)).toContainText(words);
}

/** Makes some words in the editor a link; with no address, a link no more. */
async function link(page: Page, words: string, address: string): Promise<void> {
  await select(page, words);
  await page.getByRole('button', { name: '链接', exact: true }).click();
  await page.getByRole('dialog').getByLabel('网址').fill(address);
  await page.getByRole('dialog').getByRole('button', { name: '确定' }).click();
}

/** Whether the page of a publication comes to say so. */
async function becomes(page: Page, at: string, state: string): Promise<void> {
  await expect(async () => {
    await page.goto(at);
    await expect(page.locator('.page-head').getByText(state, { exact: true })).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 60_000 });
}

/** Ticks everything that the level asks for and passes. */
async function pass(page: Page, opinion: string): Promise<void> {
  await bar(page).getByRole('link', { name: '通过' }).click();
  const form = page.locator('#decide form');
  for (const box of await form.getByRole('checkbox').all()) await box.check();
  await form.getByLabel('审核意见').fill(opinion);
  await form.getByRole('button', { name: '通过' }).click();
}

test('the way out is set up: an account for the leader in charge, a site for posts', async ({ page, visitor, check }) => {
  await come(page, 'system');
  await page.goto(`/people?q=${encodeURIComponent(PEOPLE.leader.name)}`);
  const person = await main(page).getByRole('link', { name: PEOPLE.leader.name }).first().getAttribute('href');
  const made = await page.request.post('/accounts', {
    form: { person: person!.split('/').pop()!, login: PEOPLE.leader.login },
    headers: { 'sec-fetch-site': 'same-origin' },
  });
  const code = /<code class="code">([^<]+)<\/code>/.exec(await made.text())![1]!;
  const leader = await visitor();
  await signIn(leader, { ...PEOPLE.leader, password: DEMO_PASSWORD, code });

  const admin = await visitor();
  await come(admin, 'admin');
  await admin.goto('/channels?platform=website');
  await main(admin).getByRole('link', { name: /信息工程学院/ }).first().click();
  await admin.goto(`${new URL(admin.url()).pathname}/connection`);
  await check(admin);
  await admin.getByRole('radio', { name: /WordPress/ }).check();
  await admin.getByLabel('地址').fill(site.url);
  await admin.getByLabel(/用户名/).fill(site.user);
  await admin.getByLabel('密钥', { exact: true }).fill(site.password);
  await admin.getByRole('button', { name: '保存', exact: true }).click();
  await admin.getByRole('button', { name: '测试连接' }).click();
  await expect(main(admin)).toContainText(/连接正常|正常/);
  await expect(admin.locator('body')).not.toContainText(site.password);
  await check(admin);
});

test('its author writes it and hands it in', async ({ page, check, shot }) => {
  await come(page, 'author');
  await page.goto('/manuscripts/new');
  await check(page);
  await choose(page, '单位', '信息工程学院');
  const main_channel = page.getByRole('combobox', { name: '主要阵地' });
  const names = await main_channel.locator('option').allTextContents();
  await main_channel.selectOption({ label: names.find((name) => /网站/.test(name))! });
  await page.getByLabel('标题').fill(TITLE);
  await page.getByRole('button', { name: '开始写' }).click();

  await editor(page).click();
  await page.keyboard.type(FIRST);
  await page.keyboard.press('Enter');
  await page.keyboard.type(SECOND);
  await page.getByRole('combobox', { name: '类别' }).selectOption({ label: '新闻' });
  // A link that leads nowhere is told while one writes; without it nothing is left to be told of.
  const dead = page.locator('[data-findings-list]').getByText('链接打不开：127.0.0.1 回答 404');
  await link(page, '就业网', `${site.url}/?p=99999`);
  await expect(dead).toBeVisible({ timeout: 40_000 });
  await check(page);
  await shot(page, 'review-writing');
  await link(page, '就业网', '');
  await expect(dead).toHaveCount(0);
  // Leaving while the page saves by itself is no clash with oneself.
  await page.route(/\/edit$/, async (route) => {
    if (route.request().resourceType() !== 'fetch') return route.fallback();
    const saved = await route.fetch();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await route.fulfill({ response: saved });
  });
  const saving = page.waitForRequest((request) => request.resourceType() === 'fetch' && request.url().endsWith('/edit'));
  await page.getByLabel('署名', { exact: true }).fill('文/杨思远');
  await saving;
  await page.getByRole('button', { name: '保存并查看' }).click();
  await page.waitForURL(/\/manuscripts\/\d+$/);
  await expect(main(page)).toContainText(SECOND);
  await check(page);
  address = new URL(page.url()).pathname;
  await page.getByLabel('给审核人的说明').fill('请尽快审核。');
  await bar(page).getByRole('button', { name: '提交审核' }).click();
  await expect(told(page, '由网络阵地管理员办理')).toBeVisible();
  await expect(main(page)).toContainText('杨思远');
  await check(page);
  await shot(page, 'review-submitted');

  // Nobody changes what is under review, and nobody reviews their own.
  await expect(page.getByRole('link', { name: '编辑' })).toHaveCount(0);
  await page.goto(`${address}/review`);
  await expect(page).toHaveURL(new RegExp(`${address}$`));
});

test('level one notes two places and returns it', async ({ page, visitor, check, shot, isMobile }) => {
  const stranger = await visitor();
  await come(stranger, 'stranger');
  await expectRefused(stranger, `${address}/review`, 404);
  // The last level does not get what the first has not passed.
  const chief = await visitor();
  await come(chief, 'chief');
  await chief.goto(`${address}/review`);
  await expect(bar(chief)).toHaveCount(0);

  await come(page, 'admin');
  await openTask(page, new RegExp(`初审：“${TITLE.slice(0, 10)}`));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(TITLE);
  await check(page);
  await shot(page, 'review-level-one');

  // A note on selected words.
  await page.locator('.passage-text p').nth(1).evaluate((paragraph, words) => {
    const node = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
    while (node.nextNode()) {
      const at = node.currentNode.textContent!.indexOf(words);
      if (at < 0) continue;
      getSelection()!.setBaseAndExtent(node.currentNode, at, node.currentNode, at + words.length);
      return;
    }
    throw new Error(`${words} are not in one piece`);
  }, '两百个');
  await page.getByRole('button', { name: '批注选中的文字' }).click();
  const note = page.locator('#annotate form');
  await expect(note).toContainText('两百个');
  await note.getByLabel('批注内容').fill('数字请与合作协议核对，并用阿拉伯数字');
  if (isMobile) await expect(page.getByRole('dialog')).toBeVisible();
  await check(page);
  await shot(page, 'review-note');
  await note.getByRole('button', { name: '保存批注' }).click();
  await expect(told(page, '批注已保存')).toBeVisible();
  await expect(page.locator('mark.mark-remark')).toHaveText('两百个');

  // And one on a passage, by the keyboard.
  await page.getByRole('link', { name: '批注第 1 段' }).focus();
  await page.keyboard.press('Enter');
  await note.getByLabel('批注内容').fill('请写明三家企业的名称');
  await note.getByRole('button', { name: '保存批注' }).click();
  await expect(page.locator('.note-remark')).toHaveCount(2);
  await check(page);
  await shot(page, 'review-notes');

  await bar(page).getByRole('link', { name: '退回' }).click();
  const back = page.locator('#return form');
  await expect(back).toContainText('随同发出的批注 2 条');
  await back.getByLabel('退回理由').fill('请按批注修改后再报。');
  await check(page);
  await shot(page, 'review-return');
  await back.getByRole('button', { name: '退回' }).click();
  await expect(told(page, '已退回作者修改')).toBeVisible();
});

test('the author answers each point and hands it in again', async ({ page, check, shot }) => {
  await come(page, 'author');
  await page.goto(`${address}/answers`);
  await expect(main(page)).toContainText('请按批注修改后再报。');
  await check(page);
  await shot(page, 'review-answers');
  const first = page.getByRole('region', { name: '第 1 条' });
  await first.getByRole('radio', { name: '未改，说明理由' }).check();
  await first.getByRole('textbox', { name: '说明' }).fill('企业名称按协议约定暂不公开');
  const second = page.getByRole('region', { name: '第 2 条' });
  await second.getByRole('radio', { name: '已按要求修改' }).check();
  await page.getByRole('button', { name: '保存处理情况' }).click();
  await expect(told(page, '已记录')).toBeVisible();

  await page.getByRole('link', { name: '去修改' }).click();
  await rewrite(page, '两百', '200');
  await page.getByRole('button', { name: '保存并查看' }).click();
  await expect(main(page)).toContainText('200个');
  await bar(page).getByRole('button', { name: '提交审核' }).click();
  await expect(told(page, '由网络阵地管理员办理')).toBeVisible();
});

test('all levels approve it, the second marks it as a major matter', async ({ page, visitor, check, shot }) => {
  await come(page, 'admin');
  await page.goto(`${address}/review`);
  await expect(main(page)).toContainText('上次提出的 2 条');
  await expect(main(page)).toContainText('企业名称按协议约定暂不公开');
  await check(page);
  await main(page).getByRole('link', { name: '看改动' }).click();
  await expect(page.locator('.differences del')).toHaveText('两百');
  await expect(page.locator('.differences ins')).toHaveText('200');
  await check(page);
  await shot(page, 'review-differences');
  // A required point that is not ticked is asked for.
  await bar(page).getByRole('link', { name: '通过' }).click();
  await page.locator('#decide form').getByRole('button', { name: '通过' }).click();
  await expect(page).toHaveURL(/\/review/);
  await shot(page, 'review-decide');
  await check(page);
  if (await page.getByRole('dialog').isVisible()) await page.keyboard.press('Escape');
  await pass(page, '内容属实');
  await expect(told(page, '由单位负责人办理')).toBeVisible();

  const head = await visitor();
  await come(head, 'head');
  await openTask(head, new RegExp(`复审：“${TITLE.slice(0, 10)}`));
  await bar(head).getByRole('link', { name: '重大事项' }).click();
  await head.locator('#major').getByLabel('理由').fill('涉及省级立项的首次公布');
  await head.locator('#major').getByRole('button', { name: '标为重大事项' }).click();
  await expect(main(head)).toContainText('重大事项');
  await check(head);
  await pass(head, '同意');
  await expect(told(head, '由宣传部负责人办理')).toBeVisible();

  const chief = await visitor();
  await come(chief, 'chief');
  await openTask(chief, new RegExp(`终审：“${TITLE.slice(0, 10)}`));
  await pass(chief, '导向正确，同意');
  await expect(told(chief, '由分管领导办理')).toBeVisible();

  const leader = await visitor();
  await come(leader, 'leader');
  await openTask(leader, new RegExp(`分管领导审批：“${TITLE.slice(0, 10)}`));
  await check(leader);
  await shot(leader, 'review-leader');
  await pass(leader, '同意发布');
  await expect(told(leader, '已审定')).toBeVisible();
  // Approved is not published.
  expect((await site.posts()).filter((post) => post.title === TITLE)).toHaveLength(0);
});

/** Publishes what waits for the admin; gives the page of the publication. */
async function publish(page: Page, check: (page: Page) => Promise<void>): Promise<string> {
  await page.goto('/publications?view=open');
  await main(page).getByRole('link', { name: TITLE }).first().click();
  await check(page);
  await page.getByRole('button', { name: '立即发布' }).click();
  const at = new URL(page.url()).pathname;
  await becomes(page, at, '已发布');
  return at;
}

test('it is published, corrected and withdrawn on the real site', async ({ page, visitor, check, shot }) => {
  await come(page, 'admin');
  await publish(page, check);
  await check(page);
  await shot(page, 'publication');
  const [post] = (await site.posts()).filter((one) => one.title === TITLE);
  expect(post?.content).toContain('200个实习岗位');

  // Editing what is approved does not take the live page down, nor change it.
  const author = await visitor();
  await come(author, 'author');
  await author.goto(`${address}/edit`);
  await rewrite(author, '登陆', '登录');
  await author.getByRole('button', { name: '保存并查看' }).click();
  await bar(author).getByRole('button', { name: '提交审核' }).click();
  await expect(told(author, '已提交')).toBeVisible();
  expect((await site.posts()).find((one) => one.id === post!.id)?.content).toContain('登陆');

  // The same people look at the difference alone, one tap each.
  for (const who of ['admin', 'head', 'chief', 'leader'] as const) {
    const one = await visitor();
    await come(one, who);
    await openTask(one, new RegExp(`复核小改动：“${TITLE.slice(0, 10)}`));
    await expect(one.locator('.differences del')).toHaveText('陆');
    await expect(one.locator('.differences ins')).toHaveText('录');
    if (who === 'head') {
      await check(one);
      await shot(one, 'review-correction');
    }
    await bar(one).getByRole('button', { name: '同意改动' }).click();
    await expect(one).toHaveURL(new RegExp(`${address}$`));
  }
  const at = await publish(page, check);
  const corrected = (await site.posts()).filter((one) => one.title === TITLE);
  expect(corrected.map((one) => one.id), 'the same post, not another').toEqual([post!.id]);
  expect(corrected[0]!.content).toContain('登录');

  await page.goto(at);
  await page.getByRole('combobox', { name: '撤稿原因' }).selectOption({ index: 1 });
  await page.locator('#withdraw').getByRole('textbox', { name: '说明' }).fill('活动取消');
  await page.locator('#withdraw').getByRole('button', { name: '撤稿' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '撤稿' }).click();
  await becomes(page, at, '已撤稿');
  await check(page);
  await shot(page, 'publication-withdrawn');
  expect((await site.posts()).filter((one) => one.id === post!.id)).toHaveLength(0);
});

test('with script off everything goes by plain forms', async ({ browser, server }) => {
  const title = '关于图书捐赠活动的通知';
  const someone = async (who: Who): Promise<Page> => {
    const context = await browser.newContext({ baseURL: server.url, locale: 'zh-CN', javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
    const page = await context.newPage();
    await come(page, who);
    return page;
  };
  const author = await someone('author');
  await author.goto('/manuscripts/new');
  await choose(author, '单位', '信息工程学院');
  const channel = author.getByRole('combobox', { name: '主要阵地' });
  const names = await channel.locator('option').allTextContents();
  await channel.selectOption({ label: names.find((name) => /网站/.test(name))! });
  await author.getByLabel('标题').fill(title);
  await author.getByRole('button', { name: '开始写' }).click();
  await author.getByLabel('正文').fill('图书馆将于下周举行图书捐赠活动。\n捐赠地点另行通知。');
  await author.getByRole('combobox', { name: '类别' }).selectOption({ label: '新闻' });
  await author.getByRole('button', { name: '保存并查看' }).click();
  await bar(author).getByRole('button', { name: '提交审核' }).click();
  const path = new URL(author.url()).pathname;

  const admin = await someone('admin');
  await admin.goto(`${path}/review`);
  await admin.getByLabel('批注哪一段').selectOption({ index: 2 });
  await admin.getByLabel('批注内容').fill('请写明地点');
  await admin.getByRole('button', { name: '保存批注' }).click();
  await expect(admin.locator('mark.mark-remark')).toHaveText('捐赠地点另行通知。');
  await pass(admin, '同意');
  await expect(told(admin, '由单位负责人办理')).toBeVisible();

  const head = await someone('head');
  await head.goto(`${path}/review`);
  await expect(head.locator('.note-remark')).toContainText('请写明地点');
  await bar(head).getByRole('link', { name: '退回' }).click();
  await head.locator('#return').getByLabel('退回理由').fill('请补充地点。');
  await head.locator('#return').getByRole('button', { name: '退回' }).click();
  await expect(told(head, '已退回')).toBeVisible();
  for (const page of [author, admin, head]) await page.context().close();
});
