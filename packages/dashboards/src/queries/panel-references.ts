import type { Panel, Target } from "../model/dashboard.ts";

/** Uid of the data source that returns the results of another panel of the dashboard. */
const DASHBOARD_SOURCE = "-- Dashboard --";

/** A query that shows the results of another panel. */
export interface PanelReference {
  readonly refId: string;
  readonly panelId: number;
  /** Whether the other panel's transformations are applied to the results. */
  readonly withTransforms: boolean;
}

/** Reports whether a query of a panel shows another panel's results. */
export const isPanelReference = (target: Target, panel: Panel): boolean =>
  (target.datasource?.uid ?? panel.datasource?.uid) === DASHBOARD_SOURCE;

/** Returns the queries of a panel that show another panel's results. */
export const panelReferencesOf = (panel: Panel): readonly PanelReference[] =>
  panel.targets.flatMap((target): PanelReference[] => {
    if (target.hide || !isPanelReference(target, panel)) return [];
    const { panelId, withTransforms } = target.source;
    if (typeof panelId !== "number") return [];
    return [{ refId: target.refId, panelId, withTransforms: withTransforms === true }];
  });

/** Reports whether a panel would show its own results, because panels show each other's results in a cycle. */
export function isReferenceCycle(panel: Panel, panelOf: (id: number) => Panel | undefined): boolean {
  const seen = new Set<number>();
  const waiting = panelReferencesOf(panel).map(({ panelId }) => panelId);
  while (waiting.length > 0) {
    const id = waiting.pop()!;
    if (id === panel.id) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    const source = panelOf(id);
    if (source !== undefined) for (const { panelId } of panelReferencesOf(source)) waiting.push(panelId);
  }
  return false;
}
