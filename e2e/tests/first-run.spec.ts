// From an empty data folder to a filed, public channel: every role does its part, in order.
// The tests of this file are one story on one server; each begins where the last one ended.

import type { Page } from '@playwright/test';
import { box, choose, choosePassword, expectRefused, knock, menu, signIn, signOut, type Person } from '../support/people.ts';
import { expect, test } from '../support/test.ts';

test.use({ mode: 'serve', story: 'first-run' });
test.describe.configure({ mode: 'serial' });

const INSTITUTION = '云山职业学院';
const COLLEGE = '信息工程学院';
const PUBLICITY = '党委宣传部';

const system: Person = { name: '方明远', login: 'sys2001', password: 'Wm7#kTq9!xRb' };
const security: Person = { name: '石坚', login: 'sec2002', password: 'Hz4%vLp8&nQd' };
const auditor: Person = { name: '程可心', login: 'aud2003', password: 'Jd6@rYw3*mKf' };

interface Staff extends Person {
  unit: string;
  post: string;
  phone: string;
  /** The role that the security administrator gives, and where. */
  role?: [string, string];
}

const officer: Staff = { name: '郑小雅', login: 'xc3001', password: 'Bq5!tGx7#wPz', unit: PUBLICITY, post: '科员', phone: '13900001001', role: ['宣传部工作人员', INSTITUTION] };
const head: Staff = { name: '何立新', login: 'xc3002', password: 'Nk8&sVd2@yLh', unit: PUBLICITY, post: '部长', phone: '13900001002', role: ['宣传部负责人', INSTITUTION] };
const deputy: Staff = { name: '冯静', login: 'xc3003', password: 'Rf3*pMc9!zTj', unit: PUBLICITY, post: '副部长', phone: '13900001003', role: ['宣传部副职', INSTITUTION] };
const unitHead: Staff = { name: '罗建平', login: 'xg4001', password: 'Gx6#bWn4%qSv', unit: COLLEGE, post: '院长', phone: '13900002001', role: ['单位负责人', COLLEGE] };
const liaison: Staff = { name: '苏晓', login: 'xg4002', password: 'Yt9@hKr5&cFm', unit: COLLEGE, post: '办公室主任', phone: '13900002002', role: ['单位联络员', COLLEGE] };
const operator: Staff = { name: '唐敏', login: 'xg4003', password: 'Lp2!jZs8*vDw', unit: COLLEGE, post: '教师', phone: '13900002003' };
const staff = [officer, head, deputy, unitHead, liaison, operator];

const WEBSITE = { name: '信息工程学院网站', address: 'https://xxgc.yunshan.edu.cn/' };
const ACCOUNT = { name: '云山信工', id: 'Yunshan_XG' };

/** Where the filing of the website is, once it was drafted; likewise the channel. */
let filing = '';
let channel = '';

/** The part of the first-run page about one administrator. */
const part = (page: Page, role: string) => page.getByRole('region', { name: role, exact: true });

async function introduce(page: Page, role: string, person: Person): Promise<void> {
  await box(part(page, role), '姓名').fill(person.name);
  await box(part(page, role), '登录名').fill(person.login);
}

