import type { LegendChoice } from "../../plot/hidden-series.ts";

/**
 * Maximum number of characters of a legend's selection in the URL, because proxies and other programs may cut long
 * URLs. A longer selection is not stored in the URL and is lost when the user leaves the page.
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
 * Returns URL parameters in which a panel's selection of visible series is replaced.
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
