// `[data-review]`: what helps a reviewer is loaded only on pages of review.

let loaded = false;

/** Prepares a page of review. */
export function enhanceReview(): void {
  const page = document.querySelector<HTMLElement>("[data-review]");
  if (!page || loaded) return;
  loaded = true;
  void import("./review").then(({ prepare }) => prepare(page));
}