test('a visitor of a new server is led to set it up, and only with the printed code', async ({ page, server, check, shot }) => {
  await page.goto('/');
  await expect(page).toHaveURL(/\/first-run/);
  await page.goto('/sign-in');
  await expect(page).toHaveURL(/\/first-run/);
  await check(page);
  await shot(page, 'first-run');

  // A wrong code, and one person for two duties: both are said at once, and what was typed stays.
  await box(page, '设置码').fill('AAAA-BBBB-CCCC-DDDD');
  await box(page, '机构全称').fill(INSTITUTION);
  await box(page, '机构简称').fill('云山');
  await introduce(page, '系统管理员', system);
  await introduce(page, '安全管理员', security);
  await introduce(page, '审计员', { ...auditor, name: system.name });
  await page.getByRole('button', { name: '完成设置' }).click();
  const errors = page.getByRole('alert').filter({ hasText: '需要修改' });
  await expect(errors).toContainText('设置码：不正确');
  await expect(errors).toContainText('审计员姓名：与系统管理员是同一人');
  await expect(box(page, '机构全称')).toHaveValue(INSTITUTION);
  await expect(box(part(page, '安全管理员'), '登录名')).toHaveValue(security.login);
  await expect(box(page, '设置码')).toHaveAttribute('aria-invalid', 'true');
  await check(page);

  // The right code alone is not enough.
  const [, code] = await server.prints(/首次设置码：(\S+)/);
  await box(page, '设置码').fill(code!);
  await page.getByRole('button', { name: '完成设置' }).click();
  await expect(errors).toContainText('三员分立');
  await expect(errors).not.toContainText('设置码');
  await expect(box(page, '设置码')).toHaveValue(code!);

  await introduce(page, '审计员', auditor);
  await page.getByRole('button', { name: '完成设置' }).click();
  await expect(page.getByRole('heading', { level: 1, name: '设置完成' })).toBeVisible();
  for (const person of [system, security, auditor]) {
    const slip = page.getByRole('region', { name: `${person.name}的登录凭条` });
    await expect(slip).toContainText(person.login);
    person.code = await slip.locator('code').innerText();
    expect(person.code).toMatch(/^\S{4}-\S{4}-\S{4}$/);
  }
  await check(page);
  await shot(page, 'first-run-done');

  // Once: the page cannot be had again, nor the set-up done again.
  await page.goto('/first-run');
  await expect(page).toHaveURL(/\/sign-in/);
  await expect(page.getByText(system.code!)).toHaveCount(0);
  await check(page);
});

for (const [role, person] of [['system', system], ['security', security], ['audit', auditor]] as const) {
  test(`the ${role} administrator comes in with the code and must choose a password`, async ({ page, check, shot }) => {
    // The pages are the same for all three: one look at each is enough.
    const look = async (name: string) => {
      if (person !== system) return;
      await check(page);
      await shot(page, name);
    };
    await knock(page, person.login, 'not-the-code');
    await expect(page.getByText('登录名或密码不正确')).toBeVisible();
    await expect(box(page, '登录名')).toHaveValue(person.login);
    await look('sign-in-refused');

    await knock(page, person.login, person.code!);
    await expect(page).toHaveURL(/\/account\/password/);
    // Nothing else opens before the password is chosen.
    await page.goto('/units');
    await expect(page).toHaveURL(/\/account\/password/);
    await look('choose-password');

    const why = page.locator('#f-new-error');
    await choosePassword(page, 'abc');
    await expect(why).toContainText('至少 8 个字符');
    await expect(why).toContainText('要有数字');
    await expect(why).toContainText('要有特殊符号');
    await choosePassword(page, `x#${person.login}K!`);
    await expect(why).toContainText('不能含有您的登录名');
    await choosePassword(page, 'km#7Qwer!x2');
    await expect(why).toContainText('连续的字符');
    await look('weak-password');
    await choosePassword(page, person.password, `${person.password}x`);
    await expect(page.locator('#f-again-error')).toContainText('两次输入的新密码不一致');

    await choosePassword(page, person.password);
    await expect(page.getByRole('status').filter({ hasText: '密码已修改' })).toBeVisible();
    await page.goto('/');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await look('home-system');

    await signOut(page);
    // The code was good for once.
    await knock(page, person.login, person.code!);
    await expect(page.getByText('登录名或密码不正确')).toBeVisible();
    delete person.code;
    await signIn(page, person);
  });
}

