// What every page loads. Each part listens on the document, so content that arrives later works as well;
// `enhance` prepares what must be touched once, on the first page and after every swap.
import "./htmx";
import { enhanceCharts } from "./charts";
import { enhanceChoices } from "./choices";
import "./confirm";
import { enhanceForms } from "./forms";
import "./faults";
import "./filter";
import { enhanceFrames } from "./frames";
import { enhancePolling } from "./poll";
import { enhanceReview } from "./reviews";
import { enhanceShell } from "./shell";
import { enhanceTables } from "./tables";
import { enhanceTheme } from "./themes";
import { enhanceTimes } from "./times";

function enhance(): void {
  enhanceShell();
  enhanceTheme();
  enhanceForms();
  enhanceChoices();
  enhanceTables();
  enhanceTimes();
  enhanceCharts();
  enhanceFrames();
  enhancePolling();
  enhanceReview();
}

enhance();
document.addEventListener("htmx:after:swap", enhance);
