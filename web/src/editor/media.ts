// Pictures, videos and attachments: sent one by one as they are chosen, pasted or dropped, and listed below the text.
import type { Editor } from "@tiptap/core";
import { announce, make } from "../dom";
import type { Saving } from "./saving";
import { post, Refused } from "./talk";

interface Kept {
  id: number;
  address: string;
  name: string;
  size: string;
  role: string;
}

const ACCEPT: Record<string, string> = { picture: "image/png,image/jpeg,image/gif,image/webp", video: "video/mp4", attachment: "" };

export class Media {
  private readonly base: string;
  private readonly card: HTMLElement | null;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly editor: Editor,
    private readonly saving: Saving,
  ) {
    this.base = form.action.replace(/\/edit$/, "");
    this.card = form.querySelector("[data-files]");
    form.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-pick], [data-bring-in], [data-remove]") : null;
      if (!button) return;
      if (button.dataset["pick"]) this.choose(button.dataset["pick"]);
      else if (button.dataset["bringIn"] !== undefined) void this.bringIn();
      else {
        event.preventDefault();
        void this.remove(button.closest<HTMLElement>("[data-file]"));
      }
    });
    saving.after((told) => this.outside(told.outside));
    // Pictures that came as data are files of their own.
    editor.on("update", () => void this.embedded());
  }

  /** Tells something about files. */
  say(text: string): void {
    let note = this.form.querySelector<HTMLElement>("[data-media-note]");
    if (!note) {
      note = make("p", { class: "form-hint", "data-media-note": "", role: "status" });
      this.card?.prepend(note);
    }
    note.textContent = text;
    announce(text);
  }

  /** Opens the chooser. */
  choose(role: string): void {
    const input = make("input", { type: "file", accept: ACCEPT[role] ?? "", ...(role === "video" ? {} : { multiple: "" }) });
    input.addEventListener("change", () => void this.send([...(input.files ?? [])], role));
    input.click();
  }

  pictures(files: File[]): Promise<void> {
    return this.send(files, "picture");
  }

  /** Files dropped on the text: pictures go into it, everything else below it. */
  async drop(files: File[]): Promise<void> {
    const role = (file: File): string => (file.type.startsWith("image/") ? "picture" : file.type.startsWith("video/") ? "video" : "attachment");
    for (const kind of ["picture", "video", "attachment"]) await this.send(files.filter((file) => role(file) === kind), kind);
  }

  private async send(files: File[], role: string): Promise<void> {
    const failed: string[] = [];
    for (const [nth, file] of files.entries()) {
      this.say(files.length > 1 ? `正在上传 ${nth + 1} / ${files.length}` : `正在上传 ${file.name}`);
      const body = new FormData();
      body.set("role", role);
      body.set("file", file, file.name || "粘贴的图片.png");
      try {
        const kept = await post<Kept>(`${this.base}/files`, body);
        this.list(kept);
        if (role === "picture") this.editor.chain().focus().setImage({ src: kept.address }).createParagraphNear().run();
        if (role === "video") this.editor.chain().focus().insertContent({ type: "video", attrs: { src: kept.address } }).createParagraphNear().run();
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        failed.push(error.message);
        // One too many: the others would be told the same.
        if (error.status === 409 || error.status === 401) break;
      }
    }
    if (files.length > 0) this.say(failed.length > 0 ? failed.slice(0, 5).join(" ") : files.length > 1 ? `${files.length} 个文件已上传。` : "已上传。");
  }

  private list(kept: Kept): void {
    this.form.querySelector("[data-no-files]")?.remove();
    if (kept.role === "picture") {
      const template = this.form.querySelector<HTMLTemplateElement>("template[data-picture]");
      const item = template?.content.firstElementChild?.cloneNode(true);
      if (!(item instanceof HTMLElement)) return;
      item.dataset["file"] = String(kept.id);
      for (const part of item.querySelectorAll<HTMLElement>("[id], [for], [name]"))
        for (const attribute of ["id", "for", "name"]) {
          const value = part.getAttribute(attribute);
          if (value) part.setAttribute(attribute, `${value}${kept.id}`);
        }
      const picture = item.querySelector("img");
      if (picture) picture.src = kept.address;
      item.querySelector(".media-thumb")?.setAttribute("href", kept.address);
      item.querySelector(".media-name")?.append(`${kept.name} `, make("span", { class: "muted" }, kept.size));
      this.form.querySelector("[data-pictures]")?.append(item);
      this.form.querySelector("[data-cover]")?.append(make("option", { value: String(kept.id) }, kept.name));
      return;
    }
    const remove = make("button", { class: "btn btn-sm", type: "button", "data-remove": "" }, "移除");
    const name = make("span", { class: "file-name" }, make("a", { href: kept.address }, kept.name), make("small", {}, `${kept.role === "video" ? "视频" : "附件"} · ${kept.size}`));
    const item = make("li", { class: "file", "data-file": String(kept.id) }, name);
    if (kept.role === "video") {
      const rights = this.form.querySelector<HTMLTemplateElement>("template[data-picture]")?.content.querySelector("select")?.cloneNode(true);
      if (rights instanceof HTMLSelectElement) {
        rights.name = `rights-${kept.id}`;
        rights.id = `rights-${kept.id}`;
        item.append(rights, make("input", { type: "hidden", name: `alt-${kept.id}`, value: "" }));
      }
    }
    item.append(remove);
    this.form.querySelector("[data-papers]")?.append(item);
  }

  private async remove(item: HTMLElement | null): Promise<void> {
    if (!item) return;
    try {
      await post(`${this.base}/files/${item.dataset["file"]}/removals`, new URLSearchParams());
      item.remove();
      this.saving.soon();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.say(error.message);
    }
  }

  private outside(addresses: string[]): void {
    const place = this.form.querySelector<HTMLElement>("[data-outside]");
    if (!place) return;
    if (addresses.length === 0) {
      place.replaceChildren();
      return;
    }
    const button = make("button", { class: "btn btn-sm", type: "button", "data-bring-in": "" }, "全部转存");
    const words = make("div", { class: "notice-body" }, `有 ${addresses.length} 张图片还在其他网站上，须转存后才能提交审核。 `, button);
    place.replaceChildren(make("div", { class: "notice notice-warning" }, words));
    place.dataset["addresses"] = JSON.stringify(addresses);
  }

  /** Brings in the pictures that lie elsewhere and names the copies in their place. */
  private async bringIn(): Promise<void> {
    await this.saving.now();
    const place = this.form.querySelector<HTMLElement>("[data-outside]");
    const addresses = JSON.parse(place?.dataset["addresses"] ?? "[]") as string[];
    const failed: string[] = [];
    for (const [nth, address] of addresses.entries()) {
      this.say(`正在转存 ${nth + 1} / ${addresses.length}`);
      try {
        const kept = await post<Kept>(`${this.base}/pictures`, new URLSearchParams({ address }));
        this.list(kept);
        this.replace(address, kept.address);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        failed.push(error.message);
      }
    }
    this.say(failed.length > 0 ? `${failed.length} 张没有转存：${failed[0]}` : "图片已全部转存。");
    await this.saving.now();
  }

  private replace(from: string, to: string): void {
    const { state, view } = this.editor;
    const change = state.tr;
    state.doc.descendants((node, at) => {
      if (node.type.name === "image" && node.attrs["src"] === from) change.setNodeMarkup(at, null, { ...node.attrs, src: to });
    });
    if (change.docChanged) view.dispatch(change);
    const source = this.form.querySelector<HTMLTextAreaElement>("textarea[name=html]");
    if (source) source.value = source.value.split(from).join(to).split(from.replace(/&/g, "&amp;")).join(to);
  }

  private embedding = false;

  /** Pictures pasted as data become files; the policy would not show them, nor a server keep them. */
  private async embedded(): Promise<void> {
    if (this.embedding) return;
    const found: string[] = [];
    this.editor.state.doc.descendants((node) => {
      const address = node.type.name === "image" ? String(node.attrs["src"] ?? "") : "";
      if (address.startsWith("data:image/") && !found.includes(address)) found.push(address);
    });
    if (found.length === 0) return;
    this.embedding = true;
    for (const address of found) {
      const [head = "", data = ""] = address.split(",", 2);
      const type = /^data:(image\/[a-z+]+)/.exec(head)?.[1] ?? "image/png";
      try {
        const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
        const body = new FormData();
        body.set("role", "picture");
        body.set("file", new File([bytes], `粘贴的图片.${type.split("/")[1] ?? "png"}`, { type }));
        const kept = await post<Kept>(`${this.base}/files`, body);
        this.list(kept);
        this.replace(address, kept.address);
      } catch (error) {
        this.say(error instanceof Refused ? error.message : "有一张图片没有带过来，请另存后上传。");
        this.drop_picture(address);
      }
    }
    this.embedding = false;
  }

  private drop_picture(address: string): void {
    const { state, view } = this.editor;
    const change = state.tr;
    state.doc.descendants((node, at) => {
      if (node.type.name === "image" && node.attrs["src"] === address) change.delete(change.mapping.map(at), change.mapping.map(at + node.nodeSize));
    });
    if (change.docChanged) view.dispatch(change);
  }
}