test('the system administrator makes units, persons and accounts, but gives no roles', async ({ page, check, shot }) => {
  test.setTimeout(150_000);
  await signIn(page, system);
  expect(await menu(page)).toEqual(expect.arrayContaining(['单位', '人员', '登录账号', '后台任务']));
  for (const other of ['角色授权', '审计记录', '备案', '导入台账', '网络阵地']) expect(await menu(page)).not.toContain(other);
  for (const path of ['/grants', '/grants/new', '/audit', '/filings', '/filings/new', '/imports', '/channels']) {
    await expectRefused(page, path, 403);
  }
  await check(page);

  for (const [name, short, kind] of [[PUBLICITY, '宣传部', '机关部门'], [COLLEGE, '信工学院', '二级学院']] as const) {
    await page.goto('/units');
    await page.getByRole('link', { name: '新设单位' }).click();
    if (name === PUBLICITY) {
      await check(page);
      // Missing things are named, typed ones stay.
      await box(page, '单位名称').fill(name);
      await page.getByRole('button', { name: '设立' }).click();
      await expect(page.getByRole('alert').filter({ hasText: '需要修改' })).toBeVisible();
      await expect(box(page, '单位名称')).toHaveValue(name);
      await check(page);
    }
    await choose(page, '上级单位', INSTITUTION);
    await box(page, '单位名称').fill(name);
    await box(page, '简称').fill(short);
    await choose(page, '类别', kind);
    await page.getByRole('button', { name: '设立' }).click();
    await expect(page.getByRole('status').filter({ hasText: name })).toBeVisible();
  }
  await page.goto('/units');
  await page.getByRole('row', { name: PUBLICITY }).getByRole('link', { name: /管理/ }).click();
  await check(page);
  await page.getByLabel(/这是宣传部门/).check();
  await page.getByRole('button', { name: '保存', exact: true }).click();
  await page.goto('/units');
  await expect(page.getByRole('row', { name: PUBLICITY })).toContainText('（宣传部门）');
  await check(page);
  await shot(page, 'units');

  for (const one of staff) {
    await page.goto('/people/new');
    if (one === officer) await check(page);
    await box(page, '姓名').fill(one.name);
    await choose(page, '单位', one.unit);
    await choose(page, '用工性质', '在编在岗');
    await box(page, '职务').fill(one.post);
    await box(page, '工号').fill(one.login);
    await box(page, '手机').fill(one.phone);
    await page.getByRole('button', { name: '保存' }).click();
    await expect(page.getByRole('heading', { level: 1, name: one.name })).toBeVisible();
    if (one === officer) await check(page);
    // Their page offers an account, but no role.
    await expect(page.getByRole('link', { name: '授予角色' })).toHaveCount(0);
    await page.getByRole('link', { name: '开通登录' }).click();
    if (one === officer) await check(page);
    await box(page, '登录名').fill(one.login);
    await page.getByRole('button', { name: '开通并生成登录码' }).click();
    const slip = page.getByRole('region', { name: `${one.name}的登录凭条` });
    one.code = await slip.locator('code').innerText();
    if (one === officer) {
      await check(page);
      await shot(page, 'slip');
    }
  }
  await page.goto('/accounts');
  for (const one of staff) await expect(page.getByRole('row', { name: one.name })).toContainText(one.login);
  await check(page);
  await page.goto('/people');
  await check(page);
});

test('the security administrator gives roles, but makes no units, persons or accounts', async ({ page, check, shot }) => {
  await signIn(page, security);
  expect(await menu(page)).toContain('角色授权');
  for (const other of ['登录账号', '审计记录', '备案', '后台任务']) expect(await menu(page)).not.toContain(other);
  for (const path of ['/units/new', '/people/new', '/accounts', '/audit', '/jobs', '/filings/new']) {
    await expectRefused(page, path, 403);
  }
  await page.goto('/people');
  await check(page);
  await expect(page.getByRole('link', { name: '登记人员' })).toHaveCount(0);

  for (const one of staff.filter((one) => one.role)) {
    const [role, unit] = one.role!;
    await page.goto('/people');
    await page.getByRole('link', { name: one.name }).click();
    await page.getByRole('link', { name: '授予角色' }).click();
    if (one === officer) {
      await check(page);
      // Without a role there is nothing to give.
      await page.getByRole('button', { name: '授予', exact: true }).click();
      await expect(page.getByRole('alert').filter({ hasText: '需要修改' })).toBeVisible();
      await check(page);
    }
    await choose(page, '角色', role);
    await choose(page, '单位', unit);
    await page.getByRole('button', { name: '授予', exact: true }).click();
    await expect(page.getByRole('status').filter({ hasText: `已授予${role}` })).toBeVisible();
  }
  await page.goto('/grants');
  for (const one of staff.filter((one) => one.role)) {
    await expect(page.getByRole('row').filter({ hasText: one.name }).filter({ hasText: one.role![0] })).toBeVisible();
  }
  await check(page);
  await shot(page, 'grants');
});

