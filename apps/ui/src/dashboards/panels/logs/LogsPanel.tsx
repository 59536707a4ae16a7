import { formatTime } from "@narthex/dashboards";
import { type CSSProperties, useCallback, useMemo, useState } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { VirtualList } from "../../../shell/VirtualList.tsx";
import { useHostDashboard } from "../../data/host-dashboard.ts";
import { PlotMessage } from "../../plot/PlotMessage.tsx";
import { ScrollingPanel } from "../scrolling/ScrollingPanel.tsx";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { FollowBar } from "./follow/FollowBar.tsx";
import { useFollowedLines } from "./follow/use-followed-lines.ts";
import { dividedLabels, type LogLine, logLines } from "./log-lines.ts";
import { logSource } from "./log-source.ts";
import { LogLineRow } from "./LogLineRow.tsx";
import { logsOptions } from "./options.ts";
import styles from "./LogsPanel.module.css";

const css = classesOf(styles);

const TIME_FORMAT = "YYYY-MM-DD HH:mm:ss.SSS";
/** Height of a line that is not wrapped, CSS pixels. */
const LINE_PX = 21;

/** A list of log lines, of which only the visible part is rendered. A click on a line shows its details. */
export function LogsPanel({ panel, frames: given, width, height, context }: PanelProps) {
  const options = useMemo(() => readOptions(logsOptions, panel.options), [panel.options]);
  const { frames, isOn, toggle: follow, error } = useFollowedLines(panel, given);
  const order = isOn ? "Descending" : options.order;
  const lines = useMemo(() => logLines(frames, { ...options, order }), [frames, options, order]);
  const labels = useMemo(() => dividedLabels(lines), [lines]);
  const { filterOf, requestOf } = useHostDashboard();
  const addFilter = useMemo(() => filterOf?.(panel), [filterOf, panel]);
  // The list stores which lines are open, because a line that is scrolled out of view is removed from the page.
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback(
    (key: string, isOpen: boolean): void =>
      setOpened((before) => {
        const after = new Set(before);
        if (isOpen) after.add(key);
        else after.delete(key);
        return after;
      }),
    [],
  );
  const contextOf = useCallback(
    (line: LogLine): string | undefined =>
      line.nanoseconds === "" || requestOf === undefined
        ? undefined
        : logSource(panel, line.frame.refId, requestOf(panel))?.uid,
    [panel, requestOf],
  );
  if (lines.length === 0 && !isOn)
    return (
      <PlotMessage text="No field contains text. Log lines are read from a text field." width={width} height={height} />
    );
  return (
    <ScrollingPanel name="Logs" panel={panel} width={width} height={height}>
      <div className={css("lines")} style={{ "--panel-width": `${width}px` } as CSSProperties}>
        {follow !== undefined && <FollowBar isOn={isOn} onToggle={follow} error={error} />}
        {options.areCommonLabelsShown && labels.common !== "" && (
          <p className={css("common")}>Common labels: {labels.common}</p>
        )}
        <div role="list" className={options.isWrapped ? css("list", "wrapped") : css("list")} aria-label="Log lines">
          <VirtualList
            items={lines}
            keyOf={({ key }) => key}
            wholeUpTo={100}
            estimatedHeight={LINE_PX}
            scroller="element"
            render={(line, index) => (
              <LogLineRow
                line={line}
                position={index + 1}
                total={lines.length}
                time={options.isTimeShown && line.time !== null ? formatTime(line.time, context.zone, TIME_FORMAT) : ""}
                labels={options.areLabelsShown ? labels.uniqueOf(line) : ""}
                isWrapped={options.isWrapped}
                hasDetails={options.areDetailsShown}
                isOpen={opened.has(line.key)}
                onToggle={toggle}
                onFilter={addFilter}
                isNewestFirst={order === "Descending"}
                contextOf={contextOf}
                linksOf={context.linksOf}
              />
            )}
          />
        </div>
      </div>
    </ScrollingPanel>
  );
}
