// Choosing among many: `input[data-narrow="id"]` keeps of a long select only the options that hold what is typed;
// `input[data-check-all="name"]` ticks all boxes of that name in its form. Both are hidden where no script runs.
import { announce, closest } from "./dom";

const all = new WeakMap<HTMLSelectElement, (HTMLOptGroupElement | HTMLOptionElement)[]>();

/** Shows the controls and remembers what the selects offer. */
export function enhanceChoices(): void {
  for (const input of document.querySelectorAll<HTMLInputElement>("input[data-narrow]")) input.hidden = false;
  for (const box of document.querySelectorAll<HTMLInputElement>("input[data-check-all]")) {
    const label = box.closest<HTMLElement>("[hidden]");
    if (label) label.hidden = false;
  }
}

function fits(option: HTMLOptionElement, words: string[]): boolean {
  const text = `${option.parentElement instanceof HTMLOptGroupElement ? option.parentElement.label : ""} ${option.text}`.toLowerCase();
  return option.value === "" || words.every((word) => text.includes(word));
}

function narrow(select: HTMLSelectElement, typed: string): void {
  const offered = all.get(select) ?? ([...select.children] as (HTMLOptGroupElement | HTMLOptionElement)[]);
  all.set(select, offered);
  const chosen = select.value;
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const left: Element[] = [];
  let found = 0;
  for (const part of offered) {
    if (part instanceof HTMLOptionElement) {
      if (fits(part, words)) left.push(part);
      if (part.value !== "" && fits(part, words)) found += 1;
      continue;
    }
    const group = part.cloneNode(false) as HTMLOptGroupElement;
    const options = [...part.children].filter((option) => fits(option as HTMLOptionElement, words));
    group.append(...options.map((option) => option.cloneNode(true)));
    found += options.length;
    if (options.length > 0) left.push(group);
  }
  select.replaceChildren(...left);
  const kept = [...select.options].some((option) => option.value === chosen);
  const only = [...select.options].filter((option) => option.value !== "");
  select.value = kept ? chosen : "";
  if (words.length > 0 && only.length === 1 && only[0]) select.value = only[0].value;
  announce(`找到 ${found} 项`);
}

document.addEventListener("input", (event) => {
  const input = closest<HTMLInputElement>(event, "input[data-narrow]");
  const select = input && document.getElementById(input.dataset["narrow"] ?? "");
  if (input && select instanceof HTMLSelectElement) narrow(select, input.value);
});

// Enter looks for the next field instead of sending half a form.
document.addEventListener("keydown", (event) => {
  const input = closest<HTMLInputElement>(event, "input[data-narrow]");
  if (!input || event.key !== "Enter") return;
  event.preventDefault();
  document.getElementById(input.dataset["narrow"] ?? "")?.focus();
});

function boxes(of: HTMLInputElement): HTMLInputElement[] {
  const within = of.form ?? document;
  return [...within.querySelectorAll<HTMLInputElement>("input[type=checkbox]")].filter((box) => box.name === of.dataset["checkAll"] && !box.disabled);
}

document.addEventListener("change", (event) => {
  const master = closest<HTMLInputElement>(event, "input[data-check-all]");
  if (master) {
    for (const box of boxes(master)) box.checked = master.checked;
    return;
  }
  const one = closest<HTMLInputElement>(event, "input[type=checkbox]");
  for (const each of document.querySelectorAll<HTMLInputElement>("input[data-check-all]")) {
    if (!one || each.dataset["checkAll"] !== one.name) continue;
    const under = boxes(each);
    each.checked = under.every((box) => box.checked);
    each.indeterminate = !each.checked && under.some((box) => box.checked);
  }
});
