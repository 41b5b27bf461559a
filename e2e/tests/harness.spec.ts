// The checks of support/page.ts must be able to fail: each finds a fault planted for it.

import { expect, test } from '@playwright/test';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { overflow, Problems, violations } from '../support/page.ts';

const pageOf = (body: string) =>
  `<!doctype html><html lang="zh-CN"><head><title>样张</title>
   <meta name="viewport" content="width=device-width, initial-scale=1"></head><body><main>${body}</main></body></html>`;

test('an accessible page passes', async ({ page }) => {
  await page.setContent(pageOf('<h1>网络阵地</h1><label>名称 <input></label>'));
  expect(await violations(page)).toEqual([]);
  expect(await overflow(page)).toEqual([]);
});

test('missing labels, and weak contrast in dark colours only, are found', async ({ page }) => {
  await page.setContent(
    pageOf(`<style>@media (prefers-color-scheme: dark) { body { background: #222 } p { color: #333 } }</style>
             <p>看不清</p><input>`),
  );
  const found = (await violations(page)).join('\n');
  expect(found).toMatch(/^label \(critical, light\)/m);
  expect(found).toMatch(/^color-contrast \(serious, dark\)/m);
  expect(found).not.toMatch(/^color-contrast \(serious, light\)/m);
});

test('an element wider than the window is named', async ({ page }) => {
  await page.setContent(pageOf('<div id="wide" style="width: 2000px">宽</div>'));
  expect(await overflow(page)).toEqual([expect.stringContaining('id="wide"')]);
});

test.describe('problems that nobody asked for', () => {
  let server: Server;
  let url: string;

  test.beforeAll(async () => {
    server = createServer((request, response) => {
      const status = { '/': 200, '/refused': 409, '/broken': 500 }[request.url ?? ''] ?? 404;
      response.writeHead(status, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': "default-src 'none'; script-src 'nonce-x'; style-src 'self'",
      });
      const planted = `<link rel="stylesheet" href="/missing.css"><p style="color: red">样</p>
        <script nonce="x">console.error('planted'); setTimeout(() => { throw new Error('thrown') })</script>`;
      response.end(pageOf(request.url === '/' ? planted : ''));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  test.afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test('console errors, script errors, policy violations and missing files are found', async ({ context, page }) => {
    const problems = new Problems();
    await problems.watch(context);
    await page.goto(url);
    await expect
      .poll(() => problems.list().join('\n'))
      .toMatch(/^(?=[^]*console error: planted)(?=[^]*thrown)(?=[^]*style-src-attr)(?=[^]*404 for the stylesheet)/);
    problems.allow(/./);
    expect(problems.list()).toEqual([]);
  });

  test('a refused page is an answer, a failing one is a problem', async ({ context, page }) => {
    const problems = new Problems();
    await problems.watch(context);
    await page.goto(`${url}/refused`);
    expect(problems.list()).toEqual([]);
    await page.goto(`${url}/broken`);
    expect(problems.list()).toEqual([expect.stringContaining('500 for the document')]);
  });
});
