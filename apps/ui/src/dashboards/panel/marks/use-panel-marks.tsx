import type { ResolvedTimeRange } from "@narthex/dashboards";
import { useTimeout } from "@mantine/hooks";
import { type ReactNode, useCallback, useMemo, useReducer, useRef, useState } from "react";
import { useDashboardContext } from "../../data/dashboard-context.ts";
import type { PanelAnnotation, PanelContext, PageRect } from "../../contracts/panel-kind.ts";
import { annotationsOn, type ShownPanel } from "../../contracts/dashboard-annotation.ts";
import { reduceShown } from "./shown-marks.ts";
import { whenLoaded } from "../../../shell/when-loaded.tsx";

const AnnotationCard = whenLoaded(
  async () => ({ default: (await import("./AnnotationCard.tsx")).AnnotationCard }),
  null,
);

/**
 * Time in ms for which the card with details stays open after the pointer has left a mark on the time axis, so that the
 * user can reach the card.
 */
const GRACE_MS = 250;

/**
 * The part of `PanelContext` about marks on time axes. The object stays the same until one of its properties changes.
 */
export type MarksContext = Pick<PanelContext, "annotations" | "onMarks" | "onAnnotate">;

interface PanelMarks {
  readonly marks: MarksContext;
  readonly card: ReactNode;
}

/** Returns the marks on a panel's time axis, and the card for their details and for new annotations. */
export function usePanelMarks(panel: ShownPanel): PanelMarks {
  const { dashboard, zone, canAnnotate, reloadAnnotations } = useDashboardContext();
  const annotations = useMarksOn(panel);
  const [shown, dispatch] = useReducer(reduceShown, null);
  const opener = useRef<Element | null>(null);
  const leave = useCallback(() => dispatch({ type: "leave" }), []);
  const { start, clear } = useTimeout(leave, GRACE_MS);
  const onMarks: PanelContext["onMarks"] = useCallback(
    (pointed) => {
      clear();
      if (pointed === null) return start();
      opener.current = document.activeElement;
      dispatch({ type: "point", pointed });
    },
    [start, clear],
  );
  const onAnnotate = useCallback(
    (range: ResolvedTimeRange, rect: PageRect) => dispatch({ type: "annotate", range, rect }),
    [],
  );
  const onWritten = useCallback(() => {
    dispatch({ type: "written", step: 1 });
    return () => dispatch({ type: "written", step: -1 });
  }, []);
  const close = (): void => {
    if (opener.current instanceof HTMLButtonElement) opener.current.focus({ preventScroll: true });
    opener.current = null;
    dispatch({ type: "close" });
  };
  const card = shown && (
    <AnnotationCard
      key={`${shown.range.from} ${shown.range.to} ${shown.rect.left}`}
      shown={shown}
      zone={zone}
      dashboardUid={dashboard.uid}
      panelId={panel.panel.id}
      canChange={canAnnotate}
      onEnter={clear}
      onLeave={() => start()}
      onKeep={() => dispatch({ type: "keep" })}
      onDismiss={() => (shown.written > 0 ? dispatch({ type: "dismiss" }) : close())}
      onClose={close}
      onContinue={() => dispatch({ type: "go on" })}
      onWritten={onWritten}
      onChanged={() => {
        close();
        reloadAnnotations();
      }}
    />
  );
  const marks = useMemo(
    () => ({ annotations, onMarks, onAnnotate: canAnnotate ? onAnnotate : undefined }),
    [annotations, onMarks, canAnnotate, onAnnotate],
  );
  return { card, marks };
}

/** Returns the marks on a panel's time axis. The list is the same object until its content changes. */
function useMarksOn({ panel, lookup, frames }: ShownPanel): readonly PanelAnnotation[] {
  const { annotations: all } = useDashboardContext();
  const marks = useMemo(() => annotationsOn(all, { panel, lookup, frames }), [all, panel, lookup, frames]);
  const [kept, setKept] = useState(marks);
  if (kept === marks || (kept.length === marks.length && marks.every((mark, at) => mark === kept[at]))) return kept;
  setKept(marks);
  return marks;
}