/** Fills in the parts of the form that every filing needs. */
async function fillPeople(page: Page): Promise<void> {
  const rows = [
    ['主管领导', unitHead],
    ['审核人', unitHead],
    ['运维工作人员 1（负责人）', operator],
  ] as const;
  for (const [title, person] of rows) {
    const row = page.getByRole('group', { name: title, exact: true });
    await box(row, '姓名').fill(person.name);
    await box(row, '职务').fill(person.post);
    await box(row, '联系电话').fill(person.phone);
    await choose(row, '人员类别', '在编在岗');
  }
}

/** A small but true PDF: the server looks at what a file begins with. */
const SCAN = {
  name: '备案登记表（盖章）.pdf',
  mimeType: 'application/pdf',
  buffer: Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n'),
};

const decisions = (page: Page) => page.getByRole('group', { name: '办理' });
const told = (page: Page, text: string | RegExp) => page.getByRole('status').filter({ hasText: text });

test('the liaison drafts a filing, is told what is missing, attaches a scan and hands it in', async ({ page, check, shot }) => {
  await signIn(page, liaison);
  await page.goto('/');
  await check(page);
  await page.getByRole('link', { name: '新开备案' }).click();
  await check(page);
  await shot(page, 'filing-form');

  // Handed in too early: each missing field is named, and what was typed is still there.
  await box(page, '账号/网站/APP名称').fill(WEBSITE.name);
  await choose(page, '开通平台', '网站');
  await page.getByRole('button', { name: '提交备案' }).click();
  const errors = page.getByRole('alert').filter({ hasText: '需要修改' });
  for (const missing of ['账号ID/网址', '认证主体', '发布频次', '责任部门', '主管领导', '审核人', '运维工作人员']) {
    await expect(errors).toContainText(missing);
  }
  await expect(errors).toBeFocused();
  await expect(box(page, '账号/网站/APP名称')).toHaveValue(WEBSITE.name);
  await errors.getByRole('link', { name: /^责任部门/ }).click();
  await expect(box(page, '责任部门')).toBeFocused();
  // From the top: where the page now stands, the bar may lie over half of a link.
  await page.evaluate(() => window.scrollTo(0, 0));
  await check(page);
  await shot(page, 'filing-form-errors');

  // An unfinished draft may be kept.
  await box(page, '账号ID/网址').fill(WEBSITE.address);
  await box(page, '认证主体').fill(INSTITUTION);
  await page.getByRole('main').getByRole('button', { name: '存为草稿' }).last().click();
  await expect(page.getByText('这是草稿')).toBeVisible();
  filing = new URL(page.url()).pathname;
  expect(filing).toMatch(/^\/filings\/\d+$/);
  await check(page);

  await page.locator('input[type=file]').setInputFiles({ name: '程序.pdf', mimeType: 'application/pdf', buffer: Buffer.from('MZ\x90\x00 not a scan') });
  await page.getByRole('button', { name: '上传', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: /无法识别/ })).toBeVisible();
  await check(page);
  await page.goto(filing);
  await page.locator('input[type=file]').setInputFiles(SCAN);
  await page.getByRole('button', { name: '上传', exact: true }).click();
  await expect(told(page, '附件已上传')).toBeVisible();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: SCAN.name }).click()]);
  expect(download.suggestedFilename()).toBe(SCAN.name);

  await page.getByRole('link', { name: '修改', exact: true }).first().click();
  await expect(box(page, '账号ID/网址')).toHaveValue(WEBSITE.address);
  await box(page, '发布频次').fill('每周至少一次');
  await box(page, '责任部门').fill('学院办公室');
  await fillPeople(page);
  await page.getByRole('button', { name: '提交备案' }).click();
  await expect(told(page, '备案已提交，现在由单位负责人签署')).toBeVisible();
  // Who has it now is said, and its author can no longer change it.
  await expect(page.getByRole('main')).toContainText(`现在由单位负责人 ${unitHead.name}办理`);
  await expect(page.getByRole('link', { name: '修改', exact: true })).toHaveCount(0);
  await expect(decisions(page)).toHaveCount(0);
  await check(page);
  await shot(page, 'filing-submitted');
});

