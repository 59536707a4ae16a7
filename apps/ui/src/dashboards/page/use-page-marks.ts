import { useAlertMarks } from "../alerts/use-alert-marks.ts";
import type { DashboardAnnotation } from "../annotations/dashboard-annotation.ts";
import { type MarkSwitch, useAnnotations, useShownMarks } from "../annotations/use-annotations.ts";

interface PageMarks {
  readonly switches: readonly MarkSwitch[];
  /** Those that are switched on, in the order of their times. */
  readonly shown: readonly DashboardAnnotation[];
  /** Asks for annotations once more: somebody has made or changed one. */
  readonly reload: () => void;
}

/** What stands on the axes of times of an open dashboard: its annotations, alerts and silences. */
export function usePageMarks(page: Parameters<typeof useAnnotations>[0]): PageMarks {
  const { switches: annotations, reload } = useAnnotations(page);
  const switches = [...annotations, ...useAlertMarks(page)];
  return { switches, shown: useShownMarks(switches), reload };
}
