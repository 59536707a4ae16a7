import { useElementSize } from "@mantine/hooks";
import { useMemo, useState } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { Plot } from "../../../plot/Plot.tsx";
import { type PlannedProps, plannedPanel } from "../../plot/planned-panel.tsx";
import { ColorScale } from "./ColorScale.tsx";
import { type HeatmapPlan, planHeatmap } from "./heatmap-plan.ts";
import { heatmapConfig, heatmapKey, type HeatmapMoment } from "./heatmap-plot.ts";
import styles from "./HeatmapPanel.module.css";
import { heatmapOptions, type HeatmapOptions } from "./options.ts";

const css = classesOf(styles);

/** Minimum height of a panel with a legend, pixels. */
const MIN_HEIGHT_OF_LEGEND = 120;

function DrawnHeatmap({ panel, width, height, context, plan, options }: PlannedProps<HeatmapPlan, HeatmapOptions>) {
  const [pointed, setPointed] = useState<number | null>(null);
  const { ref, width: plotWidth, height: plotHeight } = useElementSize<HTMLDivElement>();
  const now = useMemo((): HeatmapMoment => ({ plan, context, onPoint: setPointed }), [plan, context]);
  // A new array for each change, because uPlot draws again only if it receives a new array.
  const data = useMemo(
    (): [Float64Array, null[]] => [Float64Array.of(now.context.range.from, now.context.range.to), [null, null]],
    [now],
  );
  const key = useMemo(() => heatmapKey(plan, options), [plan, options]);
  const { theme, zone, syncKey, isTooltipShared } = context;
  const picture = `${theme.scheme} ${zone} ${syncKey} ${isTooltipShared} ${plotWidth < 480} ${key}`;
  return (
    <div className={css("panel")} style={{ width, height }}>
      <div ref={ref} className={css("canvas")}>
        <Plot
          configKey={picture}
          configure={(nowOf: () => HeatmapMoment) => heatmapConfig(options, plotWidth, nowOf)}
          now={now}
          data={data}
          width={plotWidth}
          height={plotHeight}
          label={`${panel.title}: heatmap of ${plan.cells.length} cells`}
        />
      </div>
      {options.isLegendShown && height >= MIN_HEIGHT_OF_LEGEND && <ColorScale plan={plan} pointed={pointed} />}
    </div>
  );
}

/** Draws counts as coloured cells. The horizontal axis shows times, the vertical axis values. */
export const HeatmapPanel = plannedPanel(heatmapOptions, planHeatmap, DrawnHeatmap);
