// `figure[data-chart]`: the drawing code is loaded only where there is something to draw.

const seen = new WeakSet<Element>();

/** Draws figures that are not drawn yet. */
export function enhanceCharts(): void {
  const figures = [...document.querySelectorAll<HTMLElement>("figure[data-chart]")].filter((figure) => !seen.has(figure));
  if (figures.length === 0) return;
  for (const figure of figures) seen.add(figure);
  void import("./chart").then(({ draw }) => figures.forEach(draw));
}
