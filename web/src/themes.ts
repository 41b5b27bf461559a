// The theme: as the system, light or dark, kept in this browser. theme.ts applies it before the first paint.
import { closest } from "./dom";

const system = matchMedia("(prefers-color-scheme: dark)");
let choice = read();

function read(): string {
  try {
    return localStorage.getItem("theme") ?? "auto";
  } catch {
    return "auto"; // storage refused: follow the system
  }
}

function apply(): void {
  const dark = choice === "dark" || (choice !== "light" && system.matches);
  const root = document.documentElement;
  if (root.dataset["theme"] !== (dark ? "dark" : "light")) {
    root.dataset["theme"] = dark ? "dark" : "light";
    document.dispatchEvent(new Event("theme"));
  }
  enhanceTheme();
}

document.addEventListener("click", (event) => {
  const button = closest<HTMLButtonElement>(event, "[data-theme-set]");
  if (!button) return;
  choice = button.dataset["themeSet"] ?? "auto";
  try {
    if (choice === "auto") localStorage.removeItem("theme");
    else localStorage.setItem("theme", choice);
  } catch {
    // Storage refused: the choice holds for this page only.
  }
  apply();
});

system.addEventListener("change", apply);

/** Marks the chosen theme's button. */
export function enhanceTheme(): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-theme-set]"))
    button.setAttribute("aria-pressed", String(button.dataset["themeSet"] === choice));
}
