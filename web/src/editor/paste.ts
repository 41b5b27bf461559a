// Pastes made plain: Word's lists and wrappers, WeChat's sections and delayed pictures, spaces that only looked right.

function unwrap(element: Element): void {
  element.replaceWith(...element.childNodes);
}

/** Word writes the items of a list as paragraphs with the mark typed in front. */
function wordLists(page: Document): void {
  let list: HTMLElement | null = null;
  for (const item of [...page.querySelectorAll<HTMLElement>("p")]) {
    if (!/mso-list:\s*l\d/i.test(item.dataset["style"] ?? "")) {
      list = null;
      continue;
    }
    const mark = [...item.querySelectorAll<HTMLElement>("span")].find((span) => /mso-list:\s*Ignore/i.test(span.dataset["style"] ?? ""));
    const ordered = /[0-9a-zA-Z一二三四五六七八九十]/.test(mark?.textContent ?? "") && !/[·o§]/.test(mark?.textContent?.trim() ?? "");
    mark?.remove();
    const tag = ordered ? "ol" : "ul";
    if (!list || list.localName !== tag || list.nextElementSibling !== item) {
      list = page.createElement(tag);
      item.before(list);
    }
    const entry = page.createElement("li");
    const inner = page.createElement("p");
    inner.append(...item.childNodes);
    entry.append(inner);
    list.append(entry);
    item.remove();
  }
}

/** What a paste would leave behind for the writer to know. */
export interface Cleaned {
  html: string;
  /** Pictures that lie on the other machine and did not come along. */
  missing: number;
}

/** The HTML of a paste without what only the other program needs. */
export function clean(raw: string): Cleaned {
  // Word tells its own renderers apart by comments, which a parser would keep as text.
  const whole = raw.replace(/<!--\[if[\s\S]*?<!\[endif\]-->/gi, "").replace(/<!\[(?:if|endif)[^>]*>/gi, "");
  // Styles are read here and never applied: the policy would refuse them one by one.
  const page = new DOMParser().parseFromString(whole.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, " data-style=")), "text/html");
  for (const part of page.querySelectorAll<HTMLElement>("[data-style]")) {
    const align = /text-align:\s*(center|right)/i.exec(part.dataset["style"] ?? "")?.[1];
    if (align) part.classList.add(align.toLowerCase() === "center" ? "text-center" : "text-end");
  }
  for (const gone of page.querySelectorAll("style, script, meta, link, title, svg, iframe, object, form, xml, noscript, template")) gone.remove();
  for (const odd of [...page.querySelectorAll("*")]) if (odd.localName.includes(":")) unwrap(odd);
  wordLists(page);
  let missing = 0;
  for (const picture of [...page.querySelectorAll("img")]) {
    const address = picture.getAttribute("data-src") ?? picture.getAttribute("src") ?? "";
    if (/^https?:/i.test(address) || address.startsWith("/manuscripts/") || address.startsWith("data:image/")) {
      picture.setAttribute("src", address);
    } else {
      missing += 1;
      picture.remove();
    }
  }
  // Sections within sections are how WeChat's tools lay out; what holds text of its own is a paragraph.
  const blocks = "p, h1, h2, h3, h4, h5, h6, ul, ol, table, section, div, blockquote, figure";
  for (const wrapper of [...page.querySelectorAll("section, div, center, article")].reverse()) {
    if (wrapper.querySelector(blocks)) {
      unwrap(wrapper);
    } else {
      const paragraph = page.createElement("p");
      paragraph.className = wrapper.className;
      paragraph.append(...wrapper.childNodes);
      wrapper.replaceWith(paragraph);
    }
  }
  for (const heading of [...page.querySelectorAll("h1, h5, h6")]) {
    const other = page.createElement(heading.localName === "h1" ? "h2" : "h4");
    other.append(...heading.childNodes);
    heading.replaceWith(other);
  }
  for (const paragraph of [...page.querySelectorAll("p, h2, h3, h4")]) {
    if (!paragraph.querySelector("img, video, table") && !(paragraph.textContent ?? "").replace(/[\s\u00a0\u200b\u3000]/g, "")) paragraph.remove();
  }
  for (const part of page.querySelectorAll("[data-style]")) part.removeAttribute("data-style");
  return { html: page.body.innerHTML, missing };
}
