// Forms: warn before unsaved changes are lost, send once, show picked files, lead to the field with an error.
import { closest, make } from "./dom";

const dirty = new Set<HTMLFormElement>();

document.addEventListener("input", (event) => {
  const form = closest<HTMLElement>(event, "form[data-dirty]");
  if (form instanceof HTMLFormElement) dirty.add(form);
});

window.addEventListener("beforeunload", (event) => {
  if (![...dirty].some((form) => form.isConnected)) return;
  event.preventDefault();
  event.returnValue = "";
});

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const form = event.target as HTMLFormElement;
  dirty.delete(form);
  if (form.method === "get" || form.target || form.dataset["again"] !== undefined) return;
  // After this turn, so that the pressed button's own value is still sent.
  setTimeout(() => {
    for (const button of form.querySelectorAll<HTMLButtonElement>("button:not([type=button])")) {
      if (!button.disabled) button.dataset["sending"] = "";
      button.disabled = true;
    }
  });
});

window.addEventListener("pageshow", () => {
  unfold();
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-sending]")) {
    button.disabled = false;
    delete button.dataset["sending"];
  }
});

function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(0)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

document.addEventListener("change", (event) => {
  const input = closest<HTMLInputElement>(event, "input[type=file]");
  if (!input) return;
  input.parentElement?.querySelector(".picked")?.remove();
  const files = [...(input.files ?? [])];
  if (files.length === 0) return;
  const items = files.map((file) => make("li", {}, make("span", {}, file.name), make("small", {}, size(file.size))));
  input.after(make("ul", { class: "picked", "aria-label": "已选文件" }, ...items));
});

document.addEventListener("click", (event) => {
  const link = closest<HTMLAnchorElement>(event, '.form-errors a[href^="#"]');
  if (link) {
    const field = document.getElementById(link.hash.slice(1));
    const control = field?.matches("fieldset") ? field.querySelector<HTMLElement>("input, select, textarea") : field;
    if (!control) return;
    event.preventDefault();
    control.focus();
    return;
  }
  const button = closest<HTMLButtonElement>(event, "button");
  if (!button) return;
  const { reveal, copy, print, back } = button.dataset;
  if (reveal !== undefined) {
    const input = document.getElementById(reveal) as HTMLInputElement | null;
    if (!input) return;
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  } else if (copy !== undefined) {
    void copyText(copy).then((done) => flash(button, done ? "已复制" : "请手动复制"));
  } else if (print !== undefined) {
    window.print();
  } else if (back !== undefined) {
    history.back();
  }
});

/** The clipboard needs HTTPS; a school's intranet often has none, so there is an older way too. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = make("textarea", { class: "visually-hidden", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

function flash(button: HTMLElement, text: string): void {
  button.parentElement?.querySelector(".copied")?.remove();
  const note = make("span", { class: "copied", role: "status" }, text);
  button.after(note);
  setTimeout(() => note.remove(), 2000);
}

/** Fields that only some choice asks for (`data-when="name=value value"`); without script they are always there. */
function unfold(): void {
  for (const part of document.querySelectorAll<HTMLElement>("[data-when]")) {
    const [name = "", values = ""] = (part.dataset["when"] ?? "").split("=");
    const chosen = part.closest("form")?.querySelector<HTMLInputElement>(`[name="${name}"]:checked`);
    part.hidden = !values.split(" ").includes(chosen?.value ?? "");
  }
}

document.addEventListener("change", unfold);

let focused = false;

/** Shows the buttons that need script; on the first page also focuses what asks for it. */
export function enhanceForms(): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-reveal][hidden], [data-copy][hidden], [data-print][hidden]")) button.hidden = false;
  unfold();
  for (const button of document.querySelectorAll<HTMLElement>("[data-back][hidden]")) button.hidden = history.length < 2;
  if (!focused) document.querySelector<HTMLElement>("[data-focus]")?.focus();
  focused = true;
}
