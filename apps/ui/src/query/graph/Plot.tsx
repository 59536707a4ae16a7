import "uplot/dist/uPlot.min.css";
import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import type { ExemplarSeries } from "../../api/query-result.ts";
import { useTimeZone } from "../../shell/time-zone.ts";
import { LinePainter, slicedLimit } from "./line-painter.ts";
import { stackLines } from "./plot-data.ts";
import type { PlotData } from "./plot-data.ts";
import { paintedPlotOptions, plotOptions, stackBands } from "./plot-options.ts";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./Plot.module.css";

const css = classesOf(styles);

/** Data and settings of the plot. */
export interface PlotProps {
  readonly data: PlotData;
  readonly stacked: boolean;
  readonly yAxisMin: number | null;
  readonly hidden: ReadonlySet<number>;
  readonly exemplars: readonly ExemplarSeries[];
  readonly height: number;
  readonly onZoom: (startSeconds: number, endSeconds: number) => void;
}

const noneHidden: ReadonlySet<number> = new Set();
const isPainted = (data: PlotData): boolean => data.lines.length > slicedLimit;

function columns(data: PlotData, stacked: boolean, hidden: ReadonlySet<number>): uPlot.AlignedData {
  if (isPainted(data)) return [data.times, data.times.map(() => null)] as unknown as uPlot.AlignedData;
  const raw = data.lines.map((line) => line.values);
  const drawn = stacked ? stackLines(raw, hidden) : raw;
  return [data.times, ...drawn] as unknown as uPlot.AlignedData;
}

/**
 * A canvas with one line for each series. `data-series-count` is the number of series, including hidden ones. The
 * attribute is set after drawing.
 */
export function Plot({ data, stacked, yAxisMin, hidden, exemplars, height, onZoom }: PlotProps) {
  const { ref: sizeRef, width } = useElementSize<HTMLDivElement>();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [painted, setPainted] = useState<PlotData | null>(null);
  const scheme = useComputedColorScheme("light");
  const zone = useTimeZone();
  const zoom = useEffectEvent(onZoom);

  const values = useMemo(() => columns(data, stacked, hidden), [data, stacked, hidden]);
  const shownHidden = useRef(hidden);
  // Inputs that create a new plot. Its size, and hidden lines that uPlot itself draws, only change the existing plot.
  const hiddenWhenMade = isPainted(data) ? hidden : noneHidden;
  const picture = useMemo(
    () => ({ data, stacked, scheme, zone, yAxisMin, exemplars, hidden: hiddenWhenMade }),
    [data, stacked, scheme, zone, yAxisMin, exemplars, hiddenWhenMade],
  );
  const draw = useEffectEvent((what: typeof picture, parent: HTMLElement): uPlot => {
    const onZoom = (start: number, end: number): void => zoom(start, end);
    shownHidden.current = hidden;
    if (isPainted(what.data)) {
      const painter = new LinePainter(what.data, what, () => setPainted(what.data));
      return new uPlot(paintedPlotOptions(what.data, { ...what, onZoom }, { width, height }, painter), values, parent);
    }
    return new uPlot(plotOptions(what.data, { ...what, hidden, onZoom }, { width, height }), values, parent);
  });
  const measured = width > 0;
  const isDrawn = measured && (!isPainted(data) || painted === data);

  useLayoutEffect(() => {
    if (!measured || host.current === null) return;
    const made = draw(picture, host.current);
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = null;
    };
  }, [picture, measured]);

  useEffect(() => {
    if (width > 0) plot.current?.setSize({ width, height });
  }, [width, height]);

  useEffect(() => {
    const current = plot.current;
    if (current === null || shownHidden.current === hidden || isPainted(data)) return;
    shownHidden.current = hidden;
    current.batch(() => {
      current.delBand(null);
      for (const band of stacked ? stackBands(data.lines.length, hidden) : []) current.addBand(band);
      for (let index = 0; index < data.lines.length; index++) {
        const show = !hidden.has(index);
        if (current.series[index + 1]?.show !== show) current.setSeries(index + 1, { show });
      }
      current.setData(values);
    });
  }, [values, hidden, data, stacked]);

  return (
    <div
      ref={sizeRef}
      className={css("plot")}
      data-testid="graph"
      {...(isDrawn ? { "data-series-count": data.lines.length } : {})}
    >
      <div
        ref={host}
        role="img"
        aria-label={`Graph of ${data.lines.length} series. The legend below lists them; the Table tab has the values.`}
        style={{ minHeight: height }}
      />
    </div>
  );
}
