// A working day in the demonstration institution: each role's first screen, lists, keyboard, paper, no script.

import type { Locator, Page } from '@playwright/test';
import { overflow } from '../support/page.ts';
import { box, choose, knock, menu, signIn } from '../support/people.ts';
import { DEMO_PASSWORD } from '../support/server.ts';
import { expect, test } from '../support/test.ts';

test.use({ mode: 'demo' });

const EVERYONE = ['首页', '我的待办', '规章制度', '官方账号名录', '工作委托'];
const CHANNELS = ['网络阵地', '表格导出'];
const FILINGS = [...CHANNELS, '备案'];
const REVIEWS = ['稿件', '审核', '发布', '转送记录'];
const PUBLICITY = [...FILINGS, ...REVIEWS, '词库', '审核流程', '消息订阅', '工作计划', '导入台账', '单位', '人员', '平台与设置'];

/** Each role with its demonstration account, its menu and, where it has any, the kind of its tasks. */
const ROLES: Array<[role: string, login: string, name: string, menu: string[], task?: RegExp]> = [
  ['学院党委', 'dangwei', '郑远航', [...FILINGS, ...REVIEWS, '工作计划', '单位']],
  ['分管领导', 'fenguan', '沈立群', [...FILINGS, ...REVIEWS, '工作计划', '单位']],
  ['宣传部负责人', 'xuanchuan', '白云舒', PUBLICITY, /^审定备案：/],
  ['宣传部副职', 'xuanchuanfu', '江一帆', PUBLICITY, /^签署备案：/],
  ['宣传部工作人员', 'xuanchuanyuan', '欧阳静', PUBLICITY, /^审核备案：/],
  ['网络信息中心人员', 'wangxin', '曹明哲', [...FILINGS, ...REVIEWS, '词库', '工作计划', '单位', '人员'], /^阅读规章制度：/],
  ['单位负责人', 'danweifuze', '梁伟强', [...FILINGS, ...REVIEWS, '词库', '工作计划', '单位', '人员'], /^签署备案：/],
  ['单位联络员', 'lianluo', '宋雅婷', [...FILINGS, ...REVIEWS, '词库', '工作计划', '导入台账', '单位', '人员'], /^(补录备案|按退回意见修改备案)：/],
  ['网络阵地管理员', 'guanliyuan', '杨思远', [...FILINGS, ...REVIEWS], /^(工作计划任务|阅读规章制度)：/],
  ['网络阵地管理员（B岗）', 'guanliyuanb', '刘诗涵', [...FILINGS, ...REVIEWS], /^工作计划任务：/],
  ['拟稿人', 'nigao', '陈子墨', [...CHANNELS, '稿件'], /^按退回意见修改：/],
  ['互动管理员', 'hudong', '马晓东', CHANNELS, /^工作计划任务：/],
  ['系统管理员', 'xitong', '丁一凡', ['单位', '人员', '登录账号', '后台任务', '运维'], /^核对导入时新建的单位：/],
  ['安全管理员', 'anquan', '谢安宁', [...CHANNELS, '单位', '人员', '角色授权'], /^为网络阵地/],
  ['审计员', 'shenji', '钟秉文', ['单位', '审计记录']],
];

const as = (login: string) => ({ login, name: ROLES.find((role) => role[1] === login)![2], password: DEMO_PASSWORD });

test('the demonstration names an account for each role', async ({ server }) => {
  for (const [role, login, name] of ROLES) expect(server.printed()).toMatch(new RegExp(`${role}\\s+${name}\\s+${login}\\n`));
});

