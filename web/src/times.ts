// `time[data-relative]`: the exact time stays, “3 小时前” stands beside it.
import { make } from "./dom";

const STEPS: [limit: number, unit: number, word: string][] = [
  [60 * 60, 60, "分钟"],
  [24 * 60 * 60, 60 * 60, "小时"],
];

const DAY = 24 * 60 * 60 * 1000;
/** Days begin at midnight in China, wherever the reader is. */
const ZONE = 8 * 60 * 60 * 1000;

/** Whole days of the calendar, as people count them: “3 天后” is the same for a day and for an hour of it. */
function days(then: number, now: number, side: string): string {
  const count = Math.abs(Math.floor((then + ZONE) / DAY) - Math.floor((now + ZONE) / DAY));
  if (count === 0) return "今天";
  return count < 60 ? `${count} 天${side}` : "";
}

function relative(then: number, now: number): string {
  const seconds = Math.abs(now - then) / 1000;
  const side = then > now ? "后" : "前";
  if (seconds < 60) return then > now ? "即将" : "刚刚";
  const step = STEPS.find(([limit]) => seconds < limit);
  return step ? `${Math.floor(seconds / step[1])} ${step[2]}${side}` : days(then, now, side);
}

/** Writes or refreshes the relative times. */
export function enhanceTimes(): void {
  const now = Date.now();
  for (const time of document.querySelectorAll<HTMLTimeElement>("time[data-relative]")) {
    const isDay = /^\d{4}-\d\d-\d\d$/.test(time.dateTime);
    const then = Date.parse(isDay ? `${time.dateTime}T00:00:00+08:00` : time.dateTime);
    const side = then > now ? "后" : "前";
    const text = Number.isNaN(then) ? "" : isDay ? days(then, now, side) : relative(then, now);
    const note = time.nextElementSibling?.matches(".ago") ? time.nextElementSibling : null;
    time.title = text;
    if (note) note.textContent = text;
    else if (text) time.after(make("small", { class: "ago" }, text));
  }
}

setInterval(enhanceTimes, 60_000);
