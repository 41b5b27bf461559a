// Finds words in a text with fastscan: words, text, where to write the hits; says the seconds of the search.
const { readFileSync, writeFileSync } = require("node:fs");
const FastScanner = require("fastscan");

const [words, text, hits] = process.argv.slice(2);
const scanner = new FastScanner(readFileSync(words, "utf8").split("\n"));
const content = readFileSync(text, "utf8");
const seconds = [];
let found = [];
for (let run = 0; run < 2; run += 1) {
  const begin = process.hrtime.bigint();
  found = scanner.search(content);
  seconds.push(Number(process.hrtime.bigint() - begin) / 1e9);
}
writeFileSync(hits, found.map(([start, word]) => `${start} ${start + word.length}\n`).join(""));
console.log(Math.min(...seconds));
