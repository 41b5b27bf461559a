// The page on which a level decides. Without script everything is there as plain forms; this adds: sheets that rise
// where the thumb is, a note on selected words, the count of points ticked, forms that survive a reload, and the
// news that somebody else did something meanwhile.
import { announce, closest, make } from "./dom";

const narrow = matchMedia("(max-width: 860px)");

/** Prepares the page. */
export function prepare(page: HTMLElement): void {
  sheets(page);
  counts();
  keep();
  references();
  news(page);
  if (document.getElementById("annotate")) selecting(page);
}

// ---------- sheets ----------

function sheets(page: HTMLElement): void {
  for (const button of page.querySelectorAll<HTMLElement>("[data-sheet-close]")) button.dataset["ready"] = "";
  document.addEventListener("click", (event) => {
    const opener = closest<HTMLAnchorElement>(event, "[data-sheet-open]");
    const details = closest<HTMLAnchorElement>(event, "[data-open]");
    if (details) document.getElementById(details.dataset["open"] ?? "")?.setAttribute("open", "");
    if (!opener) return;
    const name = opener.dataset["sheetOpen"] ?? "";
    event.preventDefault();
    open(name, opener);
  });
}

/** Shows a form: on a phone as a sheet over the page, else where it stands. */
function open(name: string, from: HTMLElement | null): void {
  const section = document.querySelector<HTMLElement>(`[data-sheet="${name}"]`);
  if (!section) return;
  const first = section.querySelector<HTMLElement>("textarea:not([hidden]), input:not([type=hidden]):not(:disabled)");
  if (!narrow.matches) {
    section.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    (name === "decide" ? section.querySelector<HTMLElement>("input[type=checkbox], textarea") : first)?.focus({ preventScroll: true });
    return;
  }
  const place = make("span", { hidden: "" });
  section.before(place);
  const title = section.querySelector("h2")?.id ?? "";
  const dialog = make("dialog", { class: "sheet", "aria-labelledby": title });
  document.body.append(dialog);
  dialog.append(section);
  const cancels = [...section.querySelectorAll<HTMLButtonElement>("[data-sheet-close]")];
  const shut = (): void => dialog.close();
  for (const cancel of cancels) {
    cancel.hidden = false;
    cancel.addEventListener("click", shut, { once: true });
  }
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => {
    for (const cancel of cancels) cancel.hidden = true;
    place.replaceWith(section);
    dialog.remove();
    from?.focus();
  });
  dialog.showModal();
}

// ---------- what is still to be ticked ----------

function counts(): void {
  const count = document.querySelector<HTMLElement>(".decide-count");
  const form = document.querySelector<HTMLFormElement>("#decide form");
  if (!count || !form) return;
  const show = (): void => {
    const all = [...form.querySelectorAll<HTMLInputElement>("input[type=checkbox][required]")];
    count.dataset["done"] = `${all.filter((box) => box.checked).length}/${all.length}`;
  };
  form.addEventListener("change", show);
  window.addEventListener("pageshow", show);
  show();
}

// ---------- what was typed survives a note, which opens the page anew ----------

function keep(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-keep]")) {
    const key = `${location.pathname}#${form.dataset["keep"]}`;
    const controls = (): (HTMLInputElement | HTMLTextAreaElement)[] =>
      [...form.elements].filter((one): one is HTMLInputElement | HTMLTextAreaElement =>
        (one instanceof HTMLInputElement && one.type !== "hidden") || one instanceof HTMLTextAreaElement);
    const identity = (one: HTMLInputElement | HTMLTextAreaElement): string =>
      one instanceof HTMLInputElement && (one.type === "checkbox" || one.type === "radio") ? `${one.name}=${one.value}` : one.name;
    try {
      const kept = JSON.parse(sessionStorage.getItem(key) ?? "{}") as Record<string, string | boolean>;
      for (const one of controls()) {
        const value = kept[identity(one)];
        if (typeof value === "boolean") (one as HTMLInputElement).checked = value;
        else if (typeof value === "string") one.value = value;
      }
    } catch {
      sessionStorage.removeItem(key);
    }
    form.dispatchEvent(new Event("change"));
    form.addEventListener("input", () => {
      const now = controls().map((one) => [identity(one), one instanceof HTMLInputElement && (one.type === "checkbox" || one.type === "radio") ? one.checked : one.value]);
      sessionStorage.setItem(key, JSON.stringify(Object.fromEntries(now)));
    });
    form.addEventListener("submit", () => sessionStorage.removeItem(key));
  }
}

// ---------- marks and notes point at each other ----------