for (const [role, login, name, entries, task] of ROLES) {
  test(`${role} sees at once what to do, and only their own menu`, async ({ page, check, shot }) => {
    await signIn(page, as(login));
    await page.goto('/');
    await expect(page.getByRole('heading', { level: 1 })).toContainText(name);
    expect((await menu(page)).sort()).toEqual([...EVERYONE, ...entries].sort());
    const todo = page.getByRole('region', { name: '我现在要办的' });
    if (task) {
      await expect(page.getByRole('main')).toContainText(/您有 \d+ 件待办/);
      const first = todo.getByRole('link', { name: task }).first();
      await expect(first).toBeVisible();
      await first.click();
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await check(page);
      await page.goto('/');
    } else {
      await expect(todo.getByText('没有待办')).toBeVisible();
    }
    await check(page);
    await shot(page, `home-${login}`);
  });
}

/** Opens what a small screen folds away. */
async function allFilters(page: Page): Promise<void> {
  const more = page.getByText('更多条件');
  if (await more.isVisible()) await more.click();
}

test('a list filters in place, keeps the filter in the address and goes back', async ({ page, check, shot }) => {
  await signIn(page, as('xuanchuan'));
  await page.goto('/channels');
  const total = page.locator('.pager-total b').first();
  const all = Number(await total.textContent());
  expect(all).toBeGreaterThan(90);
  await check(page);
  await shot(page, 'channels');
  // What the script left behind shows whether the page was loaded anew.
  await page.evaluate(() => document.body.setAttribute('data-here', ''));
  const here = page.locator('body[data-here]');

  await page.getByRole('searchbox', { name: '关键词' }).fill('图书');
  await expect(page).toHaveURL(/\/channels\?.*q=/);
  await expect.poll(async () => Number(await total.textContent())).toBeLessThan(all);
  for (const name of await page.locator('#results tbody tr').allInnerTexts()) expect(name).toContain('图书');
  await expect(page.locator('#live')).toContainText(/共 \d+ 条/);
  await expect(here).toHaveCount(1);
  await check(page);

  await allFilters(page);
  await choose(page.getByRole('search'), '平台', '微博');
  await expect(page).toHaveURL(/platform=weibo/);
  await expect(here).toHaveCount(1);
  const few = await total.textContent();
  await page.reload();
  await expect(page.getByRole('searchbox', { name: '关键词' })).toHaveValue('图书');
  await expect(total).toHaveText(few!);
  await page.goBack();
  await expect(page).not.toHaveURL(/platform=/);

  // Going back loads the page anew; leaving before that is done would be two journeys at once.
  await page.waitForLoadState('networkidle');
  await page.goto('/channels?q=%E6%B2%A1%E6%9C%89%E8%BF%99%E4%B8%AA');
  await expect(page.locator('#results table')).toHaveCount(0);
  await check(page);
});

for (const path of ['/filings', '/work-items', '/units', '/people', '/settings/registry', '/platforms', '/imports', '/notifications', '/delegations']) {
  test(`${path} is fit for use with a whole institution's data`, async ({ page, check, shot }) => {
    await signIn(page, as('xuanchuan'));
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await check(page);
    await shot(page, path.slice(1).replaceAll('/', '-'));
  });
}

/** Presses the tab key until the control has the focus, which must be seen wherever it goes. */
async function tabTo(page: Page, target: Locator, limit = 120): Promise<void> {
  for (let pressed = 0; pressed < limit; pressed += 1) {
    await page.keyboard.press('Tab');
    const seen = await page.evaluate(() => {
      const focused = document.activeElement;
      if (!(focused instanceof HTMLElement) || focused === document.body) return 'nothing';
      const style = getComputedStyle(focused);
      const box = focused.getBoundingClientRect();
      const shown = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
      return shown && box.width > 0 && box.right > 0 && box.left < innerWidth ? '' : focused.outerHTML.slice(0, 200);
    });
    if (seen !== 'nothing') expect(seen, 'the focus is hidden').toBe('');
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`${target} cannot be reached with ${limit} presses of the tab key`);
}

