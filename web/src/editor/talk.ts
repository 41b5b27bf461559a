// Talking with the server: what it refused, in its own words.

/** An answer that is no success: its words are for the writer. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** What came with it, where it was JSON. */
    readonly told: unknown = null,
  ) {
    super(message);
  }
}

/** Posts a form and gives what is answered; `null` for an empty answer. */
export async function post<T>(address: string, body: FormData | URLSearchParams): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(address, { method: "POST", body, headers: { accept: "application/json" }, credentials: "same-origin", redirect: "follow" });
  } catch {
    throw new Refused(0, "网络不通，内容还没有保存");
  }
  if (answer.redirected && new URL(answer.url).pathname === "/sign-in") throw new Refused(401, "登录已过期，请在新窗口登录后继续");
  const text = await answer.text();
  const json = (answer.headers.get("content-type") ?? "").includes("json");
  const told: unknown = json && text ? JSON.parse(text) : null;
  if (answer.ok) return told as T;
  if (json) throw new Refused(answer.status, Array.isArray(told) ? told.join(" ") : "", told);
  const page = new DOMParser().parseFromString(text, "text/html");
  throw new Refused(answer.status, page.querySelector("[data-fault-message]")?.textContent?.trim() ?? "没有办成，请稍后再试");
}
