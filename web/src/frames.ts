// `iframe[data-fit]`: as high as what it shows. The frame is of our own origin and runs no script of its own.
const watched = new WeakSet<HTMLIFrameElement>();

function fit(frame: HTMLIFrameElement): void {
  const body = frame.contentDocument?.body;
  if (!body) return;
  const style = frame.contentWindow?.getComputedStyle(body);
  const margins = style ? parseFloat(style.marginTop) + parseFloat(style.marginBottom) : 0;
  frame.style.height = `${Math.max(160, Math.ceil(body.getBoundingClientRect().height + margins))}px`;
}

function watch(frame: HTMLIFrameElement): void {
  const body = frame.contentDocument?.body;
  if (!body) return;
  fit(frame);
  // Pictures arrive later than the text.
  body.addEventListener("load", () => fit(frame), true);
  new ResizeObserver(() => fit(frame)).observe(body);
}

/** Prepares the frames of the page. */
export function enhanceFrames(): void {
  for (const frame of document.querySelectorAll<HTMLIFrameElement>("iframe[data-fit]")) {
    if (watched.has(frame)) continue;
    watched.add(frame);
    frame.addEventListener("load", () => watch(frame));
    if (frame.contentDocument?.readyState === "complete") watch(frame);
  }
}
