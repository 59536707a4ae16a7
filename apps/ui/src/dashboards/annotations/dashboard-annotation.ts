import type { Frame, Lookup, Panel } from "@narthex/dashboards";
import type { PanelAnnotation } from "../panels/panel-kind.ts";

/** A panel as it is shown now. */
export interface ShownPanel {
  readonly panel: Panel;
  /** Names as they are within it. */
  readonly lookup: Lookup;
  readonly frames: readonly Frame[];
}

/** A mark as the dashboard has it. */
export interface DashboardAnnotation extends PanelAnnotation {
  /** Whose axis of times it stands on; undefined: all panels'. */
  readonly shownOn: ((shown: ShownPanel) => boolean) | undefined;
}

const none: readonly PanelAnnotation[] = [];

/** The marks that stand on a panel's axis of times. One that several queries find stands there once. */
export function annotationsOn(all: readonly DashboardAnnotation[], panel: ShownPanel): readonly PanelAnnotation[] {
  const seen = new Set<number>();
  const shown = all.filter(({ id, shownOn }) => {
    if ((id !== undefined && seen.has(id)) || shownOn?.(panel) === false) return false;
    if (id !== undefined) seen.add(id);
    return true;
  });
  return shown.length === 0 ? none : shown.length === all.length ? all : shown;
}
