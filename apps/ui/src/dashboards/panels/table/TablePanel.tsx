import { comparedFrame, FieldNames, type Frame, frameName } from "@narthex/dashboards";
import { useMemo, useState } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { tableOptions } from "./options.ts";
import { TableGrid } from "./TableGrid.tsx";
import styles from "./TablePanel.module.css";

const css = classesOf(styles);

/** Height in pixels of the frame selector below the table. */
const CHOOSER_PX = 34;

/** Panel type that shows a data frame as a table. If there are several frames, the user selects one. */
export function TablePanel({ panel, frames: present, width, height, context }: PanelProps) {
  const options = useMemo(() => readOptions(tableOptions, panel.options), [panel.options]);
  const { earlier } = context;
  const frames = useMemo(
    () => (earlier === undefined ? present : present.map((one) => comparedFrame(one, earlier))),
    [present, earlier],
  );
  const [chosen, choose] = useState<number>();
  const index = Math.min(chosen ?? options.frameIndex, frames.length - 1);
  const frame = frames[index];
  if (frame === undefined) return null;
  const isChooserShown = frames.length > 1;
  return (
    <div className={css("panel")} style={{ width, height }}>
      <TableGrid
        key={`${index} ${JSON.stringify(options.sortBy)}`}
        title={panel.title}
        frame={frame}
        options={options}
        width={width}
        height={height - (isChooserShown ? CHOOSER_PX : 0)}
        context={context}
      />
      {isChooserShown && (
        <select
          className={css("chooser")}
          aria-label="Table shown"
          value={index}
          onChange={(event) => choose(Number(event.currentTarget.value))}
        >
          {namesOf(frames).map((name, at) => (
            <option key={at} value={at}>
              {name}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}

function namesOf(frames: readonly Frame[]): readonly string[] {
  const names = new FieldNames(frames);
  return frames.map((frame, index) => frameName(frame, names) || `Table ${index + 1}`);
}