/** Opens the filing from the list of what this person must do now. */
async function openTask(page: Page, task: string): Promise<void> {
  await page.goto('/');
  await page.getByRole('link', { name: task }).first().click();
  await expect(page).toHaveURL(filing);
}

test('the unit head signs from the first screen', async ({ page, check, shot }) => {
  await signIn(page, unitHead);
  await page.goto('/');
  await check(page);
  await shot(page, 'home-unit-head');
  await openTask(page, `签署备案：“${WEBSITE.name}”`);
  await check(page);
  await shot(page, 'filing-sign');
  await decisions(page).getByRole('button', { name: '同意并签署' }).click();
  await expect(told(page, '已签署，现在由宣传部工作人员审核')).toBeVisible();
  await expect(decisions(page)).toHaveCount(0);
  await page.goto('/');
  await expect(page.getByText('没有待办', { exact: true })).toBeVisible();
});

test('the publicity officer sends it back with a reason; corrected and signed anew it passes', async ({ page, visitor, check, shot }) => {
  await signIn(page, officer);
  await openTask(page, `审核备案：“${WEBSITE.name}”`);
  await check(page);
  // Sending back without a reason is refused; so is passing without the points ticked.
  await decisions(page).getByRole('button', { name: '退回' }).click();
  const opinion = box(page, '意见');
  await expect(opinion).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByRole('alert').filter({ hasText: '退回须写明理由' })).toBeVisible();
  await opinion.fill('请写明由谁值守');
  await decisions(page).getByRole('button', { name: '审核通过' }).click();
  await expect(page.locator('#f-ticked-error')).toBeVisible();
  await expect(opinion).toHaveValue('请写明由谁值守');
  await check(page);
  await opinion.fill('发布频次过低，请改为每周至少两次。');
  await decisions(page).getByRole('button', { name: '退回' }).click();
  await expect(told(page, '已退回')).toBeVisible();
  await check(page);

  const author = await visitor();
  await signIn(author, liaison);
  await openTask(author, `按退回意见修改备案：“${WEBSITE.name}”`);
  await expect(author.getByRole('main')).toContainText('发布频次过低，请改为每周至少两次。');
  await check(author);
  await author.getByRole('link', { name: '修改', exact: true }).first().click();
  await expect(author.getByRole('main')).toContainText('发布频次过低');
  await check(author);
  await box(author, '发布频次').fill('每周至少两次');
  await author.getByRole('button', { name: '提交备案' }).click();
  await expect(told(author, '备案已提交')).toBeVisible();

  // What was signed before does not count for what is new.
  await page.goto(filing);
  await expect(decisions(page)).toHaveCount(0);
  const signer = await visitor();
  await signIn(signer, unitHead);
  await openTask(signer, `签署备案：“${WEBSITE.name}”`);
  await box(signer, '意见').fill('同意，请宣传部审核。');
  await decisions(signer).getByRole('button', { name: '同意并签署' }).click();
  await expect(told(signer, '已签署')).toBeVisible();
  await expect(signer.getByRole('list', { name: '办理意见' })).toContainText('第 2 次提交');
  await check(signer);

  await page.goto(filing);
  for (const point of await page.getByRole('group', { name: /审核要点/ }).getByRole('checkbox').all()) await point.check();
  await decisions(page).getByRole('button', { name: '审核通过' }).click();
  await expect(told(page, '审核通过，现在由宣传部负责人审定')).toBeVisible();
  await shot(page, 'filing-checked');
});

