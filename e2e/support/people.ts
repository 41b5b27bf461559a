// What the people of the browser tests do over and over: come in, choose a password, leave.

import { expect, type Locator, type Page } from '@playwright/test';

/** Somebody who works with the program. */
export interface Person {
  name: string;
  login: string;
  /** The password they choose, or have. */
  password: string;
  /** The one-time code on their slip, until they have chosen a password. */
  code?: string;
}

/** Fills in the sign-in page and sends it. */
export async function knock(page: Page, login: string, secret: string): Promise<void> {
  if (new URL(page.url(), 'http://none').pathname !== '/sign-in') await page.goto('/sign-in');
  await box(page, '登录名').fill(login);
  await page.getByLabel('密码', { exact: true }).fill(secret);
  await page.getByRole('main').getByRole('button', { name: '登录' }).click();
}

/** Fills in the page for a new password and sends it. */
export async function choosePassword(page: Page, password: string, again = password): Promise<void> {
  await page.getByLabel('新密码', { exact: true }).fill(password);
  await page.getByLabel('再输一遍新密码', { exact: true }).fill(again);
  await page.getByRole('main').getByRole('button', { name: /设置密码|修改密码/ }).click();
}

/** Comes in: with the password, or for the first time with the one-time code, choosing the password. */
export async function signIn(page: Page, person: Person): Promise<void> {
  await knock(page, person.login, person.code ?? person.password);
  if (person.code) {
    await expect(page).toHaveURL(/\/account\/password/);
    await choosePassword(page, person.password);
    await expect(page).not.toHaveURL(/\/account\/password/);
    delete person.code;
  }
  await expect(page.getByText(`${person.name}`).first()).toBeAttached();
}

/** Leaves by the personal menu. */
export async function signOut(page: Page): Promise<void> {
  await page.getByLabel(/个人菜单/).click();
  await page.getByRole('button', { name: '退出', exact: true }).click();
  await expect(page.getByRole('link', { name: '登录', exact: true }).first()).toBeVisible();
}

/** The entries of the main menu, shown or folded away. */
export async function menu(page: Page): Promise<string[]> {
  return page.locator('nav#nav .nav-label').allTextContents();
}

/** Fails unless the address gives the page of a refusal with this status. */
export async function expectRefused(page: Page, path: string, status: 403 | 404): Promise<void> {
  const answer = await page.goto(path);
  expect(answer?.status(), path).toBe(status);
  await expect(page.getByRole('heading', { level: 1, name: status === 403 ? '没有权限' : '没有找到' })).toBeVisible();
}

/** The text field with this label. */
export const box = (within: Page | Locator, label: string) => within.getByRole('textbox', { name: label, exact: true });

/** Chooses in the drop-down with this label the option whose text ends so: options of units are indented. */
export async function choose(within: Page | Locator, label: string, option: string): Promise<void> {
  const list = within.getByRole('combobox', { name: label, exact: true });
  const labels = await list.locator('option').allTextContents();
  const found = labels.find((one) => one.trim().endsWith(option));
  expect(found, `${option} among ${labels.join('|')}`).toBeTruthy();
  await list.selectOption({ label: found! });
}
