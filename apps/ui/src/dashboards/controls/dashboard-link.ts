import {
  type DashboardLink,
  interpolate,
  type Lookup,
  type RawTimeRange,
  selectionToUrl,
  type VariableState,
} from "@narthex/dashboards";

/** What a link may take along. */
export interface LinkContext {
  readonly raw: RawTimeRange;
  readonly states: ReadonlyMap<string, VariableState>;
  readonly lookup: Lookup;
}

const BASE = "http://relative.invalid";

/**
 * The address that a link leads to, with its variables filled in and the range and choices that it takes along.
 *
 * @returns undefined where it is no address of a page: one that would run a script, for one
 */
export function linkAddress(
  { url, includeVars, keepTime }: Pick<DashboardLink, "url" | "includeVars" | "keepTime">,
  { raw, states, lookup }: LinkContext,
): string | undefined {
  const filled = interpolate(url, lookup, "percentencode").trim();
  const parsed = URL.parse(filled, BASE);
  if (parsed === null || !/^(?:https?|mailto):$/.test(parsed.protocol)) return undefined;
  if (!includeVars && !keepTime) return filled;
  const params = parsed.searchParams;
  if (keepTime) {
    params.set("from", raw.from);
    params.set("to", raw.to);
  }
  if (includeVars) {
    for (const [name, state] of states) {
      params.delete(`var-${name}`);
      for (const value of selectionToUrl(state)) params.append(`var-${name}`, value);
    }
  }
  const path = /^[^?#]*/.exec(filled)![0];
  const search = params.size === 0 ? "" : `?${params}`;
  return `${path}${search}${parsed.hash}`;
}
