import "uplot/dist/uPlot.min.css";
import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffectEvent, useLayoutEffect, useMemo, useRef } from "react";
import uPlot from "uplot";
import type { ExemplarSeries } from "../../api/query-result.ts";
import { formatInstantWithZone } from "../../format/instant.ts";
import { useTimeZone } from "../../shell/time-zone.ts";
import { exemplarMarkers } from "./exemplar-markers.ts";
import { rowOf } from "./heatmap-data.ts";
import type { Bucket, HeatmapData } from "./heatmap-data.ts";
import { lineColor } from "./palette.ts";
import { drag, frameOptions } from "./plot-options.ts";
import { placeBeside, tooltipBox } from "./tooltip.ts";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./Plot.module.css";

const css = classesOf(styles);

const boundText = (bound: number): string =>
  Number.isFinite(bound) ? String(Number(bound.toPrecision(3))) : bound < 0 ? "-Inf" : "+Inf";

function paint(plot: uPlot, data: HeatmapData, color: string): void {
  const { ctx } = plot;
  const step = (data.times[1] ?? (data.times[0] ?? 0) + 1) - (data.times[0] ?? 0);
  ctx.save();
  ctx.beginPath();
  ctx.rect(plot.bbox.left, plot.bbox.top, plot.bbox.width, plot.bbox.height);
  ctx.clip();
  ctx.fillStyle = color;
  for (const [row, counts] of data.counts.entries()) {
    const [bottom, top] = [plot.valToPos(row, "y", true), plot.valToPos(row + 1, "y", true)];
    for (const [at, count] of counts) {
      const time = data.times[at] ?? 0;
      // Rounded to whole pixels, since fractions would leave gaps between cells.
      const left = Math.round(plot.valToPos(time - step / 2, "x", true));
      const right = Math.round(plot.valToPos(time + step / 2, "x", true));
      // The square root keeps rare observations visible next to frequent ones.
      ctx.globalAlpha = 0.08 + 0.92 * Math.sqrt(count / data.highestCount);
      ctx.fillRect(left, top, Math.max(1, right - left), Math.max(1, bottom - top - 1));
    }
  }
  ctx.restore();
}

/** A tooltip with the count of the cell under the pointer. */
function cellTooltip(data: HeatmapData, zone: string): uPlot.Plugin {
  const box = tooltipBox();
  const show = (plot: uPlot): void => {
    const { left = -1, top = -1, idx } = plot.cursor;
    const row = left < 0 ? -1 : Math.floor(plot.posToVal(top, "y"));
    const bucket = data.buckets[row];
    box.hidden = bucket === undefined || idx == null;
    if (bucket === undefined || idx == null) return;
    const time = formatInstantWithZone(Math.round((data.times[idx] ?? 0) * 1000), zone);
    const count = Number((data.counts[row]?.get(idx) ?? 0).toPrecision(6));
    box.textContent = `${time}\n${boundText(bucket.low)} to ${boundText(bucket.high)}: ${count}`;
    placeBeside(box, plot, left, top);
  };
  return { hooks: { init: (plot) => plot.over.append(box), setCursor: show } };
}

/** Returns the indexes of the rows whose lower bounds are labelled, so that no labels overlap. */
function splitsOf(buckets: readonly Bucket[], height: number): number[] {
  const every = Math.max(1, Math.ceil((buckets.length * 24) / Math.max(1, height)));
  return Array.from({ length: Math.floor(buckets.length / every) + 1 }, (_, index) => index * every);
}

/** Histograms over time: a row for each bucket, darker for more observations. Exemplars are drawn as marks. */
export function Heatmap({
  data,
  exemplars,
  height,
  onZoom,
}: {
  data: HeatmapData;
  exemplars: readonly ExemplarSeries[];
  height: number;
  onZoom: (startSeconds: number, endSeconds: number) => void;
}) {
  const { ref: sizeRef, width } = useElementSize<HTMLDivElement>();
  const host = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme("light");
  const zone = useTimeZone();
  const zoom = useEffectEvent(onZoom);
  const picture = useMemo(
    () => ({ data, exemplars, scheme, zone, width, height }),
    [data, exemplars, scheme, zone, width, height],
  );
  const draw = useEffectEvent((parent: HTMLElement): uPlot => {
    const { buckets, times } = data;
    const frame = frameOptions(
      { scheme, zone, stacked: false, yAxisMin: null, hidden: new Set(), onZoom: (start, end) => zoom(start, end) },
      { width, height },
    );
    const options: uPlot.Options = {
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
      hooks: { ...frame.hooks, drawClear: [(plot) => paint(plot, data, lineColor(0, scheme))] },
      plugins: [cellTooltip(data, zone), exemplarMarkers(exemplars, zone, (value) => rowOf(value, buckets))],
    };
    return new uPlot(options, [times, times.map(() => null)] as unknown as uPlot.AlignedData, parent);
  });
  useLayoutEffect(() => {
    if (picture.width === 0 || host.current === null) return;
    const made = draw(host.current);
    return () => made.destroy();
  }, [picture]);
  return (
    <div ref={sizeRef} className={css("plot")} data-testid="heatmap" data-bucket-count={data.buckets.length}>
      <div
        ref={host}
        role="img"
        aria-label={`Heatmap of ${data.buckets.length} buckets. The Table tab has the values.`}
        style={{ minHeight: height }}
      />
    </div>
  );
}
