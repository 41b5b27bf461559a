// The buttons above the text: each shows whether it holds at the cursor.
import type { Editor } from "@tiptap/core";
import { make } from "../dom";
import { ask } from "./ask";

type Act = (editor: Editor) => void;

interface Tool {
  icon: string;
  label: string;
  act: Act;
  /** Whether it holds at the cursor. */
  on?: (editor: Editor) => boolean;
  /** Shown only where it makes sense. */
  when?: (editor: Editor) => boolean;
}

async function link(editor: Editor): Promise<void> {
  const before = String(editor.getAttributes("link")["href"] ?? "");
  const address = await ask("插入链接", "网址", before || "https://", "留空并确定，可以去掉链接。");
  if (address === null) return;
  const chain = editor.chain().focus().extendMarkRange("link");
  if (address === "" || address === "https://") {
    chain.unsetLink().run();
  } else if (editor.state.selection.empty && !before) {
    editor.chain().focus().insertContent({ type: "text", text: address, marks: [{ type: "link", attrs: { href: address } }] }).run();
  } else {
    chain.setLink({ href: address }).run();
  }
}

async function videoLink(editor: Editor): Promise<void> {
  const address = await ask("插入视频", "视频网址", "https://", "视频号、B 站、抖音等平台的视频填网址；自己的视频文件请用“上传视频”。");
  if (!address || address === "https://") return;
  editor
    .chain()
    .focus()
    .insertContent({ type: "paragraph", content: [{ type: "text", text: `视频：${address}`, marks: [{ type: "link", attrs: { href: address } }] }] })
    .run();
}

const inTable = (editor: Editor): boolean => editor.isActive("table");
const aligned = (editor: Editor, align: string): boolean => editor.isActive({ align });
const toggleAlign = (align: string): Act => (editor) => {
  const next = aligned(editor, align) ? null : align;
  editor.chain().focus().updateAttributes("paragraph", { align: next }).updateAttributes("heading", { align: next }).run();
};

const TOOLS: Tool[][] = [
  [
    { icon: "arrow-back-up", label: "撤销", act: (e) => e.chain().focus().undo().run() },
    { icon: "arrow-forward-up", label: "重做", act: (e) => e.chain().focus().redo().run() },
  ],
  [
    { icon: "h-2", label: "标题", act: (e) => e.chain().focus().toggleHeading({ level: 2 }).run(), on: (e) => e.isActive("heading", { level: 2 }) },
    { icon: "h-3", label: "小标题", act: (e) => e.chain().focus().toggleHeading({ level: 3 }).run(), on: (e) => e.isActive("heading", { level: 3 }) },
    { icon: "bold", label: "加粗", act: (e) => e.chain().focus().toggleBold().run(), on: (e) => e.isActive("bold") },
    { icon: "italic", label: "倾斜", act: (e) => e.chain().focus().toggleItalic().run(), on: (e) => e.isActive("italic") },
    { icon: "underline", label: "下划线", act: (e) => e.chain().focus().toggleUnderline().run(), on: (e) => e.isActive("underline") },
  ],
  [
    { icon: "list", label: "项目列表", act: (e) => e.chain().focus().toggleBulletList().run(), on: (e) => e.isActive("bulletList") },
    { icon: "list-numbers", label: "编号列表", act: (e) => e.chain().focus().toggleOrderedList().run(), on: (e) => e.isActive("orderedList") },
    { icon: "blockquote", label: "引用", act: (e) => e.chain().focus().toggleBlockquote().run(), on: (e) => e.isActive("blockquote") },
    { icon: "align-center", label: "居中", act: toggleAlign("text-center"), on: (e) => aligned(e, "text-center") },
    { icon: "align-right", label: "靠右（落款）", act: toggleAlign("text-end"), on: (e) => aligned(e, "text-end") },
  ],
  [
    { icon: "link", label: "链接", act: (e) => void link(e), on: (e) => e.isActive("link") },
    { icon: "table", label: "插入表格", act: (e) => e.chain().focus().insertTable({ rows: 3, cols: 3, withHeaderRow: true }).run() },
    { icon: "video", label: "视频链接", act: (e) => void videoLink(e) },
    { icon: "clear-formatting", label: "清除格式", act: (e) => e.chain().focus().unsetAllMarks().clearNodes().run() },
  ],
  [
    { icon: "row-insert-bottom", label: "下方加一行", act: (e) => e.chain().focus().addRowAfter().run(), when: inTable },
    { icon: "column-insert-right", label: "右侧加一列", act: (e) => e.chain().focus().addColumnAfter().run(), when: inTable },
    { icon: "row-remove", label: "删除这一行", act: (e) => e.chain().focus().deleteRow().run(), when: inTable },
    { icon: "column-remove", label: "删除这一列", act: (e) => e.chain().focus().deleteColumn().run(), when: inTable },
    { icon: "table-off", label: "删除表格", act: (e) => e.chain().focus().deleteTable().run(), when: inTable },
  ],
];

function icon(sprite: string, name: string): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

/** Fills the bar; `pictures` opens the chooser of pictures. */
export function toolbar(bar: HTMLElement, editor: Editor, sprite: string, pictures: () => void): void {
  const refresh: (() => void)[] = [];
  const press = (tool: Tool): HTMLButtonElement => {
    const button = make("button", { type: "button", class: "tool", "aria-label": tool.label, title: tool.label, tabindex: "-1" }, icon(sprite, tool.icon));
    // The cursor stays in the text.
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => tool.act(editor));
    refresh.push(() => {
      if (tool.on) button.setAttribute("aria-pressed", String(tool.on(editor)));
      if (tool.when) button.hidden = !tool.when(editor);
    });
    return button;
  };
  const picture: Tool = { icon: "photo", label: "插入图片", act: pictures };
  bar.className = "toolbar";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "排版");
  bar.append(...TOOLS.map((tools, nth) => make("span", { class: "tools" }, ...(nth === 3 ? [picture, ...tools] : tools).map(press))));
  const buttons = [...bar.querySelectorAll<HTMLButtonElement>(".tool")];
  if (buttons[0]) buttons[0].tabIndex = 0;
  // One stop for the tab key; the arrows go from button to button.
  bar.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const shown = buttons.filter((button) => !button.hidden);
    const at = shown.indexOf(document.activeElement as HTMLButtonElement);
    if (!step || at < 0) return;
    event.preventDefault();
    const next = shown[(at + step + shown.length) % shown.length];
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next?.focus();
  });
  const all = (): void => refresh.forEach((one) => one());
  editor.on("transaction", all);
  all();
  bar.hidden = false;
}
