// Serves the style guide with the product's own Content-Security-Policy, pictures every page from 360 to 1440 pixels, light
// and dark, and scans it with axe. Exit code 1 on an accessibility violation, a policy violation or sideways scrolling.
//
// cargo run -p zhendi-kernel --example styleguide -- PAGES && npm run look -- PAGES PICTURES
import { mkdir, readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { WEB, launch, serve } from "./serve.js";

const [pages, pictures] = process.argv.slice(2);
if (!pages || !pictures) {
  console.error("usage: npm run look -- PAGES PICTURES");
  process.exit(2);
}
const { origin, close } = await serve(pages);
const axe = await readFile(path.join(WEB, "node_modules/axe-core/axe.min.js"), "utf8");
await mkdir(pictures, { recursive: true });

const browser = await launch();
let bad = 0;
const complain = (where, what) => {
  bad += 1;
  console.error(`${where}: ${what}`);
};
const names = (await readdir(pages)).filter((file) => file.endsWith(".html")).map((file) => path.basename(file, ".html")).sort();
for (const [size, viewport] of Object.entries({ desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 }, narrow: { width: 360, height: 740 }, tablet: { width: 820, height: 1180 } })) {
  for (const colorScheme of ["light", "dark"]) {
    const context = await browser.newContext({ viewport, colorScheme, locale: "zh-CN", timezoneId: "Asia/Shanghai" });
    for (const name of names) {
      const where = `${name}-${size}-${colorScheme}`;
      const page = await context.newPage();
      page.on("console", (message) => message.type() === "error" && complain(where, message.text()));
      page.on("pageerror", (error) => complain(where, error.message));
      await page.clock.setFixedTime(new Date("2026-11-20T15:30:00+08:00"));
      await page.goto(`${origin}/${name}`);
      await page.waitForTimeout(name === "home" ? 900 : 150);
      await page.screenshot({ path: path.join(pictures, `${where}.png`) });
      await page.screenshot({ path: path.join(pictures, `${where}-full.png`), fullPage: true });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) complain(where, `scrolls ${wide}px sideways`);
      // Through the debugger, which the policy does not bind; the page itself keeps it.
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
      for (const { id, help, nodes } of violations) complain(where, `${id}: ${help} (${nodes.length}) ${nodes.slice(0, 3).map((node) => `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`).join(" | ")}`);
      await page.close();
    }
    await context.close();
  }
}
await browser.close();
close();
console.log(bad ? `${bad} complaints` : "no complaints");
process.exitCode = bad ? 1 : 0;
