import type { ResolvedTimeRange } from "@narthex/dashboards";
import type { PanelAnnotation, PageRect, PointedMarks } from "../../contracts/panel-kind.ts";

/** State of the card next to a panel's time axis. */
export interface ShownMarks {
  /** Marks whose details are shown. Undefined if the card shows the form for a new annotation. */
  readonly marks: readonly PanelAnnotation[] | undefined;
  readonly range: ResolvedTimeRange;
  readonly rect: PageRect;
  /** Whether the card stays open until the user closes it. */
  readonly isKept: boolean;
  /** Number of forms with unsaved text. */
  readonly written: number;
  /** Whether the card asks for confirmation before it discards unsaved text. */
  readonly isConfirming: boolean;
}

export type MarksAction =
  | { readonly type: "point"; readonly pointed: PointedMarks }
  /** The pointer has left a mark on the time axis and has not reached the card with its details in time. */
  | { readonly type: "leave" }
  | { readonly type: "annotate"; readonly range: ResolvedTimeRange; readonly rect: PageRect }
  | { readonly type: "keep" }
  /** The number of forms with unsaved text has increased (1) or decreased (-1). */
  | { readonly type: "written"; readonly step: 1 | -1 }
  | { readonly type: "dismiss" }
  | { readonly type: "go on" }
  | { readonly type: "close" };

const noRange: ResolvedTimeRange = { from: 0, to: 0 };

/**
 * Returns the state of the card after an action. If unsaved text would be lost, the card stays and asks for
 * confirmation.
 */
export function reduceShown(now: ShownMarks | null, action: MarksAction): ShownMarks | null {
  switch (action.type) {
    case "point": {
      const { marks, rect, isKept } = action.pointed;
      if (now?.isKept === true && !isKept) return now;
      return replaced(now, { marks, range: noRange, rect, isKept });
    }
    case "annotate":
      return replaced(now, { marks: undefined, range: action.range, rect: action.rect, isKept: true });
    case "leave":
      return now?.isKept === true ? now : null;
    case "keep":
      return now && { ...now, isKept: true };
    case "written":
      return now && written(now, Math.max(0, now.written + action.step));
    case "dismiss":
      return replaced(now, null);
    case "go on":
      return now && { ...now, isConfirming: false };
    case "close":
      return null;
  }
}

const written = (now: ShownMarks, count: number): ShownMarks => ({
  ...now,
  written: count,
  isConfirming: now.isConfirming && count > 0,
});

function replaced(
  now: ShownMarks | null,
  next: Pick<ShownMarks, "marks" | "range" | "rect" | "isKept"> | null,
): ShownMarks | null {
  if (now !== null && now.written > 0) return { ...now, isConfirming: true };
  return next && { ...next, written: 0, isConfirming: false };
}
