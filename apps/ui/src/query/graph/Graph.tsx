import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import type { ResolvedTimeRange } from "@narthex/dashboards";
import { useMemo, useState } from "react";
import type uPlot from "uplot";
import type { ExemplarSeries } from "../../api/query-result.ts";
import { Plot } from "../../plot/Plot.tsx";
import { useTimeZone } from "../../shell/time-zone.ts";
import { useShownFormat } from "../value-format.ts";
import { LinePainter, slicedLimit } from "./line-painter.ts";
import { stackLines } from "./plot-data.ts";
import type { PlotData } from "./plot-data.ts";
import { paintedPlotOptions, plotOptions } from "./plot-options.ts";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./Graph.module.css";

const css = classesOf(styles);

interface GraphProps {
  readonly data: PlotData;
  readonly stacked: boolean;
  readonly yAxisMin: number | null;
  /** Keys of hidden lines. */
  readonly hidden: ReadonlySet<string>;
  readonly exemplars: readonly ExemplarSeries[];
  readonly height: number;
  readonly onZoom: (range: ResolvedTimeRange) => void;
}

const isPainted = (data: PlotData): boolean => data.lines.length > slicedLimit;

function columns(data: PlotData, stacked: boolean, hidden: ReadonlySet<string>): uPlot.AlignedData {
  if (isPainted(data)) return [data.times, data.times.map(() => null)] as unknown as uPlot.AlignedData;
  const drawn = stacked ? stackLines(data.lines, hidden) : data.lines.map((line) => line.values);
  return [data.times, ...drawn] as unknown as uPlot.AlignedData;
}

/**
 * A chart with one line per series. The attribute `data-series-count` is the number of series including hidden ones,
 * and is set after drawing.
 */
export function Graph({ data, stacked, yAxisMin, hidden, exemplars, height, onZoom }: GraphProps) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const [painted, setPainted] = useState<PlotData | null>(null);
  const scheme = useComputedColorScheme("light");
  const zone = useTimeZone();
  const format = useShownFormat();
  const values = useMemo(() => columns(data, stacked, hidden), [data, stacked, hidden]);
  const look = useMemo(
    () => ({ data, stacked, scheme, zone, yAxisMin, exemplars, hidden, format }),
    [data, stacked, scheme, zone, yAxisMin, exemplars, hidden, format],
  );
  const isDrawn = width > 0 && (!isPainted(data) || painted === data);
  return (
    <div
      ref={ref}
      className={css("plot")}
      data-testid="graph"
      {...(isDrawn ? { "data-series-count": data.lines.length } : {})}
    >
      <Plot
        configKey={look}
        configure={(zoomOf: () => GraphProps["onZoom"]) => {
          const shown = { ...look, onZoom: (range: ResolvedTimeRange) => zoomOf()(range) };
          return isPainted(data)
            ? paintedPlotOptions(data, shown, new LinePainter(data, look, () => setPainted(data)))
            : plotOptions(data, shown);
        }}
        now={onZoom}
        data={values}
        width={width}
        height={height}
        label={`Graph of ${data.lines.length} series. The legend below lists them; the Table tab has the values.`}
      />
    </div>
  );
}
