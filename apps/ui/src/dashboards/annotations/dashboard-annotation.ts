import type { PanelAnnotation } from "../panels/panel-kind.ts";

/** A mark as the dashboard has it. */
export interface DashboardAnnotation extends PanelAnnotation {
  /** Whose axis of times it stands on; undefined: all panels'. */
  readonly shownOn: ((panelId: number) => boolean) | undefined;
}

const none: readonly PanelAnnotation[] = [];

/** The marks that stand on a panel's axis of times. */
export function annotationsOn(all: readonly DashboardAnnotation[], panelId: number): readonly PanelAnnotation[] {
  if (all.every(({ shownOn }) => shownOn === undefined)) return all;
  const shown = all.filter(({ shownOn }) => shownOn === undefined || shownOn(panelId));
  return shown.length === 0 ? none : shown;
}
