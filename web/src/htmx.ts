// htmx, set up by the page's meta tag. Nothing here or in the pages may need eval: no hx-on, no trigger filters, no js: values.
import htmx from "htmx.org";

export default htmx;

/** Asks for `url` and puts the part of the answer that matches `selector` in its place on this page. */
export function replacePart(selector: string, url: string, options: { push?: boolean; swap?: string } = {}): Promise<void> {
  const part = document.querySelector(selector);
  if (!part) {
    location.assign(url);
    return Promise.resolve();
  }
  part.setAttribute("hx-sync", "replace"); // a newer question makes the older one's answer unwanted
  part.setAttribute("aria-busy", "true");
  return htmx
    .ajax("GET", url, {
      source: part,
      target: selector,
      select: selector,
      swap: options.swap ?? "outerHTML",
      ...(options.push ? { push: "true" } : {}),
    })
    .finally(() => document.querySelector(selector)?.removeAttribute("aria-busy"));
}
