import "uplot/dist/uPlot.min.css";
import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import { usePreferences } from "../../shell/preferences.ts";
import { stackLines } from "./plot-data.ts";
import type { PlotData } from "./plot-data.ts";
import { plotOptions, stackBands } from "./plot-options.ts";

/** What the plot shows and how. */
export interface PlotProps {
  readonly data: PlotData;
  readonly stacked: boolean;
  readonly yAxisMin: number | null;
  readonly hidden: ReadonlySet<number>;
  readonly height: number;
  readonly onZoom: (startSeconds: number, endSeconds: number) => void;
}

function columns(data: PlotData, stacked: boolean, hidden: ReadonlySet<number>): uPlot.AlignedData {
  const raw = data.lines.map((line) => line.values);
  const drawn = stacked ? stackLines(raw, hidden) : raw;
  return [data.times, ...drawn] as unknown as uPlot.AlignedData;
}

/** A canvas with one line per series. `data-series-count` tells how many are drawn once they are. */
export default function Plot({ data, stacked, yAxisMin, hidden, height, onZoom }: PlotProps) {
  const { ref: sizeRef, width } = useElementSize<HTMLDivElement>();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [drawn, setDrawn] = useState<number | null>(null);
  const scheme = useComputedColorScheme("light");
  const { useLocalTime } = usePreferences();
  const zoom = useEffectEvent(onZoom);

  const values = useMemo(() => columns(data, stacked, hidden), [data, stacked, hidden]);
  const shownHidden = useRef(hidden);
  // What makes a new plot; size and hidden lines only change the one there is.
  const picture = useMemo(
    () => ({ data, stacked, scheme, local: useLocalTime, yAxisMin }),
    [data, stacked, scheme, useLocalTime, yAxisMin],
  );
  const draw = useEffectEvent((what: typeof picture, parent: HTMLElement): uPlot => {
    const onZoomed = (start: number, end: number): void => zoom(start, end);
    shownHidden.current = hidden;
    return new uPlot(plotOptions(what.data, { ...what, hidden, onZoom: onZoomed }, { width, height }), values, parent);
  });
  const measured = width > 0;

  useLayoutEffect(() => {
    if (!measured || host.current === null) return;
    const made = draw(picture, host.current);
    plot.current = made;
    setDrawn(picture.data.lines.length);
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
    if (current === null || shownHidden.current === hidden) return;
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
    <div ref={sizeRef} className="plot" data-testid="graph" {...(drawn === null ? {} : { "data-series-count": drawn })}>
      <div
        ref={host}
        role="img"
        aria-label={`Graph of ${data.lines.length} series. The legend below lists them; the Table tab has the values.`}
        style={{ minHeight: height }}
      />
    </div>
  );
}
