// Tries the scripts on the style guide's pages as their users would, with and without script.
//
// cargo run -p zhendi-kernel --example styleguide -- PAGES && PAGES=… npm run behave
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { launch, serve } from "./serve.js";

const pages = process.env.PAGES;
let server, browser;

before(async () => {
  server = await serve(pages);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

const DESK = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

/** A page whose every console error and refused policy fails the test. */
async function open(name, { viewport = DESK, script = true } = {}) {
  const context = await browser.newContext({ viewport, javaScriptEnabled: script, locale: "zh-CN" });
  const page = await context.newPage();
  page.on("pageerror", (error) => assert.fail(error.message));
  page.on("console", (message) => message.type() === "error" && !/404|409|Failed to fetch|ERR_/.test(message.text()) && assert.fail(message.text()));
  await page.goto(`${server.origin}/${name}`);
  return page;
}

test("a filter changes the list in place, keeps its address and says the new total", async () => {
  const page = await open("channels");
  const whole = await readFile(path.join(pages, "channels.html"), "utf8");
  await page.route("**/channels?*", (route) => route.fulfill({ contentType: "text/html", body: whole.replace("共 <b>92</b> 条", "共 <b>7</b> 条") }));
  await page.evaluate(() => (window.sameDocument = true));
  await page.getByLabel("关键词").pressSequentially("信工");
  await page.getByText("共 7 条").first().waitFor();
  assert.equal(decodeURIComponent(new URL(page.url()).search), "?q=信工&unit=2");
  assert.equal(await page.locator("#live").textContent(), "共 7 条，第 2 / 5 页");
  assert.equal(await page.evaluate(() => document.activeElement.name), "q");
  assert.equal(await page.evaluate(() => window.sameDocument), true);
  await page.getByRole("link", { name: "下一页" }).click();
  await page.waitForURL("**/channels?page=3");
  await page.waitForFunction(() => document.activeElement.textContent.includes("下一页"));
  assert.equal(await page.evaluate(() => window.sameDocument), true);
  await page.goBack();
  await page.waitForURL("**/channels?q=*");
  await page.getByText("共 7 条").first().waitFor();
  assert.equal(await page.getByText("第 2").count(), 1);
});

test("letters of a word still being composed do not filter", async () => {
  const page = await open("channels");
  let asked = 0;
  await page.route("**/channels?*", (route) => { asked += 1; return route.abort(); });
  await page.getByLabel("关键词").evaluate((input) => {
    input.value = "xin";
    input.dispatchEvent(new InputEvent("input", { bubbles: true, isComposing: true }));
  });
  await page.waitForTimeout(600);
  assert.equal(asked, 0);
});

test("a fault over htmx becomes a message and leaves the list alone", async () => {
  const page = await open("channels");
  const fault = await readFile(path.join(pages, "fault.html"), "utf8");
  await page.route("**/channels?*", (route) => route.fulfill({ status: 409, contentType: "text/html", body: fault }));
  const rows = await page.locator("#results tbody tr").count();
  await page.getByLabel("平台", { exact: true }).selectOption("site");
  await page.locator("#toasts").getByText("有人先您一步办理了这件备案").waitFor();
  assert.equal(await page.locator("#results tbody tr").count(), rows);
  await page.getByRole("button", { name: "知道了" }).click();
  assert.equal(await page.locator("#toasts .notice").count(), 0);
});

test("a decision asks first; Escape keeps things as they are, yes sends once", async () => {
  const page = await open("detail");
  let sent = 0;
  await page.route("**/filings/1/checks", (route) => { sent += 1; return route.fulfill({ contentType: "text/html; charset=utf-8", body: "<p>办好了" }); });
  await page.getByRole("button", { name: "通过审核" }).click();
  const dialog = page.getByRole("dialog", { name: "确认通过审核？" });
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.equal(sent, 0);
  await page.getByRole("button", { name: "通过审核" }).click();
  await dialog.getByRole("button", { name: "通过" }).click();
  await page.getByText("办好了").waitFor();
  assert.equal(sent, 1);
});

test("unsaved changes are not lost without a question", async () => {
  const page = await open("form");
  const asked = [];
  page.on("dialog", (dialog) => { asked.push(dialog.type()); return dialog.accept(); });
  await page.getByLabel("阵地名称").pressSequentially("改");
  await page.getByRole("link", { name: "取消" }).click();
  await page.waitForTimeout(300);
  assert.deepEqual(asked, ["beforeunload"]);
});

test("errors get the focus and lead to their fields; a picked file shows its size", async () => {
  const page = await open("form");
  assert.match(await page.evaluate(() => document.activeElement.className), /form-errors/);
  await page.getByRole("link", { name: "请选择主办单位" }).click();
  assert.equal(await page.evaluate(() => document.activeElement.id), "f-unit");
  assert.equal(await page.getByLabel("开设理由").inputValue(), "\n因工作需要，向学生发布通知。\n“引号”<b>标签</b>&符号 🎓 𠮷");
  await page.getByLabel("盖章扫描件").setInputFiles({ name: "扫描件.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(1_500_000) });
  await page.getByText("1.4 MB").waitFor();
  await page.getByLabel("当前密码", { exact: true }).fill("秘密");
  await page.getByRole("button", { name: "显示当前密码" }).click();
  assert.equal(await page.locator("#f-password").getAttribute("type"), "text");
});

test("the theme is chosen, kept and applied before the page shows", async () => {
  const page = await open("home");
  await page.getByText("欧阳明月", { exact: true }).first().click();
  await page.getByRole("button", { name: "深色" }).click();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("details.menu[open]").count(), 0);
  await page.reload();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
});

test("a chart is drawn from its table, which listeners keep and others can open", async () => {
  const page = await open("home");
  await page.locator(".chart-canvas svg").first().waitFor();
  const figure = page.locator("figure[data-chart=bar]");
  assert.equal(await figure.getByRole("row").count(), 6);
  await figure.getByRole("button", { name: "看数据表" }).click();
  assert.equal(await figure.locator(".chart-table.visually-hidden").count(), 0);
  await figure.locator(".chart-canvas").hover();
  await page.waitForTimeout(300); // the tooltip must not break the policy
});

for (const script of [true, false])
  test(`the menu of a phone opens and closes ${script ? "with" : "without"} script`, async () => {
    const page = await open("home", { viewport: PHONE, script });
    const item = page.getByRole("link", { name: "审计记录" });
    assert.equal(await item.isVisible(), false);
    await page.getByRole("link", { name: "打开菜单" }).click();
    await item.waitFor({ state: "visible" });
    if (script) await page.keyboard.press("Escape");
    else await page.getByRole("link", { name: "收起菜单" }).click();
    await item.waitFor({ state: "hidden" });
  });

test("without script nothing is offered that needs it", async () => {
  const page = await open("detail", { script: false });
  assert.equal(await page.getByRole("button", { name: "打印" }).count(), 0);
  assert.equal(await page.getByRole("button", { name: /复制/ }).count(), 0);
  await page.getByText("更多").click();
  assert.equal(await page.getByRole("link", { name: "下载备案表" }).isVisible(), true);
});
