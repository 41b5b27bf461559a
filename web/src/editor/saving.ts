// Autosave. Each save names the revision it began with; when somebody else was there first nothing is written over, and
// the writer chooses. What could not be sent is kept in this tab until it could.
import { make } from "../dom";
import { post, Refused } from "./talk";

/** What the server tells after a save. */
export interface Told {
  revision: number;
  saved: string;
  words: number;
  lacks: string[];
  outside: string[];
  note: string | null;
  dropped: number;
}

interface Clash {
  revision: number;
  by: string;
  at: string;
}

const QUIET = 2_000; // ms after the last key
const AGAIN = 10_000; // ms until a failed save is tried again

export class Saving {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | undefined;
  private waiting = false;
  private clashed = false;
  private stopped = false;
  private readonly told: ((told: Told) => void)[] = [];
  private readonly status: HTMLElement | null;
  private readonly revision: HTMLInputElement | null;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly html: () => string,
  ) {
    this.status = form.querySelector("[data-saved]");
    this.revision = form.querySelector("input[name=revision]");
    window.addEventListener("beforeunload", (event) => {
      if (!this.waiting || this.stopped) return;
      event.preventDefault();
      event.returnValue = "";
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden" && this.waiting) void this.now();
    });
    this.restore();
  }

  private get key(): string {
    return `manuscript-${this.form.dataset["manuscript"] ?? ""}`;
  }

  /** The save that is on its way, if any. */
  get underway(): Promise<void> | undefined {
    return this.running;
  }

  /** Listens to what saves tell. */
  after(listener: (told: Told) => void): void {
    this.told.push(listener);
  }

  /** Saves after a pause. */
  soon(): void {
    this.waiting = true;
    if (this.clashed || this.stopped) return;
    this.say("正在编辑，稍后自动保存");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.now(), QUIET);
  }

  /** No more saves: the page is being left by a save of its own. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Saves; one save at a time, and another after it when more was written meanwhile. */
  async now(instead?: number): Promise<void> {
    clearTimeout(this.timer);
    if (this.running) await this.running;
    if (this.stopped || (this.clashed && instead === undefined)) return;
    this.running = this.send(instead).finally(() => (this.running = undefined));
    await this.running;
  }

  private body(instead?: number): FormData {
    const body = new FormData(this.form);
    for (const name of ["picture", "attachment", "instead"]) body.delete(name);
    body.set("html", this.html());
    if (instead !== undefined) body.set("instead", String(instead));
    return body;
  }

  private async send(instead?: number): Promise<void> {
    this.waiting = false;
    this.say("正在保存…");
    try {
      const told = await post<Told>(this.form.action, this.body(instead));
      if (this.revision) this.revision.value = String(told.revision);
      this.clashed = false;
      this.banner(null);
      this.forget();
      this.say(this.waiting ? "正在编辑，稍后自动保存" : `${told.saved} 已保存`);
      this.show(told);
      for (const listener of this.told) listener(told);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.waiting = true;
      this.keep();
      if (error.status === 409 && error.told) {
        this.clashed = true;
        this.banner(error.told as Clash);
        this.say("没有保存：别人刚才保存过", true);
        return;
      }
      this.say(`没有保存：${error.message}`, true);
      // What the server refuses stays refused until something is changed; a broken line mends itself.
      if (error.status === 0 || error.status >= 500) this.timer = setTimeout(() => void this.now(), AGAIN);
    }
  }

  private say(text: string, bad = false): void {
    if (!this.status) return;
    this.status.textContent = text;
    this.status.classList.toggle("is-bad", bad);
  }

  private show(told: Told): void {
    const card = this.form.querySelector<HTMLElement>("[data-lacks-card]");
    const list = this.form.querySelector<HTMLElement>("[data-lacks]");
    list?.replaceChildren(...told.lacks.map((lack) => make("li", {}, lack)));
    if (card) card.hidden = told.lacks.length === 0;
    const note = this.form.querySelector<HTMLElement>("[data-title-note]");
    if (note) note.textContent = told.note ?? "";
  }

  private banner(clash: Clash | null): void {
    const place = document.querySelector<HTMLElement>("[data-clash]");
    if (!place) return;
    place.hidden = clash === null;
    if (!clash) {
      place.replaceChildren();
      return;
    }
    const base = this.form.action.replace(/\/edit$/, "");
    const look = make("a", { class: "btn btn-sm", href: `${base}/frame`, target: "_blank", rel: "noopener" }, "查看对方的内容");
    const mine = make("button", { class: "btn btn-sm btn-primary", type: "button" }, "以我的为准");
    const theirs = make("button", { class: "btn btn-sm", type: "button" }, "改用对方的");
    mine.addEventListener("click", () => void this.now(clash.revision));
    theirs.addEventListener("click", () => {
      // What was written here stays in this tab, should it be wanted after all.
      this.stop();
      location.reload();
    });
    const words = make(
      "div",
      { class: "notice-body" },
      make("strong", {}, `${clash.by} 于 ${clash.at} 保存了另一份。`),
      make("p", {}, "您写的内容都在本页，没有丢失，也没有覆盖对方的。以您的为准时，对方的一份会留存备查。"),
      make("p", { class: "btn-list" }, look, mine, theirs),
    );
    place.replaceChildren(make("div", { class: "notice notice-danger", role: "alert" }, words));
    place.scrollIntoView({ block: "nearest" });
  }

  private keep(): void {
    try {
      const title = this.form.querySelector<HTMLTextAreaElement>("#f-title")?.value ?? "";
      sessionStorage.setItem(this.key, JSON.stringify({ title, html: this.html() }));
    } catch {
      // No room or not allowed: the page itself still has it.
    }
  }

  private forget(): void {
    try {
      sessionStorage.removeItem(this.key);
    } catch {
      // Nothing was kept then.
    }
  }

  private kept(): { title: string; html: string } | null {
    try {
      return JSON.parse(sessionStorage.getItem(this.key) ?? "null") as { title: string; html: string } | null;
    } catch {
      return null;
    }
  }

  /** What an earlier page of this tab could not save is offered again. */
  private restore(): void {
    const kept = this.kept();
    const place = document.querySelector<HTMLElement>("[data-clash]");
    if (!kept || !place) return;
    const take = make("button", { class: "btn btn-sm btn-primary", type: "button" }, "恢复这些内容");
    const drop = make("button", { class: "btn btn-sm", type: "button" }, "不需要");
    take.addEventListener("click", () => {
      const title = this.form.querySelector<HTMLTextAreaElement>("#f-title");
      if (title) title.value = kept.title;
      this.form.dispatchEvent(new CustomEvent("restore", { detail: kept.html }));
      place.hidden = true;
    });
    drop.addEventListener("click", () => {
      this.forget();
      place.hidden = true;
    });
    const words = make("div", { class: "notice-body" }, make("strong", {}, "上次有内容没有保存成功。"), make("p", { class: "btn-list" }, take, drop));
    place.replaceChildren(make("div", { class: "notice notice-warning" }, words));
    place.hidden = false;
  }
}
