import { CELL_GAP_PX, CELL_HEIGHT_PX, type GridPosition, type Panel, type PixelRect } from "@narthex/dashboards";
import { type PointerEvent, type RefObject, useLayoutEffect, useRef, useState } from "react";
import { useDashboardEdit } from "../../draft/edit-context.ts";
import type { Gesture } from "../../draft/arrange.ts";
import { withGesture } from "../../draft/panel-changes.ts";

interface Point {
  readonly left: number;
  readonly top: number;
}

interface Hold extends Point {
  readonly kind: Gesture["kind"];
  /** The panel's position in the grid and its rectangle in pixels, when the drag started. */
  readonly position: GridPosition;
  readonly rect: PixelRect;
  /** Distance between the left edges of neighbouring columns, pixels. */
  readonly column: number;
}

/** Distance from an edge of the window, pixels. While a dragged panel is closer to the edge, the page scrolls. */
const SCROLL_EDGE_PX = 50;

/**
 * Moves or resizes a panel with the pointer. While the pointer moves, only the style of the panel's element changes.
 * `onGesture` is called when the pointer reaches another cell of the grid.
 * @param element element of the dragged panel, inside the cell at `rect`
 * @returns event handlers for the elements that move or resize the panel
 */
export function usePanelDrag({
  panel,
  columns,
  rect,
  element,
  gesture,
  onGesture,
}: {
  readonly panel: Panel;
  /** Width of the drawn panel in columns of the grid. The copies of a repeated panel have another width than the panel. */
  readonly columns: number;
  readonly rect: PixelRect;
  readonly element: RefObject<HTMLElement | null>;
  readonly gesture: Gesture | undefined;
  readonly onGesture: (gesture: Gesture | undefined) => void;
}) {
  const { change } = useDashboardEdit();
  const [hold, setHold] = useState<Hold>();
  const pointer = useRef<Point>(null);

  const follow = (): void => {
    if (pointer.current === null) return;
    const offset = hold?.kind === "move" ? offsetOf(hold, pointer.current, rect) : "";
    element.current?.style.setProperty("transform", offset);
  };
  // Updates the element's offset after each render, because the offset is relative to the cell, which a gesture may
  // have moved.
  useLayoutEffect(follow);

  const release = (isDone: boolean): void => {
    if (hold !== undefined && gesture !== undefined && isDone && !isUnchanged(gesture, hold.position)) {
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
      const { position } = panel;
      const column = (rect.width + CELL_GAP_PX) / columns;
      pointer.current = { left: event.pageX, top: event.pageY };
      setHold({ ...pointer.current, kind, position, rect, column });
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (hold === undefined) return;
      if (event.clientY < SCROLL_EDGE_PX) scrollBy(0, -20);
      else if (event.clientY > innerHeight - SCROLL_EDGE_PX) scrollBy(0, 20);
      pointer.current = { left: event.pageX, top: event.pageY };
      follow();
      const next = gestureOf(panel.id, hold, pointer.current);
      if (gesture === undefined || !isSame(gesture, next)) onGesture(next);
    },
    onPointerUp: () => release(true),
    onPointerCancel: () => release(false),
    onLostPointerCapture: () => {
      if (hold !== undefined) release(false);
    },
  });
}

function offsetOf(hold: Hold, pointer: Point, rect: PixelRect): string {
  const left = hold.rect.left + pointer.left - hold.left - rect.left;
  const top = hold.rect.top + pointer.top - hold.top - rect.top;
  return `translate(${left}px, ${top}px)`;
}

function gestureOf(id: number, hold: Hold, pointer: Point): Gesture {
  const right = Math.round((pointer.left - hold.left) / hold.column);
  const down = Math.round((pointer.top - hold.top) / (CELL_HEIGHT_PX + CELL_GAP_PX));
  const { x, y, w, h } = hold.position;
  return hold.kind === "move"
    ? { kind: "move", id, x: Math.max(x + right, 0), y: Math.max(y + down, 0) }
    : { kind: "resize", id, w: w + right, h: h + down };
}

function isSame(one: Gesture, other: Gesture): boolean {
  if (one.id !== other.id) return false;
  if (one.kind === "move") return other.kind === "move" && one.x === other.x && one.y === other.y;
  return other.kind === "resize" && one.w === other.w && one.h === other.h;
}

/** Reports whether a gesture ends at the panel's original position, or at its original size. */
function isUnchanged(gesture: Gesture, { x, y, w, h }: GridPosition): boolean {
  return gesture.kind === "move" ? gesture.x === x && gesture.y === y : gesture.w === w && gesture.h === h;
}
