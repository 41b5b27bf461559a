// Runs before the first paint so that a dark page never flashes white; everything else waits in app.ts.
const stored = (() => {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null; // storage refused: follow the system
  }
})();
const dark = stored === "dark" || (stored !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
document.documentElement.dataset["theme"] = dark ? "dark" : "light";
document.documentElement.classList.add("js");
