import { useElementSize } from "@mantine/hooks";
import { useMemo, useState } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { useHiddenSeries } from "../../../plot/hidden-series.ts";
import { Legend, type LegendItem } from "../../../plot/Legend.tsx";
import { Plot } from "../../../plot/Plot.tsx";
import { PageControls } from "../paging/PageControls.tsx";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { planStates, type StatePlan } from "./state-rows.ts";
import { timelineConfig, timelineKey, type TimelineMoment, type TimelineSettings } from "./timeline-plot.ts";
import styles from "./Timeline.module.css";

const css = classesOf(styles);

/** Maximum number of states for which a legend is shown. A longer legend would not be readable. */
const MAX_LEGEND = 60;

interface TimelineProps extends PanelProps {
  readonly settings: TimelineSettings;
  readonly shape: "spans" | "samples";
  readonly mergesValues: boolean;
}

/** Draws rows of states over time, in pages. The legend hides and shows states. */
export function Timeline({ panel, frames, width, height, context, settings, shape, mergesValues }: TimelineProps) {
  const [page, setPage] = useState(0);
  const whole = useMemo(
    () => planStates(frames, { shape, mergesValues, range: context.range, viewOf: context.viewOf }),
    [frames, shape, mergesValues, context],
  );
  const [hidden, hide] = useHiddenSeries(whole.states);
  const pages = Math.max(1, Math.ceil(whole.rows.length / settings.perPage));
  const shownPage = Math.min(page, pages - 1);
  const plan = useMemo(
    (): StatePlan => ({
      states: whole.states,
      rows: whole.rows.slice(shownPage * settings.perPage, (shownPage + 1) * settings.perPage),
    }),
    [whole, shownPage, settings.perPage],
  );
  const now = useMemo((): TimelineMoment => ({ plan, context, hidden }), [plan, context, hidden]);
  // A new array for each change, because uPlot draws again only if it receives a new array.
  const data = useMemo(
    (): [Float64Array, null[]] => [Float64Array.of(now.context.range.from, now.context.range.to), [null, null]],
    [now],
  );
  const { ref, width: plotWidth, height: plotHeight } = useElementSize<HTMLDivElement>();
  const { theme, zone, syncKey } = context;
  const picture = `${theme.scheme} ${zone} ${syncKey} ${plotWidth < 480} ${timelineKey(plan)} ${JSON.stringify(settings)}`;
  const items = useMemo(
    () => whole.states.map(({ key, text, color }): LegendItem => ({ key, name: text, color, values: [] })),
    [whole],
  );
  const isLegendShown =
    settings.isLegendShown && settings.legendMode !== "hidden" && items.length > 0 && items.length <= MAX_LEGEND;
  if (whole.rows.length === 0) return <p className={css("empty")}>No field has values over time.</p>;
  return (
    <div className={css("panel")} data-placement={settings.legendPlacement} style={{ width, height }}>
      <div ref={ref} className={css("canvas")}>
        <Plot
          configKey={picture}
          configure={(nowOf: () => TimelineMoment) => timelineConfig(settings, plotWidth, nowOf)}
          now={now}
          data={data}
          width={plotWidth}
          height={plotHeight}
          label={`${panel.title}: states of ${plan.rows.length} rows over time`}
        />
      </div>
      {pages > 1 && (
        <PageControls
          label="Pages of rows"
          page={shownPage}
          pages={pages}
          pageRows={settings.perPage}
          rows={whole.rows.length}
          onPage={setPage}
        />
      )}
      {isLegendShown && (
        <div className={css("legend")}>
          <Legend
            items={items}
            settings={{
              mode: "list",
              placement: settings.legendPlacement,
              columns: [],
              sortBy: "",
              sortDescending: false,
            }}
            hidden={hidden}
            onHide={hide}
          />
        </div>
      )}
    </div>
  );
}
