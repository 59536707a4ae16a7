import {
  type Panel,
  type PixelRect,
  type PlacedPanel,
  scopedVariables,
  type ScopedVariables,
} from "@narthex/dashboards";
import { memo, useMemo, useRef, useState } from "react";
import type { KeyboardEvent } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { PanelCard } from "../../panel/PanelCard.tsx";
import { RowHeader } from "../../panel/RowHeader.tsx";
import { useDashboardEdit } from "../../draft/edit-context.ts";
import { arranged, type Direction, type Gesture, sizeStepOf, stepOf } from "../../draft/arrange.ts";
import { withGesture, withoutPanel, withRowToggled } from "../../draft/panel-changes.ts";
import { usePanelDrag } from "./panel-drag.ts";
import { PanelTools } from "./PanelTools.tsx";
import styles from "./EditCell.module.css";

const css = classesOf(styles);

interface EditCellProps {
  readonly placed: PlacedPanel;
  readonly rect: PixelRect;
  /**
   * Whether panels are at their positions in the grid, so that they can be moved; false if they are in one column on a
   * narrow screen.
   */
  readonly canArrange: boolean;
  readonly gesture: Gesture | undefined;
  readonly onGesture: (gesture: Gesture | undefined) => void;
  readonly announce: (message: string) => void;
}

const DIRECTIONS: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

/** A panel or row with handles by which the user moves and resizes it. */
export function EditCell(props: EditCellProps) {
  const { placed, rect, canArrange, gesture, onGesture } = props;
  const { panel, scope } = placed;
  const element = useRef<HTMLDivElement>(null);
  const drag = usePanelDrag({ panel, columns: placed.position.w, rect, element, gesture, onGesture });
  const onKeyDown = useArrangeKeys(props);
  const isRow = panel.type === "row";
  const name = panel.title === "" ? (isRow ? "Row" : `Panel ${panel.id}`) : panel.title;
  return (
    <>
      {gesture?.kind === "move" && <div className={css("target")} aria-hidden />}
      <div ref={element} className={css("cell")} data-edit-cell data-held={gesture !== undefined || undefined}>
        {isRow ? (
          <Row panel={panel} name={name} scope={scope} />
        ) : (
          <CellContent panelKey={placed.key} panel={panel} scope={scope} width={rect.width} height={rect.height} />
        )}
        {canArrange && <div className={isRow ? css("grip", "ofRow") : css("grip")} {...drag("move")} />}
        <PanelTools panel={panel} name={name} canArrange={canArrange} onKeyDown={onKeyDown} {...drag("move")} />
        {canArrange && !isRow && <div className={css("corner")} aria-hidden {...drag("resize")} />}
      </div>
    </>
  );
}

/** A copy of a repeated panel or row. Users edit the first copy, so this one has no tools. */
export function CopyCell({ placed: { key, panel, scope }, rect }: Pick<EditCellProps, "placed" | "rect">) {
  const scoped = useMemo(() => scopedVariables(scope), [scope]);
  return (
    <div className={css("cell", "copy")} data-copy inert>
      {panel.type === "row" ? (
        <RowHeader panel={panel} scoped={scoped} onToggle={() => undefined} />
      ) : (
        <CellContent panelKey={key} panel={panel} scope={scope} width={rect.width} height={rect.height} />
      )}
    </div>
  );
}

function Row({ panel, name, scope }: { panel: Panel; name: string; scope: ScopedVariables }) {
  const { change } = useDashboardEdit();
  const scoped = useMemo(() => scopedVariables(scope), [scope]);
  const toggle = (): void =>
    change(`${panel.collapsed ? "Open" : "Close"} row ${name}`, (json) => withRowToggled(json, panel.id));
  return <RowHeader panel={panel} scoped={scoped} onToggle={toggle} />;
}

/** The card of a panel, memoized so that a move of the panel does not render it again. */
const CellContent = memo(function CellContent({
  panelKey,
  panel,
  scope,
  width,
  height,
}: {
  panelKey: string;
  panel: Panel;
  scope: ScopedVariables;
  width: number;
  height: number;
}) {
  const scoped = useMemo(() => scopedVariables(scope), [scope]);
  const shown = usePanelBeforeMoves(panel);
  return <PanelCard panelKey={panelKey} panel={shown} scoped={scoped} width={width} height={height} isVisible />;
});

/** Returns the same panel object as before if the new panel differs only in its position. */
function usePanelBeforeMoves(panel: Panel): Panel {
  const [kept, keep] = useState(panel);
  if (kept === panel || isSamePanel(kept, panel)) return kept;
  keep(panel);
  return panel;
}

/** Reports whether two panels have the same JSON values, compared by object identity. The position is ignored. */
function isSamePanel({ source: one }: Panel, { source: other }: Panel): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => name === "gridPos" || (name in other && one[name] === other[name]))
  );
}

/** Returns a keyboard handler: arrow keys move a panel, arrow keys with Shift resize it, and Delete removes it. */
function useArrangeKeys({ placed: { panel }, canArrange, announce }: EditCellProps) {
  const { change, dashboard } = useDashboardEdit();
  const name = panel.title || `panel ${panel.id}`;
  return (event: KeyboardEvent<HTMLElement>): void => {
    if (event.key === "Delete") {
      event.preventDefault();
      change(`Remove ${name}`, (json) => withoutPanel(json, panel.id));
      announce(`${name} is removed.`);
      return;
    }
    const direction = DIRECTIONS[event.key];
    if (direction === undefined || !canArrange || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const gesture = (event.shiftKey ? sizeStepOf : stepOf)(dashboard.panels, panel.id, direction);
    const after = gesture && arranged(dashboard.panels, gesture).find(({ id }) => id === panel.id)?.position;
    if (gesture === undefined || after === undefined) {
      announce(`${name} cannot move further.`);
      return;
    }
    const verb = gesture.kind === "move" ? "Move" : "Resize";
    change(`${verb} ${name}`, (json) => withGesture(json, gesture), `${gesture.kind} ${panel.id}`);
    announce(`${name}: column ${after.x + 1}, line ${after.y + 1}, ${after.w} wide, ${after.h} high.`);
    const { currentTarget } = event;
    requestAnimationFrame(() => currentTarget.scrollIntoView({ block: "nearest" }));
  };
}
