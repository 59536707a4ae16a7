import type { Panel, Target } from "@narthex/dashboards";

/** The source that stands for the answers of another panel of the dashboard. */
export const DASHBOARD_SOURCE = "-- Dashboard --";

/** What a query takes of another panel. */
export interface Borrowing {
  readonly refId: string;
  readonly panelId: number;
  /** What its transformations make of its answers, or these as they came. */
  readonly withTransforms: boolean;
}

/** Whether a query of a panel is about another panel's answers. */
export const isBorrowing = (target: Target, panel: Panel): boolean =>
  (target.datasource?.uid ?? panel.datasource?.uid) === DASHBOARD_SOURCE;

/** The queries of a panel that show another panel's answers. */
export const borrowingsOf = (panel: Panel): readonly Borrowing[] =>
  panel.targets.flatMap((target): Borrowing[] => {
    if (target.hide || !isBorrowing(target, panel)) return [];
    const { panelId, withTransforms } = target.source;
    if (typeof panelId !== "number") return [];
    return [{ refId: target.refId, panelId, withTransforms: withTransforms === true }];
  });

/** Whether a panel's answers are its own, by way of whom it borrows from. */
export function borrowsFromItself(panel: Panel, panelOf: (id: number) => Panel | undefined): boolean {
  const seen = new Set<number>();
  const waiting = borrowingsOf(panel).map(({ panelId }) => panelId);
  while (waiting.length > 0) {
    const id = waiting.pop()!;
    if (id === panel.id) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    const lender = panelOf(id);
    if (lender !== undefined) for (const { panelId } of borrowingsOf(lender)) waiting.push(panelId);
  }
  return false;
}