test('the publicity head decides: the channel is filed, running and has a number', async ({ page, check, shot }) => {
  await signIn(page, head);
  await openTask(page, `审定备案：“${WEBSITE.name}”`);
  await check(page);
  await decisions(page).getByRole('button', { name: '审定通过' }).click();
  await expect(told(page, /备案已生效，编号 宣备〔\d{4}〕1号/)).toBeVisible();
  await check(page);
  await shot(page, 'filing-effective');
  await page.getByRole('link', { name: '查看网络阵地' }).click();
  await expect(page.getByRole('heading', { level: 1, name: WEBSITE.name })).toBeVisible();
  channel = new URL(page.url()).pathname;
  const top = page.locator('.page-head');
  await expect(top).toContainText('已备案');
  await expect(top).toContainText('运行');
  await expect(page.getByRole('main')).toContainText(/宣备〔\d{4}〕1号/);
  await expect(page.getByRole('region', { name: '管理人员', exact: true })).toContainText(operator.name);
  await check(page);
  await shot(page, 'channel');

  await page.goto('/channels');
  await expect(page.getByRole('link', { name: WEBSITE.name })).toBeVisible();
  await check(page);
  await page.goto('/');
  await check(page);
  await shot(page, 'home-publicity-head');
});

test('anyone finds it in the directory, by name and by a pasted link', async ({ page, check, shot }) => {
  await page.goto('/directory');
  await check(page);
  const ask = async (words: string) => {
    await page.getByRole('searchbox', { name: /名称、账号/ }).fill(words);
    await page.getByRole('search').first().getByRole('button', { name: '查询' }).click();
    await expect(page).toHaveURL(/[?&]q=/);
  };
  await ask('信息');
  await expect(page.getByRole('heading', { level: 2, name: WEBSITE.name })).toBeVisible();
  await check(page);
  for (const pasted of ['http://XXGC.yunshan.edu.cn/2026/1120/c12a345/page.htm', 'ＸＸＧＣ．ｙｕｎｓｈａｎ．ｅｄｕ．ｃｎ', 'xxgc.yunshan.edu.cn/index.html']) {
    await ask(pasted);
    await expect(page.getByText('是官方账号。'), pasted).toBeVisible();
  }
  await check(page);
  await shot(page, 'directory-official');
  await ask('xxgc.yunshan.edu.cn.example.com');
  await expect(page.getByText('未在名录中查到')).toBeVisible();
  await check(page);

  await ask('信息');
  await page.getByRole('link', { name: WEBSITE.name }).click();
  await expect(page.getByRole('main')).toContainText(COLLEGE);
  for (const secret of [operator.name, operator.phone, unitHead.name, '139****']) {
    await expect(page.getByRole('main')).not.toContainText(secret);
  }
  await check(page);
  // The workshop is closed to visitors; they come back to the page they wanted after signing in.
  await page.goto(channel);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await knock(page, unitHead.login, unitHead.password);
  await expect(page).toHaveURL(channel);
});

test('the security administrator is asked to make the operator channel admin, and does', async ({ page, visitor, check }) => {
  await signIn(page, security);
  await page.goto('/work-items');
  await check(page);
  await page.getByRole('link', { name: `为网络阵地“${WEBSITE.name}”的运维人员授予管理员角色` }).click();
  await expect(page.getByRole('main')).toContainText(WEBSITE.name);
  await check(page);
  await choose(page, '人员', `${operator.name}（教师）`);
  await page.getByRole('button', { name: '授予', exact: true }).click();
  await expect(told(page, '已授予网络阵地管理员')).toBeVisible();
  await page.goto('/work-items');
  await expect(page.getByText('没有需要办理的事项')).toBeVisible();

  const admin = await visitor();
  await signIn(admin, operator);
  await admin.goto('/channels');
  await expect(admin.getByRole('link', { name: WEBSITE.name })).toBeVisible();
  await check(admin);
});

