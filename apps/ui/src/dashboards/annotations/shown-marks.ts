import type { ResolvedTimeRange } from "@narthex/dashboards";
import type { PanelAnnotation, PlaceOnPage, PointedMarks } from "../panels/panel-kind.ts";

/** What the card beside a panel's axis shows. */
export interface ShownMarks {
  /** Undefined: a new one is made. */
  readonly marks: readonly PanelAnnotation[] | undefined;
  readonly range: ResolvedTimeRange;
  readonly place: PlaceOnPage;
  /** Whether it stays until it is dismissed. */
  readonly isKept: boolean;
  /** Forms in which something is written that is not saved. */
  readonly written: number;
  /** Whether it is asked if what is written is to be thrown away. */
  readonly isAsked: boolean;
}

export type MarksAction =
  | { readonly type: "point"; readonly pointed: PointedMarks }
  /** The pointer has left a mark for good. */
  | { readonly type: "leave" }
  | { readonly type: "annotate"; readonly range: ResolvedTimeRange; readonly place: PlaceOnPage }
  | { readonly type: "keep" }
  /** A form has something that is not saved, or has it no more. */
  | { readonly type: "written"; readonly step: 1 | -1 }
  | { readonly type: "dismiss" }
  | { readonly type: "go on" }
  | { readonly type: "close" };

const noRange: ResolvedTimeRange = { from: 0, to: 0 };

/** What the card shows after an action. What is written is not lost to a dismissal, or to other marks: it is asked about. */
export function reduceShown(now: ShownMarks | null, action: MarksAction): ShownMarks | null {
  switch (action.type) {
    case "point": {
      const { marks, place, isKept } = action.pointed;
      if (now?.isKept === true && !isKept) return now;
      return replaced(now, { marks, range: noRange, place, isKept });
    }
    case "annotate":
      return replaced(now, { marks: undefined, range: action.range, place: action.place, isKept: true });
    case "leave":
      return now?.isKept === true ? now : null;
    case "keep":
      return now && { ...now, isKept: true };
    case "written":
      return now && written(now, Math.max(0, now.written + action.step));
    case "dismiss":
      return replaced(now, null);
    case "go on":
      return now && { ...now, isAsked: false };
    case "close":
      return null;
  }
}

const written = (now: ShownMarks, count: number): ShownMarks => ({
  ...now,
  written: count,
  isAsked: now.isAsked && count > 0,
});

function replaced(
  now: ShownMarks | null,
  next: Pick<ShownMarks, "marks" | "range" | "place" | "isKept"> | null,
): ShownMarks | null {
  if (now !== null && now.written > 0) return { ...now, isAsked: true };
  return next && { ...next, written: 0, isAsked: false };
}
