// Builds web/dist: styles, scripts and the icon sprite under content-hashed names, each with .br and .gz beside it,
// and manifest.json (logical name -> hashed name). Fails when the first load of an ordinary page grows past its budget
// or when the styles use what the oldest supported browsers (Chromium 100, Safari 15.4) do not know.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, watch, writeFile } from "node:fs/promises";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import path from "node:path";
import * as esbuild from "esbuild";
import * as sass from "sass";

const ROOT = path.dirname(fileURLToPath(import.meta.url));
const DIST = path.join(ROOT, "dist");
const NEW = path.join(ROOT, "node_modules/.dist"); // becomes dist only when all of it is there and good
const TARGET = ["chrome100", "safari15.4"];
const FIRST_LOAD = ["app.css", "app.js", "theme.js", "icons.svg"];
const BUDGET = 60_000; // bytes, brotli

const inRoot = (...parts) => path.join(ROOT, ...parts);

/** Tabler writes colours with functions that the browser floor lacks; our tokens replace them, so such declarations go. */
function keepToFloor(css) {
  return css.replace(/[^{};]*:(?:[^{};"]|"[^"]*")*(?:light-dark|color-mix|oklch|oklab)\((?:[^{};"]|"[^"]*")*;?/g, "");
}

async function styles(source) {
  const compiled = sass.compile(inRoot(source), { loadPaths: [inRoot("node_modules")], style: "expanded", silenceDeprecations: [] });
  const { code } = await esbuild.transform(keepToFloor(compiled.css), { loader: "css", minify: true, target: TARGET, legalComments: "none" });
  const unknown = code.match(/light-dark\(|color-mix\(|oklch\(|:has\(|@layer|@container|[{;]&/);
  if (unknown) throw new Error(`the styles use ${unknown[0]}, which the oldest supported browsers do not know`);
  return code;
}

/** One SVG with a <symbol> for each name in icons.txt. */
async function sprite() {
  const names = (await readFile(inRoot("icons.txt"), "utf8")).split("\n").map((line) => line.trim()).filter(Boolean);
  const symbols = await Promise.all(names.map(async (name) => {
    const svg = await readFile(inRoot("node_modules/@tabler/icons/icons/outline", `${name}.svg`), "utf8").catch(() => {
      throw new Error(`icons.txt names "${name}", which is no outline icon of @tabler/icons`);
    });
    const body = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
    return `<symbol id="${name}" viewBox="0 0 24 24">${body.replace(/\s*\n\s*/g, "")}</symbol>`;
  }));
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

async function scripts() {
  const common = { bundle: true, minify: true, target: TARGET, outdir: NEW, metafile: true, legalComments: "none", entryNames: "[name]-[hash]", chunkNames: "[name]-[hash]", absWorkingDir: ROOT };
  const results = await Promise.all([
    esbuild.build({ ...common, entryPoints: ["src/app.ts"], format: "esm", splitting: true }),
    esbuild.build({ ...common, entryPoints: ["src/theme.ts"], format: "iife" }),
    // Alone, so that what it has in common with the others does not become part of every page's first load.
    esbuild.build({ ...common, entryPoints: ["src/editor.ts"], format: "esm" }),
  ]);
  const names = {};
  for (const { metafile } of results)
    for (const [file, output] of Object.entries(metafile.outputs))
      if (output.entryPoint) names[`${path.basename(output.entryPoint, ".ts")}.js`] = path.basename(file);
  return names;
}

async function build() {
  await rm(NEW, { recursive: true, force: true });
  await mkdir(NEW, { recursive: true });
  const manifest = await scripts();
  const made = { "app.css": await styles("src/app.scss"), "editor.css": await styles("src/editor.scss"), "icons.svg": await sprite(), "mark.svg": await readFile(inRoot("src/mark.svg"), "utf8") };
  for (const [name, text] of Object.entries(made)) {
    const { name: stem, ext } = path.parse(name);
    const hash = createHash("sha256").update(text).digest("hex").slice(0, 10);
    manifest[name] = `${stem}-${hash}${ext}`;
    await writeFile(path.join(NEW, manifest[name]), text);
  }
  const sizes = {};
  for (const file of await readdir(NEW)) {
    const bytes = await readFile(path.join(NEW, file));
    const br = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
    await writeFile(path.join(NEW, `${file}.br`), br);
    await writeFile(path.join(NEW, `${file}.gz`), gzipSync(bytes, { level: 9 }));
    sizes[file] = br.length;
  }
  const sorted = Object.fromEntries(Object.entries(manifest).sort());
  await writeFile(path.join(NEW, "manifest.json"), `${JSON.stringify(sorted, null, 2)}\n`);

  for (const [file, size] of Object.entries(sizes)) console.log(`${String(size).padStart(8)} B  ${file}`);
  const shared = Object.keys(sizes).filter((file) => file.startsWith("chunk-")); // what app.js and chart.js have in common
  const first = [...FIRST_LOAD.map((name) => manifest[name]), ...shared].reduce((sum, file) => sum + sizes[file], 0);
  console.log(`${String(first).padStart(8)} B  first load (brotli), of ${BUDGET}`);
  if (first > BUDGET) throw new Error(`the first load is ${first} B, over the budget of ${BUDGET} B`);

  await rm(DIST, { recursive: true, force: true });
  await rename(NEW, DIST);
}

await build();
if (process.argv.includes("--watch")) {
  console.log("watching src/ and icons.txt");
  let waiting;
  for await (const { filename } of watch(ROOT, { recursive: true })) {
    if (!filename?.startsWith("src") && filename !== "icons.txt") continue;
    clearTimeout(waiting);
    waiting = setTimeout(() => build().catch((error) => console.error(error.message)), 100);
  }
}
