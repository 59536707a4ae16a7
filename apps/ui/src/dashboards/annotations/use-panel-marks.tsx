import type { ResolvedTimeRange } from "@narthex/dashboards";
import { useTimeout } from "@mantine/hooks";
import { lazy, type ReactNode, Suspense, useCallback, useMemo, useRef, useState } from "react";
import { useDashboardContext } from "../page/dashboard-context.ts";
import type { PanelAnnotation, PanelContext, PlaceOnPage } from "../panels/panel-kind.ts";
import { annotationsOn, type ShownPanel } from "./dashboard-annotation.ts";

const AnnotationCard = lazy(async () => ({ default: (await import("./AnnotationCard.tsx")).AnnotationCard }));

/** The pointer may leave a mark for so long on its way to what tells of it. */
const GRACE_MS = 250;

/** What the card beside a panel's axis shows. */
export interface ShownMarks {
  /** Undefined: a new one is made. */
  readonly marks: readonly PanelAnnotation[] | undefined;
  readonly range: ResolvedTimeRange;
  readonly place: PlaceOnPage;
  /** Whether it stays until it is dismissed. */
  readonly isKept: boolean;
}

interface PanelMarks extends Pick<PanelContext, "annotations" | "onMarks" | "onAnnotate"> {
  readonly card: ReactNode;
}

const noRange: ResolvedTimeRange = { from: 0, to: 0 };

/** The marks on a panel's axis of times, what tells of them, and makes new ones. */
export function usePanelMarks(panel: ShownPanel): PanelMarks {
  const { dashboard, zone, canAnnotate, reloadAnnotations } = useDashboardContext();
  const annotations = useMarksOn(panel);
  const [shown, setShown] = useState<ShownMarks | null>(null);
  const opener = useRef<Element | null>(null);
  const leave = useCallback(() => setShown((now) => (now?.isKept === true ? now : null)), []);
  const { start, clear } = useTimeout(leave, GRACE_MS);
  const onMarks: PanelContext["onMarks"] = useCallback(
    (pointed) => {
      clear();
      if (pointed === null) return start();
      const { marks, place, isKept } = pointed;
      opener.current = document.activeElement;
      setShown((now) => (now?.isKept === true && !isKept ? now : { marks, range: noRange, place, isKept }));
    },
    [start, clear],
  );
  const onAnnotate = useCallback(
    (range: ResolvedTimeRange, place: PlaceOnPage) => setShown({ marks: undefined, range, place, isKept: true }),
    [],
  );
  const close = (): void => {
    if (opener.current instanceof HTMLButtonElement) opener.current.focus({ preventScroll: true });
    opener.current = null;
    setShown(null);
  };
  const card = shown && (
    <Suspense fallback={null}>
      <AnnotationCard
        key={`${shown.range.from} ${shown.range.to} ${shown.place.left}`}
        shown={shown}
        zone={zone}
        dashboardUid={dashboard.uid}
        panelId={panel.panel.id}
        canChange={canAnnotate}
        onEnter={clear}
        onLeave={() => start()}
        onKeep={() => setShown((now) => now && { ...now, isKept: true })}
        onClose={close}
        onChanged={() => {
          close();
          reloadAnnotations();
        }}
      />
    </Suspense>
  );
  return { card, annotations, onMarks, onAnnotate: canAnnotate ? onAnnotate : undefined };
}

/** The dashboard's marks that stand on a panel: the same list until it holds others. */
function useMarksOn({ panel, lookup, frames }: ShownPanel): readonly PanelAnnotation[] {
  const { annotations: all } = useDashboardContext();
  const marks = useMemo(() => annotationsOn(all, { panel, lookup, frames }), [all, panel, lookup, frames]);
  const [kept, setKept] = useState(marks);
  if (kept === marks || (kept.length === marks.length && marks.every((mark, at) => mark === kept[at]))) return kept;
  setKept(marks);
  return marks;
}
