// The writer's page: the editor in place of the plain field, autosave, files, findings. Loaded on that page only.
import { start } from "./editor/page";

const form = document.querySelector<HTMLFormElement>("form[data-manuscript]");
if (form) start(form);
