import { isEarlierPeriod, PREVIOUS_PERIOD, type RawTimeRange } from "@narthex/dashboards";

/** Settings of the page "What changed", which are stored in the URL. */
export interface ChangeChoice {
  /** Uid of a data source. */
  readonly source: string;
  readonly job: string;
  /** Words that metric names must contain. */
  readonly search: string;
  /** Expressions to compare. If empty, the metrics of `job` are compared. */
  readonly exprs: readonly string[];
  /** Unit of the expressions' values, as in field settings; empty if unknown. */
  readonly unit: string;
  readonly raw: RawTimeRange;
  /** Time zone in the notation of dashboards: `browser`, `utc` or an IANA name. */
  readonly zone: string;
  /** How far back the compared time range is, such as `1d`. */
  readonly compare: string;
}

/** Maximum number of expressions that are read from an address. */
const MAX_EXPRS = 10;
const USUAL_RANGE: RawTimeRange = { from: "now-1h", to: "now" };

export function choiceOf(params: URLSearchParams): ChangeChoice {
  const compare = params.get("compare") ?? "";
  return {
    source: params.get("source") ?? "",
    job: params.get("job") ?? "",
    search: params.get("search") ?? "",
    exprs: params
      .getAll("expr")
      .filter((expr) => expr.trim() !== "")
      .slice(0, MAX_EXPRS),
    unit: params.get("unit") ?? "",
    raw: { from: params.get("from") ?? USUAL_RANGE.from, to: params.get("to") ?? USUAL_RANGE.to },
    zone: params.get("timezone") ?? "browser",
    compare: isEarlierPeriod(compare) ? compare : PREVIOUS_PERIOD,
  };
}

/** Converts the settings to URL parameters. Empty values are left out. */
export function parametersOf({ source, job, search, exprs, unit, raw, zone, compare }: ChangeChoice): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries({ source, job, search })) if (value !== "") params.set(name, value);
  for (const expr of exprs) params.append("expr", expr);
  if (unit !== "" && exprs.length > 0) params.set("unit", unit);
  params.set("from", raw.from);
  params.set("to", raw.to);
  if (zone !== "browser") params.set("timezone", zone);
  params.set("compare", compare);
  return params;
}

export const changesAddress = (choice: ChangeChoice): string => `/dashboard/what-changed?${parametersOf(choice)}`;
