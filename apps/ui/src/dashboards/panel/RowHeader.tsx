import { type BoundVariable, interpolate, type Panel } from "@narthex/dashboards";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { classesOf } from "../../shell/style-sheet.ts";
import { useDashboardContext } from "../data/dashboard-context.ts";
import styles from "./RowHeader.module.css";

const css = classesOf(styles);

/** The header of a row; a click shows or hides the row's panels. */
export function RowHeader({
  panel,
  scoped,
  onToggle,
}: {
  panel: Panel;
  scoped: ReadonlyMap<string, BoundVariable>;
  onToggle: () => void;
}) {
  const { lookupFor } = useDashboardContext();
  const title = interpolate(panel.title, lookupFor(scoped), "text");
  const Chevron = panel.collapsed ? IconChevronRight : IconChevronDown;
  return (
    <button
      type="button"
      className={css("row")}
      aria-expanded={!panel.collapsed}
      data-panel-id={panel.id}
      data-panel-type="row"
      data-panel-state="data"
      onClick={onToggle}
    >
      <Chevron size={16} aria-hidden />
      <span className={css("title")}>{title === "" ? "Row" : title}</span>
      {panel.collapsed && <span className={css("count")}>({panel.panels.length} panels)</span>}
    </button>
  );
}
