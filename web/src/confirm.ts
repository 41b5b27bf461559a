// `data-confirm` on a button, form or link: asks in a dialog before going on.
import { make } from "./dom";

const agreed = new WeakSet<Element>();

function ask(source: HTMLElement, goOn: () => void): void {
  const { confirm = "", confirmText, confirmAction = "确定", confirmTone = "primary" } = source.dataset;
  const yes = make("button", { class: `btn btn-${confirmTone}`, value: "yes" }, confirmAction);
  const no = make("button", { class: "btn", value: "no" }, "取消");
  const form = make("form", { method: "dialog", class: "dialog-buttons" }, no, yes);
  const title = make("h2", { id: "confirm-title" }, confirm);
  const dialog = make("dialog", { class: "dialog", "aria-labelledby": "confirm-title" }, title);
  if (confirmText) {
    dialog.append(make("p", { id: "confirm-text" }, confirmText));
    dialog.setAttribute("aria-describedby", "confirm-text");
  }
  dialog.append(form);
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    const answer = dialog.returnValue;
    dialog.remove();
    if (answer === "yes") goOn();
    else source.focus();
  });
  dialog.showModal();
  (confirmTone === "danger" ? no : yes).focus();
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target as HTMLFormElement;
    const submitter = event.submitter as HTMLElement | null;
    const source = submitter?.dataset["confirm"] ? submitter : form.dataset["confirm"] ? form : null;
    if (!source || agreed.delete(source)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(source, () => {
      agreed.add(source);
      // A click carries the button's own name and action; requestSubmit is younger than the browser floor.
      if (submitter) submitter.click();
      else form.submit();
    });
  },
  true,
);

document.addEventListener(
  "click",
  (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[data-confirm]") : null;
    if (!link || agreed.delete(link)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(link, () => {
      agreed.add(link);
      link.click();
    });
  },
  true,
);
