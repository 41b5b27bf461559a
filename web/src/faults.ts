// A request over htmx that failed: its fault page becomes a message on this page; only a form with errors (422) is swapped in.
import { make } from "./dom";

interface Answer {
  ctx: { response: { status: number; raw: Response }; text: string };
}

function toast(title: string, text: string): void {
  const close = make("button", { type: "button", class: "btn btn-sm" }, "知道了");
  const note = make("div", { class: "notice notice-danger" }, make("div", { class: "notice-body" }, make("strong", {}, title), make("p", {}, text)), close);
  close.addEventListener("click", () => note.remove());
  document.getElementById("toasts")?.replaceChildren(note);
}

document.addEventListener("htmx:after:request", (event) => {
  const { response, text } = (event as CustomEvent<Answer>).detail.ctx;
  if (response.raw.redirected && new URL(response.raw.url).pathname === "/sign-in") {
    event.preventDefault();
    location.assign(response.raw.url);
    return;
  }
  if (response.status < 400 || response.status === 422) return;
  event.preventDefault();
  const page = new DOMParser().parseFromString(text, "text/html");
  const title = page.querySelector("[data-fault] h1")?.textContent ?? "没有办成";
  const message = page.querySelector("[data-fault-message]")?.textContent ?? "请稍后再试；仍不行时请联系管理员。";
  toast(title, message);
});

document.addEventListener("htmx:error", () => toast("网络不通", "内容没有更新，请检查网络后重试。"));
