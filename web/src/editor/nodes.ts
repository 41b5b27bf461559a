// What a manuscript can hold, as the editor knows it: the same as the server's list of tags.
import { Extension, mergeAttributes, Node } from "@tiptap/core";
import Image from "@tiptap/extension-image";
import { TableKit } from "@tiptap/extension-table";
import StarterKit from "@tiptap/starter-kit";

/** Where a paragraph stands: one of the pages' own classes. */
const Aligned = Extension.create({
  name: "aligned",
  addGlobalAttributes() {
    return [
      {
        types: ["paragraph", "heading"],
        attributes: {
          align: {
            default: null,
            parseHTML: (element) => {
              if (element.classList.contains("text-center")) return "text-center";
              return element.classList.contains("text-end") ? "text-end" : null;
            },
            renderHTML: ({ align }) => (align ? { class: align } : {}),
          },
        },
      },
    ];
  },
});

/** A video of the manuscript's own files. Videos elsewhere are links. */
const Video = Node.create({
  name: "video",
  group: "block",
  atom: true,
  draggable: true,
  addAttributes: () => ({ src: { default: null } }),
  parseHTML: () => [{ tag: "video[src]" }],
  renderHTML: ({ HTMLAttributes }) => ["video", mergeAttributes(HTMLAttributes, { controls: "" })],
});

export const extensions = [
  StarterKit.configure({
    heading: { levels: [2, 3, 4] },
    code: false,
    codeBlock: false,
    link: { openOnClick: false, autolink: true, defaultProtocol: "https", protocols: ["http", "https", "mailto", "tel"] },
  }),
  Image.configure({ allowBase64: true }),
  TableKit.configure({ table: { resizable: false } }),
  Video,
  Aligned,
];