test('a filing is decided with the keyboard alone', async ({ page }) => {
  await page.goto('/sign-in');
  await tabTo(page, box(page, '登录名'));
  await page.keyboard.type('xuanchuan');
  await tabTo(page, page.getByLabel('密码', { exact: true }));
  await page.keyboard.type(DEMO_PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('白云舒');

  // The skip link spares the menu.
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: '跳到正文' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  const task = page.getByRole('link', { name: /^审定备案：/ }).first();
  await tabTo(page, task, 10);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/filings\/\d+$/);

  await tabTo(page, box(page, '意见'));
  await page.keyboard.type('同意。');
  await tabTo(page, page.getByRole('button', { name: '审定通过' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status').filter({ hasText: /备案已生效，编号/ })).toBeVisible();
  await expect(page.getByRole('list', { name: '办理意见' })).toContainText('同意。');
});

test('a filing prints on A4 without the furniture of the screen', async ({ page }) => {
  await signIn(page, as('xuanchuan'));
  await page.goto('/filings?stage=effective');
  await page.getByRole('table', { name: '备案清单' }).getByRole('link').filter({ hasText: /\S/ }).and(page.locator('th[scope=row] a')).first().click();
  await expect(page.getByRole('heading', { level: 1, name: /^开设备案/ })).toBeVisible();
  await page.setViewportSize({ width: 718, height: 1000 }); // A4 at 96 dpi, less the margins
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByRole('heading', { name: '备案登记内容' })).toBeVisible();
  for (const furniture of ['nav#nav', '.topbar', '.page-foot', '.page-actions', '.decisions', '.demo-bar']) {
    for (const one of await page.locator(furniture).all()) await expect(one).toBeHidden();
  }
  expect(await overflow(page)).toEqual([]);
  const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(['rgb(255, 255, 255)', 'rgba(0, 0, 0, 0)']).toContain(paper);
});

test.describe('with script off', () => {
  test.use({ javaScriptEnabled: false });

  test('the directory answers, sign-in works and a filing can be drafted', async ({ page }) => {
    await page.goto('/directory');
    await page.getByRole('searchbox', { name: /名称、账号/ }).fill('图书');
    await page.getByRole('search').first().getByRole('button', { name: '查询' }).click();
    await expect(page).toHaveURL(/\?q=/);
    await page.locator('.directory-item a').first().click();
    await expect(page.getByText('官方账号', { exact: true })).toBeVisible();

    await page.goto('/filings/new');
    await expect(page).toHaveURL(/\/sign-in\?next=/);
    await knock(page, 'lianluo', DEMO_PASSWORD);
    await expect(page).toHaveURL(/\/filings\/new$/);
    await box(page, '账号/网站/APP名称').fill('信工学院勤工助学');
    await choose(page, '开通平台', '微博');
    await choose(page, '开设部门', '信息工程学院');
    // A row more comes from the server, and keeps what was typed.
    const rows = page.getByRole('group', { name: /^运维工作人员/ });
    const before = await rows.count();
    await page.getByRole('button', { name: '再加一行运维工作人员' }).click();
    await expect(rows).toHaveCount(before + 1);
    await expect(box(page, '账号/网站/APP名称')).toHaveValue('信工学院勤工助学');
    await page.getByRole('button', { name: '提交备案' }).click();
    await expect(page.getByRole('alert').filter({ hasText: '需要修改' })).toBeVisible();
    await page.getByRole('main').getByRole('button', { name: '存为草稿' }).last().click();
    await expect(page.getByText('这是草稿')).toBeVisible();
    await expect(page.getByRole('heading', { level: 1, name: '开设备案：信工学院勤工助学' })).toBeVisible();

    // The menu opens and the personal menu signs out, on any screen.
    const open = page.getByRole('link', { name: '打开菜单' });
    if (await open.isVisible()) await open.click();
    await page.getByRole('navigation', { name: '主菜单' }).getByRole('link', { name: '备案' }).click();
    await expect(page.getByRole('link', { name: '信工学院勤工助学' })).toBeVisible();
    await page.getByLabel(/个人菜单/).click();
    await page.getByRole('button', { name: '退出', exact: true }).click();
    await expect(page.getByRole('main').getByRole('button', { name: '登录' })).toBeVisible();
  });
});
