import { formatTime } from "@narthex/dashboards";
import { classesOf } from "../../../shell/style-sheet.ts";
import { durationText } from "./duration-text.ts";
import { MAX_SPANS, type Trace } from "./read-trace.ts";
import styles from "./TraceHead.module.css";

const css = classesOf(styles);

const TIME_FORMAT = "YYYY-MM-DD HH:mm:ss.SSS";

/** Shows the name of a trace, its duration, and the numbers of its services, levels and spans. */
export function TraceHead({ trace, zone }: { readonly trace: Trace; readonly zone: string }) {
  const { spans, name, start, end, services, depth, errors, orphans, hidden } = trace;
  const numbers: readonly (readonly [string, string | number])[] = [
    ["Start", formatTime(start, zone, TIME_FORMAT)],
    ["Duration", durationText(end - start)],
    ["Services", services.length],
    ["Depth", depth],
    ["Spans", spans.length],
    ...(errors > 0 ? ([["Errors", errors]] as const) : []),
  ];
  return (
    <header className={css("head")}>
      <div className={css("title")}>
        <strong>{name}</strong> <code className={css("id")}>{spans[0]?.traceId}</code>
      </div>
      <dl className={css("numbers")}>
        {numbers.map(([label, value]) => (
          <div key={label} className={css("number")} data-label={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {orphans > 0 && (
        <p className={css("remark")}>
          {orphans === 1
            ? "The parent of 1 span is not in the trace. The span is shown as a root."
            : `The parents of ${orphans} spans are not in the trace. The spans are shown as roots.`}
        </p>
      )}
      {hidden > 0 && (
        <p className={css("remark")}>
          The trace has {hidden} more spans. The panel shows the first {MAX_SPANS}.
        </p>
      )}
    </header>
  );
}
