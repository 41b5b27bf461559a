// Tables: on a phone rows become cards, which takes the table's meaning from listeners in some browsers: roles give it back.
// A table wider than its frame, or a clipped text, can be scrolled by keyboard.

const ROLES: Record<string, string> = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };

/** Gives roles to tables that turn into cards and a tab stop to what scrolls. */
export function enhanceTables(): void {
  for (const table of document.querySelectorAll<HTMLTableElement>("table.table-cards:not([role])")) {
    for (const element of [table, ...table.querySelectorAll<HTMLElement>("thead, tbody, tr, td, th")]) {
      const role = element.tagName === "TH" ? (element.getAttribute("scope") === "row" ? "rowheader" : "columnheader") : ROLES[element.tagName];
      if (role) element.setAttribute("role", role);
    }
  }
  for (const wrap of document.querySelectorAll<HTMLElement>(".table-wrap, .clip")) {
    if (wrap.scrollWidth > wrap.clientWidth || wrap.scrollHeight > wrap.clientHeight + 1) wrap.tabIndex = 0;
    else wrap.removeAttribute("tabindex");
  }
}

window.addEventListener("resize", enhanceTables);
