import type { PixelRect, PlacedPanel } from "@narthex/dashboards";
import { CELL_GAP_PX, CELL_HEIGHT_PX } from "@narthex/dashboards";
import { memo, useMemo, useState } from "react";
import type { KeyboardEvent, PointerEvent } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { scopedVariables } from "../../page/scoped-variables.ts";
import { PanelCard } from "../../panel/PanelCard.tsx";
import { RowHeader } from "../../panel/RowHeader.tsx";
import { useDashboardEdit } from "../edit-context.ts";
import { arranged, type Direction, type Gesture, sizeStepOf, stepOf } from "./arrange.ts";
import { withGesture, withoutPanel, withRowToggled } from "./panel-changes.ts";
import { PanelTools } from "./PanelTools.tsx";
import styles from "./EditCell.module.css";

const css = classesOf(styles);

interface EditCellProps {
  readonly placed: PlacedPanel;
  readonly rect: PixelRect;
  /** Whether panels stand where the dashboard has them, not one below the other. */
  readonly canArrange: boolean;
  /** What is being done to this panel. */
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

/** A panel or row with what takes hold of it. */
export function EditCell(props: EditCellProps) {
  const { placed, rect, canArrange, gesture } = props;
  const { panel } = placed;
  const { change } = useDashboardEdit();
  const drag = useDrag(props);
  const onKeyDown = useArrangeKeys(props);
  const isRow = panel.type === "row";
  const name = panel.title === "" ? (isRow ? "Row" : `Panel ${panel.id}`) : panel.title;
  return (
    <div className={css("cell")} data-edit-cell data-held={gesture !== undefined || undefined}>
      <CellContent
        placed={placed}
        width={rect.width}
        height={rect.height}
        onToggle={() =>
          change(`${panel.collapsed ? "Open" : "Close"} row ${name}`, (json) => withRowToggled(json, panel.id))
        }
      />
      {canArrange && <div className={isRow ? css("grip", "ofRow") : css("grip")} {...drag("move")} />}
      <PanelTools panel={panel} name={name} canArrange={canArrange} onKeyDown={onKeyDown} {...drag("move")} />
      {canArrange && !isRow && <div className={css("corner")} aria-hidden {...drag("resize")} />}
    </div>
  );
}

const CellContent = memo(function CellContent(props: {
  placed: PlacedPanel;
  width: number;
  height: number;
  onToggle: () => void;
}) {
  const { panel, scope } = props.placed;
  const scoped = useMemo(() => scopedVariables(scope), [scope]);
  if (panel.type === "row") return <RowHeader panel={panel} scoped={scoped} onToggle={props.onToggle} />;
  return <PanelCard panel={panel} scoped={scoped} width={props.width} height={props.height} isVisible />;
});

/** Where the pointer took hold, in pixels of the page, and the panel's place then. */
interface Hold {
  readonly kind: Gesture["kind"];
  readonly left: number;
  readonly top: number;
  readonly position: PlacedPanel["position"];
  /** Pixels from one column to the next. */
  readonly column: number;
}

/** Pixels from the edge of the window where a held panel makes the page scroll. */
const SCROLL_EDGE_PX = 50;

/** Moving a panel, or changing its size, by the pointer. */
function useDrag({ placed, rect, onGesture, gesture }: EditCellProps) {
  const { change } = useDashboardEdit();
  const [hold, setHold] = useState<Hold>();
  const { panel, position } = placed;
  const release = (isDone: boolean): void => {
    if (hold !== undefined && gesture !== undefined && isDone) {
      const name = `${hold.kind === "move" ? "Move" : "Resize"} ${panel.title || `panel ${panel.id}`}`;
      change(name, (json) => withGesture(json, gesture));
    }
    setHold(undefined);
    onGesture(undefined);
  };
  return (kind: Gesture["kind"]) => ({
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      const column = (rect.width + CELL_GAP_PX) / position.w;
      setHold({ kind, left: event.pageX, top: event.pageY, position, column });
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (hold === undefined) return;
      if (event.clientY < SCROLL_EDGE_PX) scrollBy(0, -20);
      else if (event.clientY > innerHeight - SCROLL_EDGE_PX) scrollBy(0, 20);
      onGesture(heldGesture(panel.id, hold, event));
    },
    onPointerUp: () => release(true),
    onPointerCancel: () => release(false),
    onLostPointerCapture: () => {
      if (hold !== undefined) release(false);
    },
  });
}

function heldGesture(id: number, hold: Hold, { pageX, pageY }: PointerEvent): Gesture {
  const right = Math.round((pageX - hold.left) / hold.column);
  const down = Math.round((pageY - hold.top) / (CELL_HEIGHT_PX + CELL_GAP_PX));
  const { x, y, w, h } = hold.position;
  return hold.kind === "move"
    ? { kind: "move", id, x: Math.max(x + right, 0), y: Math.max(y + down, 0) }
    : { kind: "resize", id, w: w + right, h: h + down };
}

/** Moving a panel by keys: arrows move it, with Shift they change its size; Delete takes it away. */
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
      announce(`${name} can go no further.`);
      return;
    }
    const verb = gesture.kind === "move" ? "Move" : "Resize";
    change(`${verb} ${name}`, (json) => withGesture(json, gesture), `${gesture.kind} ${panel.id}`);
    announce(`${name}: column ${after.x + 1}, line ${after.y + 1}, ${after.w} wide, ${after.h} high.`);
    const { currentTarget } = event;
    requestAnimationFrame(() => currentTarget.scrollIntoView({ block: "nearest" }));
  };
}
