// `form[data-filter="#part"]`: filters while typing and keeps the address; `a[data-in-place]` inside the part does the same
// for sorting and turning pages.
import { announce, closest } from "./dom";
import { replacePart } from "./htmx";

let waiting: ReturnType<typeof setTimeout> | undefined;

function address(form: HTMLFormElement): string {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string" && value !== "") query.append(name, value);
  const text = query.toString();
  return new URL(form.action).pathname + (text ? `?${text}` : "");
}

async function replace(selector: string, url: string): Promise<void> {
  await replacePart(selector, url, { push: true });
  const total = document.querySelector(`${selector} [data-announce]`)?.textContent;
  if (total) announce(total.trim());
}

function run(form: HTMLFormElement, delay: number): void {
  clearTimeout(waiting);
  waiting = setTimeout(() => void replace(form.dataset["filter"] || "#results", address(form)), delay);
}

function filterOf(event: Event): HTMLFormElement | null {
  return closest<HTMLFormElement>(event, "form[data-filter]");
}

document.addEventListener("input", (event) => {
  const form = filterOf(event);
  // While a Chinese word is being composed, its letters are not yet what is looked for.
  if (!form || (event as InputEvent).isComposing) return;
  run(form, event.target instanceof HTMLSelectElement ? 0 : 300);
});

document.addEventListener("compositionend", (event) => {
  const form = filterOf(event);
  if (form) run(form, 100);
});

document.addEventListener("submit", (event) => {
  const form = filterOf(event);
  if (!form) return;
  event.preventDefault();
  run(form, 0);
});

document.addEventListener("click", (event) => {
  const link = closest<HTMLAnchorElement>(event, "a[data-in-place]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const form = [...document.querySelectorAll<HTMLFormElement>("form[data-filter]")].find((candidate) =>
    link.closest(candidate.dataset["filter"] || "#results"),
  );
  if (!form) return;
  event.preventDefault();
  const selector = form.dataset["filter"] || "#results";
  // The link is gone after the swap; the one that means the same gets the focus back.
  const label = link.textContent;
  void replace(selector, link.href).then(() => {
    const part = document.querySelector<HTMLElement>(selector);
    const same = [...(part?.querySelectorAll<HTMLElement>("a[data-in-place]") ?? [])].find((other) => other.textContent === label);
    (same ?? part?.querySelector<HTMLElement>("a[data-in-place]"))?.focus({ preventScroll: true });
    if (part && part.getBoundingClientRect().top < 0) part.scrollIntoView({ block: "start" });
  });
});

// On a phone the conditions are folded away; not so when one of them is set.
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-filter]")) {
  const more = form.querySelector<HTMLInputElement>(".filter-toggle");
  if (more) more.checked = [...form.querySelectorAll("select")].some((select) => select.value !== "" && !select.options[0]?.selected);
}
