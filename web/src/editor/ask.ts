// A short question in a dialog of the page's own look.
import { make } from "../dom";

/** Asks for one line; null when it was given up. */
export function ask(title: string, label: string, value = "", hint = ""): Promise<string | null> {
  return new Promise((answer) => {
    const field = make("input", { class: "form-control", id: "ask-field", type: "text", autocomplete: "off" });
    field.value = value;
    const form = make(
      "form",
      { method: "dialog" },
      make("h2", { id: "ask-title" }, title),
      make("label", { class: "form-label", for: "ask-field" }, label),
      field,
      ...(hint ? [make("p", { class: "form-hint" }, hint)] : []),
      make(
        "div",
        { class: "dialog-buttons" },
        make("button", { class: "btn", value: "no", type: "button", "data-no": "" }, "取消"),
        make("button", { class: "btn btn-primary", value: "yes" }, "确定"),
      ),
    );
    const dialog = make("dialog", { class: "dialog", "aria-labelledby": "ask-title" }, form);
    form.querySelector("[data-no]")?.addEventListener("click", () => dialog.close("no"));
    dialog.addEventListener("close", () => {
      dialog.remove();
      answer(dialog.returnValue === "yes" ? field.value.trim() : null);
    });
    document.body.append(dialog);
    dialog.showModal();
    field.select();
  });
}
