// The frame: the navigation on a phone and the drop-down menus. Both work without script (`:target`, `<details>`);
// here they learn Escape, a click elsewhere and where the focus belongs.
import { closest } from "./dom";

function setNav(open: boolean): void {
  document.body.classList.toggle("nav-open", open);
  for (const frame of document.querySelectorAll<HTMLElement>(".frame")) frame.toggleAttribute("inert", open);
  if (open) document.querySelector<HTMLElement>("#nav .nav-item")?.focus();
  else document.querySelector<HTMLElement>("[data-nav-open]")?.focus();
}

function closeMenus(except?: Element | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) if (menu !== except) menu.open = false;
}

document.addEventListener("click", (event) => {
  if (closest(event, "[data-nav-open]")) {
    event.preventDefault();
    setNav(true);
  } else if (closest(event, "[data-nav-close]")) {
    event.preventDefault();
    if (location.hash === "#nav") history.replaceState(history.state, "", location.pathname + location.search);
    setNav(false);
  }
  closeMenus(closest(event, "details.menu"));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector<HTMLDetailsElement>("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  } else if (document.body.classList.contains("nav-open")) {
    setNav(false);
  }
});

document.addEventListener("focusout", (event) => {
  const menu = closest<HTMLDetailsElement>(event, "details.menu[open]");
  if (menu && event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget)) menu.open = false;
});

/** Shows the controls of the frame that need script. */
export function enhanceShell(): void {
  for (const group of document.querySelectorAll<HTMLElement>("[data-theme-toggle][hidden]")) group.hidden = false;
}
