import { formatTime } from "@narthex/dashboards";
import { useMemo, useState } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { PlotMessage } from "../../plot/PlotMessage.tsx";
import { ScrollingPanel } from "../scrolling/ScrollingPanel.tsx";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { dividedLabels, type LogLine, logLines } from "./log-lines.ts";
import { logsOptions } from "./options.ts";
import styles from "./LogsPanel.module.css";

const css = classesOf(styles);

/** Number of lines that are shown before the user requests more. */
const SHOWN_AT_ONCE = 500;
const TIME_FORMAT = "YYYY-MM-DD HH:mm:ss.SSS";

/** A list of log lines; a click on a line shows its details. */
export function LogsPanel({ panel, frames, width, height, context }: PanelProps) {
  const options = useMemo(() => readOptions(logsOptions, panel.options), [panel.options]);
  const lines = useMemo(() => logLines(frames, options), [frames, options]);
  const labels = useMemo(() => dividedLabels(lines), [lines]);
  const [most, setMost] = useState(SHOWN_AT_ONCE);
  if (lines.length === 0)
    return (
      <PlotMessage text="No field contains text. Log lines are read from a text field." width={width} height={height} />
    );
  return (
    <ScrollingPanel name="Logs" panel={panel} width={width} height={height}>
      <div className={css("lines")}>
        {options.areCommonLabelsShown && labels.common !== "" && (
          <p className={css("common")}>Common labels: {labels.common}</p>
        )}
        <ol className={options.isWrapped ? css("list", "wrapped") : css("list")} aria-label="Log lines">
          {lines.slice(0, most).map((line) => (
            <Line
              key={line.key}
              line={line}
              time={options.isTimeShown && line.time !== null ? formatTime(line.time, context.zone, TIME_FORMAT) : ""}
              labels={options.areLabelsShown ? labels.uniqueOf(line) : ""}
              hasDetails={options.areDetailsShown}
            />
          ))}
        </ol>
        {lines.length > most && (
          <button type="button" className={css("more")} onClick={() => setMost(most + SHOWN_AT_ONCE)}>
            Show more of {lines.length} lines
          </button>
        )}
      </div>
    </ScrollingPanel>
  );
}

function Line({
  line,
  time,
  labels,
  hasDetails,
}: {
  line: LogLine;
  time: string;
  labels: string;
  hasDetails: boolean;
}) {
  const details = [...Object.entries(line.labels), ...line.details];
  const text = (
    <>
      {time !== "" && <span className={css("time")}>{time}</span>}
      {labels !== "" && <span className={css("labels")}>{labels}</span>}
      <span className={css("text")}>{line.text}</span>
    </>
  );
  if (!hasDetails || details.length === 0) return <li className={css("line")}>{text}</li>;
  return (
    <li className={css("line")}>
      <details>
        <summary className={css("summary")}>{text}</summary>
        <dl className={css("details")}>
          {details.map(([name, value], at) => (
            <div key={`${at} ${name}`} className={css("detail")}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </details>
    </li>
  );
}
