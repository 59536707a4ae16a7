import type { LegendChoice } from "../plot/hidden-series.ts";

/**
 * Maximum number of characters of a choice in the address, since proxies and other programs may cut long addresses.
 * Longer choices last only for this visit.
 */
const MAX_TEXT = 2000;

const KINDS = ["hide", "only"] as const;
const nameOf = (kind: LegendChoice["kind"], panelKey: string): string => `${kind}.${panelKey}`;

/**
 * Reads a panel's legend choice from an address: `hide.panel-3` contains hidden series, `only.panel-3` the only visible
 * ones.
 */
export function legendChoiceIn(params: URLSearchParams, panelKey: string): LegendChoice | undefined {
  for (const kind of KINDS) {
    const keys = params.getAll(nameOf(kind, panelKey));
    if (keys.length > 0) return { kind, keys };
  }
  return undefined;
}

/** Reports whether the choice is short enough for an address. */
export const fitsAddress = ({ keys }: LegendChoice): boolean =>
  keys.reduce((length, key) => length + key.length, 0) <= MAX_TEXT;

/**
 * Returns the parameters with a panel's legend choice.
 * @param choice undefined: all series are visible
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
