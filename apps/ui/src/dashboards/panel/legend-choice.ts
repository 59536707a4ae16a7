import type { LegendChoice } from "../../plot/hidden-series.ts";

/**
 * Maximum number of characters of a legend's selection in the address, since proxies and other programs may cut long
 * addresses. A longer selection is kept only until the page is left.
 */
const MAX_TEXT = 2000;

const KINDS = ["hide", "only"] as const;
const nameOf = (kind: LegendChoice["kind"], panelKey: string): string => `${kind}.${panelKey}`;

/**
 * Reads from the URL which series of a panel are visible. `hide.panel-3` lists hidden series, `only.panel-3` the only
 * visible series.
 */
export function legendChoiceIn(params: URLSearchParams, panelKey: string): LegendChoice | undefined {
  for (const kind of KINDS) {
    const keys = params.getAll(nameOf(kind, panelKey));
    if (keys.length > 0) return { kind, keys };
  }
  return undefined;
}

/** Reports whether a selection is short enough for the address. */
export const fitsAddress = ({ keys }: LegendChoice): boolean =>
  keys.reduce((length, key) => length + key.length, 0) <= MAX_TEXT;

/**
 * Returns the parameters with the selection in a panel's legend.
 * @param choice the selection; undefined if all series are visible
 */
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
