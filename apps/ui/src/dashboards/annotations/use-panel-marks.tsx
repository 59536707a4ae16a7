import type { ResolvedTimeRange } from "@narthex/dashboards";
import { useTimeout } from "@mantine/hooks";
import { lazy, type ReactNode, Suspense, useCallback, useRef, useState } from "react";
import { useDashboardContext } from "../page/dashboard-context.ts";
import type { PanelAnnotation, PanelContext, PlaceOnPage } from "../panels/panel-kind.ts";

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

interface PanelMarks extends Pick<PanelContext, "onMarks" | "onAnnotate"> {
  readonly card: ReactNode;
}

const noRange: ResolvedTimeRange = { from: 0, to: 0 };

/** What tells of the marks on a panel's axis of times, and makes new ones. */
export function usePanelMarks(panelId: number): PanelMarks {
  const { dashboard, zone, canAnnotate, reloadAnnotations } = useDashboardContext();
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
        panelId={panelId}
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
  return { card, onMarks, onAnnotate: canAnnotate ? onAnnotate : undefined };
}
