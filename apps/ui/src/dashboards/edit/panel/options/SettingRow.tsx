import { IconArrowBackUp } from "@tabler/icons-react";
import { useId } from "react";
import type { ReactNode } from "react";
import { Tool } from "../inputs/Tool.tsx";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./SettingRow.module.css";

const css = classesOf(styles);

export function SettingRow({
  name,
  description,
  isChanged = false,
  onReset,
  children,
}: {
  name: string;
  description?: string | undefined;
  isChanged?: boolean;
  /** Restores the default value; undefined if the setting cannot be reset. */
  onReset?: () => void;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <div className={css("row")} role="group" aria-labelledby={id} data-changed={isChanged || undefined}>
      <div className={css("head")}>
        <span id={id} className={css("name")}>
          {name}
        </span>
        {isChanged && onReset !== undefined && (
          <Tool label={`Reset ${name}`} onClick={onReset}>
            <IconArrowBackUp size={12} />
          </Tool>
        )}
      </div>
      {description !== undefined && <div className={css("description")}>{description}</div>}
      {children}
    </div>
  );
}
