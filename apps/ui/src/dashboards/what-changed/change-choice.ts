import { isEarlierPeriod, PREVIOUS_PERIOD, type RawTimeRange } from "@narthex/dashboards";

/** What is looked at for changes, as the page's address says it. */
export interface ChangeChoice {
  /** The uid of a source. */
  readonly source: string;
  readonly job: string;
  /** Words that names of metrics hold. */
  readonly search: string;
  /** Queries, in the place of a job's metrics. */
  readonly exprs: readonly string[];
  /** Of the queries' values, as fields have it; empty: nothing is known of it. */
  readonly unit: string;
  readonly raw: RawTimeRange;
  /** As dashboards write it: `browser`, `utc` or a name of the IANA. */
  readonly zone: string;
  /** How far back the other range lies. */
  readonly compare: string;
}

/** Queries of one address. */
const MOST_EXPRS = 10;
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
      .slice(0, MOST_EXPRS),
    unit: params.get("unit") ?? "",
    raw: { from: params.get("from") ?? USUAL_RANGE.from, to: params.get("to") ?? USUAL_RANGE.to },
    zone: params.get("timezone") ?? "browser",
    compare: isEarlierPeriod(compare) ? compare : PREVIOUS_PERIOD,
  };
}

/** What an address says of a choice; what is empty is left away. */
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

/** Where the changes of queries are looked into. */
export const changesAddress = (choice: ChangeChoice): string => `/dashboard/what-changed?${parametersOf(choice)}`;
