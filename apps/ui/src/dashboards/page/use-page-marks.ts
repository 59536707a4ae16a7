import { useAlertMarks } from "../data/alerts/use-alert-marks.ts";
import type { DashboardAnnotation } from "../contracts/dashboard-annotation.ts";
import { type MarkSwitch, useAnnotations, useShownMarks } from "../data/annotations/use-annotations.ts";

interface PageMarks {
  readonly switches: readonly MarkSwitch[];
  /** The annotations, alerts and silences that the user has not switched off, ordered by time. */
  readonly shown: readonly DashboardAnnotation[];
  /** Requests the annotations again after a user has created or changed one. */
  readonly reload: () => void;
}

/** Returns the marks on the time axes of an open dashboard: annotations, alerts and silences. */
export function usePageMarks(page: Parameters<typeof useAnnotations>[0]): PageMarks {
  const { switches: annotations, reload } = useAnnotations(page);
  const switches = [...annotations, ...useAlertMarks(page)];
  return { switches, shown: useShownMarks(switches), reload };
}