function references(): void {
  document.addEventListener("click", (event) => {
    const link = closest<HTMLAnchorElement>(event, "a[data-ref]");
    const target = link && document.getElementById(link.hash.slice(1));
    if (!target) return;
    for (const old of document.querySelectorAll(".is-pointed")) old.classList.remove("is-pointed");
    target.classList.add("is-pointed");
  });
}

// ---------- a note on selected words ----------

interface Spot {
  from: number;
  to: number;
  quote: string;
}

/** How many characters of a block stand before a point of it; numbers of notes are not its words. */
function before(block: HTMLElement, node: Node, offset: number): number {
  const range = document.createRange();
  range.setStart(block, 0);
  range.setEnd(node, offset);
  const part = range.cloneContents();
  for (const added of part.querySelectorAll(".mark-ref, .medium-alt, .item-no")) added.remove();
  for (const line of part.querySelectorAll("br, img, video, .medium-away")) line.replaceWith("\n");
  return [...(part.textContent ?? "")].length;
}

/** The block of words around a node: a passage, or a cell of a table. */
function block(node: Node): HTMLElement | null {
  const element = node instanceof Element ? node : node.parentElement;
  return element?.closest<HTMLElement>("[data-at]") ?? null;
}

function selected(): Spot | null {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  const [first, last] = [block(range.startContainer), block(range.endContainer)];
  if (!first || !last || !first.closest(".reading") || !last.closest(".reading")) return null;
  const at = (of: HTMLElement, node: Node, offset: number): number => Number(of.dataset["at"]) + before(of, node, offset);
  const from = at(first, range.startContainer, range.startOffset);
  const to = at(last, range.endContainer, range.endOffset);
  const words = range.cloneContents();
  for (const added of words.querySelectorAll(".mark-ref, .medium-alt, .item-no, .passage-notes")) added.remove();
  const quote = (words.textContent ?? "").trim();
  return to > from && quote ? { from, to, quote } : null;
}

function selecting(page: HTMLElement): void {
  const here = make("button", { class: "btn btn-primary btn-sm annotate-here", type: "button", hidden: "" }, "批注选中的文字");
  document.body.append(here);
  let spot: Spot | null = null;

  const look = (): void => {
    spot = selected();
    here.hidden = spot === null;
    if (!spot) return;
    const box = getSelection()?.getRangeAt(0).getBoundingClientRect();
    if (!box) return;
    here.style.left = `${Math.max(8, Math.min(box.left, innerWidth - here.offsetWidth - 8)) + scrollX}px`;
    here.style.top = `${box.bottom + 8 + scrollY}px`;
  };
  document.addEventListener("selectionchange", () => setTimeout(look));

  here.addEventListener("mousedown", (event) => event.preventDefault());
  here.addEventListener("click", () => {
    if (!spot) return;
    fill(spot);
    here.hidden = true;
    open("annotate", null);
    announce("请填写批注内容");
  });

  page.addEventListener("click", (event) => {
    const link = closest<HTMLAnchorElement>(event, "[data-annotate]");
    if (!link) return;
    event.preventDefault();
    fill(null, link.dataset["annotate"]);
    open("annotate", link);
  });
}

/** Prepares the form for words or for a passage. */
function fill(spot: Spot | null, passage = "0"): void {
  const form = document.querySelector<HTMLFormElement>("#annotate form");
  const quote = form?.querySelector<HTMLElement>("[data-quote]");
  const choose = form?.querySelector<HTMLElement>("[data-choose]");
  if (!form || !quote || !choose) return;
  const values: Record<string, string> = spot ? { from: String(spot.from), to: String(spot.to), quote: spot.quote } : {};
  for (const name of ["from", "to", "quote"]) {
    const input = form.elements.namedItem(name) as HTMLInputElement;
    input.disabled = spot === null;
    input.value = values[name] ?? "";
  }
  quote.hidden = spot === null;
  choose.hidden = spot !== null;
  const said = quote.querySelector("blockquote");
  if (said) said.textContent = spot?.quote ?? "";
  const select = form.elements.namedItem("passage") as HTMLSelectElement;
  select.value = passage;
}

// ---------- what happened meanwhile ----------

function news(page: HTMLElement): void {
  const address = page.dataset["news"];
  const place = page.querySelector<HTMLElement>(".review-news");
  if (!address || !place) return;
  const ask = async (): Promise<void> => {
    if (document.hidden) return;
    const answer = await fetch(address).catch(() => null);
    if (!answer || answer.status !== 200) return;
    const body = place.querySelector(".notice-body");
    if (!body) return;
    body.replaceChildren(`${await answer.text()} `, make("a", { href: location.pathname }, "刷新"));
    place.hidden = false;
    clearInterval(timer);
  };
  const timer = setInterval(() => void ask(), 20_000);
  document.addEventListener("visibilitychange", () => void ask());
}
