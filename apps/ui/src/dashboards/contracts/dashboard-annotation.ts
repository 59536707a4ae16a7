import type { Frame, Lookup, Panel } from "@narthex/dashboards";
import type { PanelAnnotation } from "./panel-kind.ts";

/** A panel with its current data and variables. */
export interface ShownPanel {
  readonly panel: Panel;
  /** Looks up the values of variables in this panel's texts. */
  readonly lookup: Lookup;
  readonly frames: readonly Frame[];
}

/** An annotation, alert or silence that a dashboard marks on time axes. */
export interface DashboardAnnotation extends PanelAnnotation {
  /** Reports whether a panel shows this annotation on its time axis. Undefined if all panels show it. */
  readonly shownOn: ((shown: ShownPanel) => boolean) | undefined;
}

const none: readonly PanelAnnotation[] = [];

/**
 * Returns the annotations, alerts and silences to mark on a panel's time axis. If several queries return the same one,
 * it appears only once.
 */
export function annotationsOn(all: readonly DashboardAnnotation[], panel: ShownPanel): readonly PanelAnnotation[] {
  const seen = new Set<number>();
  const shown = all.filter(({ id, shownOn }) => {
    if ((id !== undefined && seen.has(id)) || shownOn?.(panel) === false) return false;
    if (id !== undefined) seen.add(id);
    return true;
  });
  return shown.length === 0 ? none : shown.length === all.length ? all : shown;
}
