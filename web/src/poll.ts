// `data-poll="5"` on an element with an id: asks for the page again every 5 seconds and refreshes the element,
// until it arrives without the attribute. Waits while nobody looks.
import { replacePart } from "./htmx";

const watched = new WeakSet<Element>();

/** Starts watching elements that are not watched yet. */
export function enhancePolling(): void {
  for (const element of document.querySelectorAll<HTMLElement>("[data-poll][id]")) {
    if (watched.has(element)) continue;
    watched.add(element);
    const again = (): void => {
      const seconds = Number(element.dataset["poll"]);
      if (!element.isConnected || !seconds) return;
      setTimeout(() => {
        if (!element.isConnected) return;
        const asked = document.hidden ? Promise.resolve() : replacePart(`#${CSS.escape(element.id)}`, location.href, { swap: "outerMorph" });
        void asked.finally(again);
      }, Math.max(1, seconds) * 1000);
    };
    again();
  }
}
