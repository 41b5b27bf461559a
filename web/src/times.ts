// `time[data-relative]`: the exact time stays, “3 小时前” stands beside it.
import { make } from "./dom";

const STEPS: [limit: number, unit: number, word: string][] = [
  [60 * 60, 60, "分钟"],
  [24 * 60 * 60, 60 * 60, "小时"],
  [60 * 24 * 60 * 60, 24 * 60 * 60, "天"],
];

function relative(then: number, now: number): string {
  const seconds = Math.abs(now - then) / 1000;
  const side = then > now ? "后" : "前";
  if (seconds < 60) return then > now ? "即将" : "刚刚";
  const step = STEPS.find(([limit]) => seconds < limit);
  return step ? `${Math.floor(seconds / step[1])} ${step[2]}${side}` : "";
}

/** Writes or refreshes the relative times. */
export function enhanceTimes(): void {
  const now = Date.now();
  for (const time of document.querySelectorAll<HTMLTimeElement>("time[data-relative]")) {
    const then = Date.parse(time.dateTime);
    const text = Number.isNaN(then) ? "" : relative(then, now);
    const note = time.nextElementSibling?.matches(".ago") ? time.nextElementSibling : null;
    time.title = text;
    if (note) note.textContent = text;
    else if (text) time.after(make("small", { class: "ago" }, text));
  }
}

setInterval(enhanceTimes, 60_000);
