// What the machine finds in the text while it is written: underlined at its place, listed below, mended with one click.
import type { Editor } from "@tiptap/core";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import { announce, make } from "../dom";

/** As the server tells it. */
interface Found {
  kind: string;
  label: string;
  severity: string;
  message: string;
  suggestions: string[];
  /** `title`, `text`, `channel`, `beside`, or the name of a file. */
  where: string;
  /** In a file: where in it. For a channel or a link beside the text: its name. */
  spot: string;
  /** Characters in the HTML that was sent, or in the title. */
  start: number;
  end: number;
}

interface Placed {
  found: Found;
  /** In the document; none for the title and for files. */
  from?: number;
  to?: number;
}

const PAUSE = 1_200;
/** Before asking again what became of the links; longer and longer while nothing changes. */
const LINKS = 4_000;
const SHOWN = 100;
const key = new PluginKey<DecorationSet>("findings");

/** The document's characters that are no spaces, each with its place. */
function index(editor: Editor): number[] {
  const places: number[] = [];
  editor.state.doc.descendants((node, at) => {
    if (!node.isText || !node.text) return;
    let offset = 0;
    for (const letter of node.text) {
      if (!/\s/.test(letter)) places.push(at + offset);
      offset += letter.length;
    }
  });
  return places;
}

/** How many characters that are no spaces a piece of HTML shows. */
function shown(html: string): number {
  const text = new DOMParser().parseFromString(html, "text/html").body.textContent ?? "";
  return [...text.replace(/\s/g, "")].length;
}

export class Findings {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;
  private links = LINKS;
  private placed: Placed[] = [];

  constructor(
    private readonly form: HTMLFormElement,
    private readonly editor: Editor,
    private readonly title: HTMLTextAreaElement,
    private readonly html: () => string,
  ) {
    editor.registerPlugin(
      new Plugin({
        key,
        state: {
          init: () => DecorationSet.empty,
          apply: (change, before) => (change.getMeta(key) as DecorationSet | undefined) ?? before.map(change.mapping, change.doc),
        },
        props: { decorations: (state) => key.getState(state) },
      }),
    );
  }

  /** Asks after a pause. */
  soon(): void {
    this.links = LINKS;
    this.after(PAUSE);
  }

