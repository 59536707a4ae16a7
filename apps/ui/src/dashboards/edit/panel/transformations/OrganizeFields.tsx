import { DraftText } from "../inputs/DraftText.tsx";
import { HideTool, MoveTools } from "../inputs/ItemTools.tsx";
import { textOf } from "../panel-edit.ts";
import { movedIndexes, orderedNames, partOf } from "./field-order.ts";
import type { StepFormProps } from "./step-form.ts";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./FieldRows.module.css";

const css = classesOf(styles);

export function OrganizeFields({ options, fieldNames, onEdit }: StepFormProps) {
  const excluded = partOf(options, "excludeByName");
  const renamed = partOf(options, "renameByName");
  const names = orderedNames(fieldNames, partOf(options, "indexByName"));
  if (names.length === 0) return <p className={css("none")}>There are no fields yet.</p>;
  return (
    <ul className={css("rows")}>
      {names.map((name, at) => {
        const isHidden = excluded[name] === true;
        return (
          <li key={name} className={css("row")} data-hidden={isHidden || undefined}>
            <HideTool
              label={`Hide ${name}`}
              isHidden={isHidden}
              onHide={(hide) => onEdit([{ path: ["excludeByName", name], value: hide || undefined }])}
            />
            <span className={css("name")}>{name}</span>
            <DraftText
              label={`Rename ${name}`}
              placeholder={`Rename ${name}`}
              className={css("input")}
              value={textOf(renamed, name)}
              onCommit={(text) => onEdit([{ path: ["renameByName", name], value: text === "" ? undefined : text }])}
            />
            <MoveTools
              name={name}
              isFirst={at === 0}
              isLast={at === names.length - 1}
              onMove={(by) => onEdit([{ path: ["indexByName"], value: movedIndexes(names, at, at + by) }])}
            />
          </li>
        );
      })}
    </ul>
  );
}
