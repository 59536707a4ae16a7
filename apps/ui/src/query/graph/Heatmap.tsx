import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import type { ResolvedTimeRange } from "@narthex/dashboards";
import { useMemo } from "react";
import type uPlot from "uplot";
import type { ExemplarSeries } from "../../api/query-result.ts";
import { formatInstantWithZone } from "../../format/instant.ts";
import { plainFormat } from "../../format/value-format.ts";
import { clipToPlot } from "../../plot/clip-to-plot.ts";
import { exemplarMarks } from "../../plot/exemplar-marks.ts";
import { lineColor } from "@narthex/dashboards/palette";
import { Plot, type PlotConfig } from "../../plot/Plot.tsx";
import { TooltipBox, tooltipHead } from "../../plot/tooltip-box.ts";
import { useTimeZone } from "../../shell/time-zone.ts";
import { exemplarsOf } from "./exemplars.ts";
import { rowOf } from "./heatmap-data.ts";
import type { Bucket, HeatmapData } from "./heatmap-data.ts";
import { drag, frameOptions, type PlotLook } from "./plot-options.ts";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./Graph.module.css";

const css = classesOf(styles);

const boundText = (bound: number): string =>
  Number.isFinite(bound) ? String(Number(bound.toPrecision(3))) : bound < 0 ? "-Inf" : "+Inf";

function paint(plot: uPlot, data: HeatmapData, color: string): void {
  const { ctx } = plot;
  const step = (data.times[1] ?? (data.times[0] ?? 0) + 1000) - (data.times[0] ?? 0);
  clipToPlot(plot);
  ctx.fillStyle = color;
  for (const [row, counts] of data.counts.entries()) {
    const [bottom, top] = [plot.valToPos(row, "y", true), plot.valToPos(row + 1, "y", true)];
    for (const [at, count] of counts) {
      const time = data.times[at] ?? 0;
      // Edges are rounded to whole pixels, so that there are no gaps between cells.
      const left = Math.round(plot.valToPos(time - step / 2, "x", true));
      const right = Math.round(plot.valToPos(time + step / 2, "x", true));
      // The opacity grows with the square root of the count, so that rare observations stay visible next to frequent
      // ones.
      ctx.globalAlpha = 0.08 + 0.92 * Math.sqrt(count / data.highestCount);
      ctx.fillRect(left, top, Math.max(1, right - left), Math.max(1, bottom - top - 1));
    }
  }
  ctx.restore();
}

/** Returns a tooltip plugin that shows the count of the cell under the pointer. */
function cellTooltip(data: HeatmapData, zone: string): uPlot.Plugin {
  const box = new TooltipBox();
  const show = (plot: uPlot): void => {
    const { left = -1, top = -1, idx } = plot.cursor;
    const row = left < 0 ? -1 : Math.floor(plot.posToVal(top, "y"));
    const bucket = data.buckets[row];
    if (bucket === undefined || idx == null) return box.hide();
    const count = Number((data.counts[row]?.get(idx) ?? 0).toPrecision(6));
    const cell = document.createElement("div");
    cell.textContent = `${boundText(bucket.low)} to ${boundText(bucket.high)}: ${count}`;
    box.show(plot, [tooltipHead(formatInstantWithZone(Math.round(data.times[idx] ?? 0), zone)), cell]);
  };
  return { hooks: { init: () => box.attach(), destroy: () => box.remove(), setCursor: show } };
}

/** Returns the rows that get a label at their lower bound, such that labels do not overlap. */
function splitsOf(buckets: readonly Bucket[], height: number): number[] {
  const every = Math.max(1, Math.ceil((buckets.length * 24) / Math.max(1, height)));
  return Array.from({ length: Math.floor(buckets.length / every) + 1 }, (_, index) => index * every);
}

function heatmapOptions(data: HeatmapData, look: PlotLook, height: number): PlotConfig {
  const { buckets } = data;
  const frame = frameOptions(look);
  const exemplars = exemplarsOf(look.exemplars ?? [], look.zone, (value) => rowOf(value, buckets));
  return {
    ...frame,
    axes: [
      frame.axes[0]!,
      {
        ...frame.axes[1],
        splits: () => splitsOf(buckets, height),
        values: (_plot, rows) => rows.map((row) => boundText(buckets[row]?.low ?? buckets.at(-1)?.high ?? 0)),
      },
    ],
    cursor: { drag, points: { show: false } },
    scales: { y: { range: () => [0, Math.max(1, buckets.length)] } },
    series: [{}, { points: { show: false } }],
    hooks: { ...frame.hooks, drawClear: [(plot) => paint(plot, data, lineColor(0, look.scheme))] },
    plugins: [...frame.plugins, cellTooltip(data, look.zone), exemplarMarks("y", () => exemplars)],
  };
}

/** Draws histograms over time: a row for each bucket, darker for more observations. Exemplars are drawn as marks. */
export function Heatmap({
  data,
  exemplars,
  height,
  onZoom,
}: {
  data: HeatmapData;
  exemplars: readonly ExemplarSeries[];
  height: number;
  onZoom: (range: ResolvedTimeRange) => void;
}) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const scheme = useComputedColorScheme("light");
  const zone = useTimeZone();
  const values = useMemo(() => [data.times, data.times.map(() => null)] as unknown as uPlot.AlignedData, [data]);
  const look = useMemo(
    () => ({
      data,
      exemplars,
      scheme,
      zone,
      height,
      stacked: false,
      yAxisMin: null,
      hidden: new Set<string>(),
      format: plainFormat,
    }),
    [data, exemplars, scheme, zone, height],
  );
  return (
    <div ref={ref} className={css("plot")} data-testid="heatmap" data-bucket-count={data.buckets.length}>
      <Plot
        configKey={look}
        configure={(zoomOf: () => typeof onZoom) =>
          heatmapOptions(data, { ...look, onZoom: (range) => zoomOf()(range) }, height)
        }
        now={onZoom}
        data={values}
        width={width}
        height={height}
        label={`Heatmap of ${data.buckets.length} buckets. The Table tab has the values.`}
      />
    </div>
  );
}
