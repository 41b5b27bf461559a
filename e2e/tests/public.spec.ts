// What anyone may open without an account.

import { expect, test } from '../support/test.ts';

test.use({ mode: 'demo' });

test('the server says that it is well', async ({ request }) => {
  const answer = await request.get('/healthz');
  expect(answer.status()).toBe(200);
});

test('the public directory opens and is fit for use', async ({ page, check, shot }) => {
  const answer = await page.goto('/directory');
  expect(answer?.status()).toBe(200);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await check(page);
  await shot(page, 'directory');
});

test('people at different machines do not share cookies', async ({ page, visitor, context, baseURL }) => {
  await context.addCookies([{ name: 'mine', value: '1', url: baseURL! }]);
  const other = await visitor();
  await other.goto('/directory');
  expect(await other.context().cookies()).not.toContainEqual(expect.objectContaining({ name: 'mine' }));
  expect(other.viewportSize()).toEqual(page.viewportSize());
});