test('what was done meanwhile is told, what one may not do is refused', async ({ page, visitor, check }) => {
  await signIn(page, liaison);
  await page.goto('/filings/new');
  await box(page, '账号/网站/APP名称').fill(ACCOUNT.name);
  await box(page, '账号ID/网址').fill(ACCOUNT.id);
  await box(page, '认证主体').fill(INSTITUTION);
  await choose(page, '开通平台', '微信订阅号');
  await box(page, '发布频次').fill('每周至少一次');
  await box(page, '责任部门').fill('学院办公室');
  await fillPeople(page);
  await page.getByRole('button', { name: '提交备案' }).click();
  await expect(told(page, '备案已提交')).toBeVisible();
  const second = new URL(page.url()).pathname;

  // Two windows of the same signer: the slower one is told that it is done, and by whom.
  const one = await visitor();
  await signIn(one, unitHead);
  await one.goto(second);
  const other = await one.context().newPage();
  await other.goto(second);
  await decisions(one).getByRole('button', { name: '同意并签署' }).click();
  await expect(told(one, '已签署')).toBeVisible();
  await decisions(other).getByRole('button', { name: '同意并签署' }).click();
  await expect(other.getByRole('heading', { level: 1, name: '不能这样办理' })).toBeVisible();
  await expect(other.getByRole('main')).toContainText('您已于');
  await expect(other.getByRole('main')).toContainText('不需要再次办理');
  await check(other);

  // Its author signs nothing, and whoever has no part in filings does not see them.
  const mine = await page.request.post(`${second}/signatures`, { form: { version: '2' }, headers: { 'sec-fetch-site': 'same-origin' } });
  expect(mine.status()).toBe(403);
  await expectRefused(page, '/grants', 403);
  await check(page);
  await expectRefused(page, '/filings/999999', 404);
  await check(page);
  const stranger = await visitor();
  await signIn(stranger, system);
  await expectRefused(stranger, second, 403);

  // The rest of its way, to be found by its id, written in another form.
  const check2 = await visitor();
  await signIn(check2, officer);
  await check2.goto(second);
  for (const point of await check2.getByRole('group', { name: /审核要点/ }).getByRole('checkbox').all()) await point.check();
  await decisions(check2).getByRole('button', { name: '审核通过' }).click();
  await expect(told(check2, '审核通过')).toBeVisible();
  const decide = await visitor();
  await signIn(decide, head);
  await decide.goto(second);
  await decisions(decide).getByRole('button', { name: '审定通过' }).click();
  await expect(told(decide, /宣备〔\d{4}〕2号/)).toBeVisible();
  const anyone = await visitor();
  await anyone.goto(`/directory?q=${encodeURIComponent('@ＹＵＮＳＨＡＮ_xg')}`);
  await expect(anyone.getByText('是官方账号。')).toBeVisible();
  await expect(anyone.getByRole('main')).toContainText(ACCOUNT.name);
  await check(anyone);
});

test('the auditor reads what was done, verifies that it is whole, and can change nothing', async ({ page, check, shot }) => {
  await signIn(page, auditor);
  expect(await menu(page)).toContain('审计记录');
  for (const other of ['角色授权', '登录账号', '备案', '后台任务']) expect(await menu(page)).not.toContain(other);
  for (const path of ['/units/new', '/grants', '/accounts', '/jobs', filing, channel]) await expectRefused(page, path, 403);
  await page.goto('/audit');
  await expect(page.getByRole('table', { name: '审计记录清单' })).toContainText(head.name);
  await check(page);
  await shot(page, 'audit');
  await page.getByRole('searchbox', { name: '操作人' }).fill(officer.name);
  await expect(page).toHaveURL(/actor=/);
  await expect(page.getByRole('table', { name: '审计记录清单' })).not.toContainText(head.name);
  await page.getByRole('table', { name: '审计记录清单' }).getByRole('link').first().click();
  await expect(page.getByRole('heading', { level: 1, name: /审计记录第 \d+ 条/ })).toBeVisible();
  await check(page);
  await page.goto('/audit');
  await page.getByRole('button', { name: '核验' }).click();
  await expect(page.getByText('审计记录完整')).toBeVisible();
  await check(page);
  await shot(page, 'audit-verdict');
});
