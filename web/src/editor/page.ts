// The writer's page put together: text, files, saving, findings.
import { Editor } from "@tiptap/core";
import { announce } from "../dom";
import { Findings } from "./findings";
import { Media } from "./media";
import { extensions } from "./nodes";
import { clean } from "./paste";
import { Saving } from "./saving";
import { toolbar } from "./toolbar";

function one<E extends HTMLElement>(form: ParentNode, selector: string): E {
  const found = form.querySelector<E>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

/** Counts as the server does: each Chinese character and mark is one, each word or number of other scripts is one. */
function words(text: string): number {
  let count = 0;
  let within = false;
  for (const letter of text) {
    const joins = /[\p{L}\p{N}]/u.test(letter) && letter < "\u2e80";
    if (!/\s/.test(letter) && !(joins && within)) count += 1;
    within = joins || (within && /[.\-'@_]/.test(letter));
  }
  return count;
}

/** Starts the editor on its form. */
export function start(form: HTMLFormElement): void {
  const source = one<HTMLTextAreaElement>(form, "textarea[name=html]");
  const plain = one(form, "[data-source]");
  const surface = one(form, "[data-editor]");
  const bar = one(form, "[data-toolbar]");
  const framed = one(form, "[data-framed]");
  const title = one<HTMLTextAreaElement>(form, "#f-title");
  const sprite = form.dataset["icons"] ?? "";
  const layout = (): string => form.querySelector<HTMLInputElement>("input[name=layout]:checked")?.value ?? "rich";

  const isHtml = source.dataset["typed"] === undefined;
  const editor = new Editor({
    element: surface,
    extensions,
    injectCSS: false,
    content: isHtml ? source.value : paragraphs(source.value),
    editorProps: {
      attributes: { class: "article writing-area", "aria-label": "正文", role: "textbox", "aria-multiline": "true" },
      transformPastedHTML: (html) => {
        const cleaned = clean(html);
        if (cleaned.missing > 0) media.say(`有 ${cleaned.missing} 张图片没有随文字带过来，请另存后用“插入图片”上传。`);
        return cleaned.html;
      },
      handlePaste: (_, event) => {
        const pictures = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
        // A paste of text from Word brings a picture of itself along; the text is what was meant.
        if (pictures.length === 0 || event.clipboardData?.getData("text/html")) return false;
        void media.pictures(pictures);
        return true;
      },
      handleDrop: (_, event) => {
        const files = [...((event as DragEvent).dataTransfer?.files ?? [])];
        if (files.length === 0) return false;
        event.preventDefault();
        void media.drop(files);
        return true;
      },
    },
  });

  // The editor gives its tables widths; a manuscript has none.
  const bare = (): string => editor.getHTML().replace(/<(?:table|col|td|th)\b[^>]*>/g, (tag) => tag.replace(/ style="[^"]*"/, ""));
  const html = (): string => (layout() === "framed" ? source.value : editor.isEmpty ? "" : bare());
  const saving = new Saving(form, html);
  const media = new Media(form, editor, saving);
  const findings = new Findings(form, editor, title, () => (layout() === "framed" ? source.value : html()));

  plain.classList.add("is-scripted");
  for (const part of form.querySelectorAll<HTMLElement>("[data-plain-uploads]")) part.hidden = true;
  for (const part of form.querySelectorAll<HTMLElement>("[data-uploads], [data-bring-in]")) part.hidden = false;
  toolbar(bar, editor, sprite, () => media.choose("picture"));

  const count = one(form, "[data-words]");
  const titleCount = one(form, "[data-title-count]");
  // A title is one line of text, on as many lines of the screen as it needs.
  const fit = (): void => {
    title.style.height = "auto";
    title.style.height = `${title.scrollHeight + title.offsetHeight - title.clientHeight}px`;
  };
  title.addEventListener("input", () => {
    if (/[\r\n]/.test(title.value)) title.value = title.value.replace(/\s*[\r\n]+\s*/g, " ");
  });
  title.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    if (layout() !== "framed") editor.commands.focus("start");
  });
  window.addEventListener("resize", fit);

  const recount = (): void => {
    if (layout() !== "framed") count.textContent = `${words(editor.getText())} 字`;
    const length = [...title.value].length;
    titleCount.textContent = length > 0 ? `${length} 字` : "";
    fit();
  };

  const arrange = (): void => {
    const now = layout();
    const isFramed = now === "framed";
    surface.hidden = isFramed;
    bar.hidden = isFramed;
    plain.hidden = !isFramed;
    framed.hidden = !isFramed;
    one(form, "[data-link]").hidden = now !== "picture";
    one(form, "[data-paste]").hidden = !isFramed;
    one(form, "[data-reprint]").hidden = form.querySelector<HTMLInputElement>("input[name=origin]:checked")?.value !== "reprint";
  };

  let before = layout();
  form.addEventListener("change", (event) => {
    const field = event.target as HTMLInputElement;
    if (field.name === "layout") {
      if (layout() === "framed") source.value = editor.isEmpty ? source.value : bare();
      else if (before === "framed") editor.commands.setContent(clean(source.value).html);
      before = layout();
    }
    if (field.name === "layout" || field.name === "origin") arrange();
    if (field.type !== "file") saving.soon();
  });
  form.addEventListener("input", (event) => {
    const field = event.target as HTMLInputElement;
    if (field.type === "file" || field.dataset["narrow"] !== undefined) return;
    recount();
    saving.soon();
    if (field.id === title.id || field.name === source.name) findings.soon();
  });
  editor.on("update", () => {
    recount();
    saving.soon();
    findings.soon();
  });

  // Styled content is pasted as a whole, and shown as a reader would see it.
  const target = one(form, "[data-paste]");
  target.addEventListener("paste", (event) => {
    event.preventDefault();
    const pasted = event.clipboardData?.getData("text/html") || event.clipboardData?.getData("text/plain") || "";
    if (!pasted) return;
    source.value = pasted.replace(/^[\s\S]*<!--StartFragment-->|<!--EndFragment-->[\s\S]*$/g, "");
    void saving.now().then(() => announce("已粘贴排版内容"));
  });
  target.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey && event.key.length === 1) event.preventDefault();
  });
  saving.after((told) => {
    if (layout() !== "framed") return;
    count.textContent = `${told.words} 字`;
    const note = one(form, "[data-framed-note]");
    note.hidden = told.dropped === 0;
    note.textContent = `已去掉 ${told.dropped} 处脚本、嵌入框或矢量图，其余内容按原样保留。`;
    const frame = framed.querySelector("iframe");
    frame?.contentWindow?.location.reload();
  });

  form.addEventListener("restore", (event) => {
    const left = String((event as CustomEvent<string>).detail);
    if (layout() === "framed") source.value = left;
    else editor.commands.setContent(left);
    saving.soon();
  });
  let leaving = false;
  form.addEventListener("submit", (event) => {
    source.value = html();
    const underway = saving.underway;
    if (!underway) return saving.stop();
    // Sent now it would name the revision that the save on its way replaces, and clash with the writer's own words.
    event.preventDefault();
    if (leaving) return;
    leaving = true;
    void underway.then(() => {
      leaving = false;
      event.submitter?.click();
    });
  });
  arrange();
  surface.hidden = layout() === "framed";
  recount();
  findings.soon();
}

function paragraphs(text: string): { type: "doc"; content: object[] } {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const content = lines.map((line) => ({ type: "paragraph", content: [{ type: "text", text: line }] }));
  return { type: "doc", content: content.length > 0 ? content : [{ type: "paragraph" }] };
}
