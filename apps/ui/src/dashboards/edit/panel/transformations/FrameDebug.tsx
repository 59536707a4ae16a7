import { FieldNames, type Frame, valueAt } from "@narthex/dashboards";
import { formatInstantWithZone } from "../../../../format/instant.ts";
import { classesOf } from "../../../../shell/style-sheet.ts";
import { useDashboardContext } from "../../../data/dashboard-context.ts";
import styles from "./FrameDebug.module.css";

const css = classesOf(styles);

/** Maximum number of frames, fields and rows that are shown, which is enough to see the effect of a step. */
const MAX_FRAMES = 20;
const MAX_FIELDS = 30;
const MAX_ROWS = 5;

/** Shows the input or output frames of a transformation step: the names and types of fields, and their first values. */
export function FrameDebug({ title, frames }: { title: string; frames: readonly Frame[] }) {
  const names = new FieldNames(frames);
  const { zone } = useDashboardContext();
  return (
    <div className={css("debug")}>
      <h4 className={css("title")}>
        {title}: {frames.length} {frames.length === 1 ? "frame" : "frames"}
      </h4>
      {frames.slice(0, MAX_FRAMES).map((frame, at) => (
        // The index is the React key, because frames have no id.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={at} className={css("frame")}>
          <div className={css("head")}>
            {[frame.refId, frame.name].filter((text) => text !== undefined && text !== "").join(" ")} · {frame.length}{" "}
            {frame.length === 1 ? "row" : "rows"}
          </div>
          <div className={css("scroll")} tabIndex={0} role="group" aria-label={`${title}, frame ${at + 1}`}>
            <table className={css("table")}>
              <thead>
                <tr>
                  {frame.fields.slice(0, MAX_FIELDS).map((field, index) => (
                    // oxlint-disable-next-line react/no-array-index-key
                    <th key={index} scope="col">
                      {names.nameOf(field, frame)} <span className={css("type")}>{field.type}</span>
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {Array.from({ length: Math.min(MAX_ROWS, frame.length) }, (_, row) => (
                  <tr key={row}>
                    {frame.fields.slice(0, MAX_FIELDS).map((field, index) => (
                      // oxlint-disable-next-line react/no-array-index-key
                      <td key={index}>{cellText(valueAt(field, row), field.type === "time", zone)}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </div>
      ))}
      {frames.length > MAX_FRAMES && <p>… and {frames.length - MAX_FRAMES} more</p>}
    </div>
  );
}

function cellText(value: unknown, isTime: boolean, zone: string): string {
  if (value === null || value === undefined) return "";
  if (isTime && typeof value === "number") return Number.isFinite(value) ? formatInstantWithZone(value, zone) : "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return (text ?? "").slice(0, 80);
}
