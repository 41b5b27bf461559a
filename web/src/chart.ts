// Draws a chart from the table inside a figure. The table stays: listeners read it, others can open it.
import { BarChart, PieChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { make } from "./dom";

use([BarChart, PieChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

interface Figures {
  names: string[];
  series: { name: string; values: number[] }[];
}

function read(table: HTMLTableElement): Figures {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map((cell) => cell.textContent?.trim() ?? "");
  const rows = [...(table.tBodies[0]?.rows ?? [])].map((row) => [...row.cells].map((cell) => cell.textContent?.trim() ?? ""));
  return {
    names: rows.map((row) => row[0] ?? ""),
    series: heads.slice(1).map((name, column) => ({ name, values: rows.map((row) => Number((row[column + 1] ?? "0").replace(/[^\d.-]/g, "")) || 0) })),
  };
}

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function option(kind: string, { names, series }: Figures): EChartsCoreOption {
  const text = { color: token("--muted"), fontFamily: token("--font"), fontSize: 12 };
  const colours = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => token(`--chart-${n}`));
  const base = {
    color: colours,
    textStyle: text,
    animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 400,
    tooltip: {
      renderMode: "richText" as const, // the HTML one would write inline styles
      trigger: kind === "pie" ? "item" : "axis",
      backgroundColor: token("--surface"),
      borderColor: token("--line-strong"),
      textStyle: { ...text, color: token("--ink") },
      axisPointer: { type: "shadow" as const },
    },
  };
  if (kind === "pie") {
    const values = series[0]?.values ?? [];
    return {
      ...base,
      legend: { orient: "vertical", right: 0, top: "middle", textStyle: text, icon: "circle", itemWidth: 9, itemHeight: 9, formatter: (name: string) => `${name}  ${values[names.indexOf(name)] ?? ""}` },
      series: [{
        type: "pie",
        radius: ["54%", "82%"],
        center: ["34%", "50%"],
        label: { show: false },
        itemStyle: { borderColor: token("--surface"), borderWidth: 2 },
        data: names.map((name, n) => ({ name, value: values[n] ?? 0 })),
      }],
    };
  }
  return {
    ...base,
    legend: series.length > 1 ? { top: 0, right: 0, textStyle: text, icon: "roundRect", itemWidth: 10, itemHeight: 10 } : undefined,
    grid: { left: 4, right: 32, top: series.length > 1 ? 32 : 8, bottom: 0, containLabel: true },
    xAxis: { type: "value", minInterval: 1, splitLine: { lineStyle: { color: token("--line") } }, axisLabel: text },
    yAxis: { type: "category", inverse: true, data: names, axisTick: { show: false }, axisLine: { lineStyle: { color: token("--line-strong") } }, axisLabel: { ...text, width: 108, overflow: "truncate" } },
    series: series.map(({ name, values }) => ({ name, type: "bar", data: values, barMaxWidth: 14, barGap: "20%", itemStyle: { borderRadius: [0, 3, 3, 0] }, label: { show: true, position: "right", ...text } })),
  };
}

/** Draws one figure and keeps it in step with its size and the theme. */
export function draw(figure: HTMLElement): void {
  const table = figure.querySelector("table");
  if (!table) return;
  const kind = figure.dataset["chart"] ?? "bar";
  const figures = read(table);
  if (figures.names.length === 0) return;
  const rows = figures.names.length * Math.max(1, figures.series.length);
  const canvas = make("div", { class: "chart-canvas", "aria-hidden": "true" });
  canvas.style.height = kind === "pie" ? "200px" : `${Math.min(640, 56 + rows * 22)}px`;
  const toggle = make("button", { type: "button", class: "btn btn-sm btn-ghost chart-toggle", "aria-expanded": "false" }, "看数据表");
  const holder = make("div", { class: "chart-table visually-hidden" });
  table.replaceWith(holder);
  holder.append(table);
  holder.before(canvas, toggle);
  toggle.addEventListener("click", () => {
    const hidden = holder.classList.toggle("visually-hidden");
    toggle.setAttribute("aria-expanded", String(!hidden));
    toggle.textContent = hidden ? "看数据表" : "收起数据表";
  });
  const chart = init(canvas, null, { renderer: "svg" });
  const paint = (): void => chart.setOption(option(kind, figures), true);
  paint();
  document.addEventListener("theme", paint);
  new ResizeObserver(() => chart.resize()).observe(canvas);
}
