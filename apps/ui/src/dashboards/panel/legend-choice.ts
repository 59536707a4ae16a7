import type { LegendChoice } from "../plot/hidden-series.ts";

/** Choices of more text than this stay with the visit: addresses are cut by programs on their way. */
const MOST_TEXT = 2000;

const KINDS = ["hide", "only"] as const;
const nameOf = (kind: LegendChoice["kind"], panelKey: string): string => `${kind}.${panelKey}`;

/** What an address says of a panel's legend: `hide.panel-3` names series that are hidden, `only.panel-3` those that are left. */
export function legendChoiceIn(params: URLSearchParams, panelKey: string): LegendChoice | undefined {
  for (const kind of KINDS) {
    const keys = params.getAll(nameOf(kind, panelKey));
    if (keys.length > 0) return { kind, keys };
  }
  return undefined;
}

/** Whether an address can say it. */
export const fitsAddress = ({ keys }: LegendChoice): boolean =>
  keys.reduce((length, key) => length + key.length, 0) <= MOST_TEXT;

/** Parameters that say what is left of a panel's series. @param choice undefined: all */
export function withLegendChoice(
  params: URLSearchParams,
  panelKey: string,
  choice: LegendChoice | undefined,
): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const kind of KINDS) next.delete(nameOf(kind, panelKey));
  for (const key of choice?.keys ?? []) next.append(nameOf(choice!.kind, panelKey), key);
  return next;
}