  private after(pause: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), pause);
  }

  private async ask(): Promise<void> {
    const asked = ++this.asked;
    const html = this.html();
    let answer: Response;
    try {
      answer = await fetch("/checks", {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json" },
        credentials: "same-origin",
        body: JSON.stringify({ unit: Number(this.form.dataset["unit"]), title: this.title.value, html, manuscript: Number(this.form.dataset["manuscript"]) }),
      });
    } catch {
      return; // The next pause asks again.
    }
    if (!answer.ok || asked !== this.asked) return;
    const { findings, unread, waiting } = (await answer.json()) as { findings: Found[]; unread: { file: string; reason: string }[]; waiting: number };
    if (asked !== this.asked) return;
    this.show(findings, html);
    const list = this.form.querySelector<HTMLElement>("[data-findings-list]");
    list?.append(...unread.map(({ file, reason }) => make("li", { class: "finding-item muted" }, `${file}：没有检查。${reason}`)));
    if (waiting === 0) return;
    list?.append(make("li", { class: "finding-item muted" }, `${waiting} 个链接保存后检查，稍等就有结果。`));
    this.after(this.links);
    this.links *= 2;
  }

  private show(findings: Found[], html: string): void {
    const places = index(this.editor);
    const letters = [...html];
    this.placed = findings.slice(0, SHOWN).map((found) => {
      if (found.where !== "text") return { found };
      const before = shown(letters.slice(0, found.start).join(""));
      const length = Math.max(1, shown(letters.slice(found.start, found.end).join("")));
      const [from, last] = [places[before], places[before + length - 1]];
      if (from === undefined || last === undefined) return { found };
      const letter = this.editor.state.doc.textBetween(last, Math.min(last + 2, this.editor.state.doc.content.size));
      return { found, from, to: last + ([...letter][0]?.length ?? 1) };
    });
    const marks = this.placed.flatMap(({ found, from, to }) =>
      from !== undefined && to !== undefined ? [Decoration.inline(from, to, { class: `finding finding-${found.severity}`, title: found.message })] : [],
    );
    this.editor.view.dispatch(this.editor.state.tr.setMeta(key, DecorationSet.create(this.editor.state.doc, marks)).setMeta("addToHistory", false));
    this.list(findings.length);
  }

  private list(total: number): void {
    const card = this.form.querySelector<HTMLElement>("[data-findings]");
    const list = this.form.querySelector<HTMLElement>("[data-findings-list]");
    const count = this.form.querySelector<HTMLElement>("[data-findings-count]");
    if (!card || !list || !count) return;
    card.hidden = false;
    count.textContent = total === 0 ? "没有发现问题" : `${total} 处`;
    list.replaceChildren(...this.placed.map((placed) => this.item(placed)));
    if (total > SHOWN) list.append(make("li", { class: "muted" }, `还有 ${total - SHOWN} 处，先处理以上各处。`));
  }

  private item(placed: Placed): HTMLElement {
    const { found } = placed;
    const places: Record<string, string> = { text: "", title: "标题：", channel: `${found.spot}：`, beside: `${found.spot}：` };
    const where = places[found.where] ?? `${found.where}${found.spot ? `（${found.spot}）` : ""}：`;
    const words = make("span", { class: "finding-words" }, make("b", { class: `finding-kind finding-kind-${found.severity}` }, found.label), `${where}${found.message}`);
    const acts = make("span", { class: "finding-acts" });
    if (placed.from !== undefined) {
      const go = make("button", { class: "btn btn-sm", type: "button" }, "查看");
      go.addEventListener("click", () => this.go(placed));
      acts.append(go);
    }
    for (const suggestion of found.suggestions.slice(0, 3)) {
      const mend = make("button", { class: "btn btn-sm btn-primary", type: "button" }, suggestion === "" ? "删去" : `改为“${suggestion}”`);
      mend.addEventListener("click", () => this.mend(placed, suggestion));
      if (placed.from !== undefined || found.where === "title") acts.append(mend);
    }
    return make("li", { class: "finding-item" }, words, acts);
  }

  /** Where a finding stands now: the text may have moved since. */
  private at(placed: Placed): { from: number; to: number } | null {
    const set = key.getState(this.editor.state);
    const mark = set?.find(undefined, undefined, (spec) => spec !== undefined).find((one) => one.from === placed.from && one.to === placed.to);
    if (mark) return { from: mark.from, to: mark.to };
    return placed.from !== undefined && placed.to !== undefined ? { from: placed.from, to: placed.to } : null;
  }

  private go(placed: Placed): void {
    const at = this.at(placed);
    if (at) this.editor.chain().focus().setTextSelection(at).scrollIntoView().run();
  }

  private mend(placed: Placed, suggestion: string): void {
    if (placed.found.where === "title") {
      const letters = [...this.title.value];
      letters.splice(placed.found.start, placed.found.end - placed.found.start, ...suggestion);
      this.title.value = letters.join("");
      this.title.dispatchEvent(new Event("input", { bubbles: true }));
    } else {
      const at = this.at(placed);
      if (!at) return;
      this.editor
        .chain()
        .focus()
        .command(({ tr }) => {
          if (suggestion === "") tr.delete(at.from, at.to);
          else tr.insertText(suggestion, at.from, at.to);
          return true;
        })
        .run();
      const moved = [...suggestion].join("").length - (at.to - at.from);
      for (const other of this.placed)
        if (other.from !== undefined && other.to !== undefined && other.from >= at.to) [other.from, other.to] = [other.from + moved, other.to + moved];
    }
    this.placed = this.placed.filter((other) => other !== placed);
    this.list(this.placed.length);
    announce("已替换");
  }
}
