import {
  type CalendarSettings,
  isEarlierPeriod,
  isDateMath,
  isObject,
  type JsonObject,
  type RawTimeRange,
} from "@narthex/dashboards";
import { knownTimeZone } from "@narthex/dashboards/time";
import { defaultPanel, type Panel } from "../../query-link/panel.ts";
import { rangeOfRaw } from "../../time/raw-range.ts";
import type { ExploredLook } from "../data/explore-address.ts";

/** The content of a Grafana Explore address: expressions, their data source, and a time range. */
export interface Explored {
  /** Uid or name of the data source. Empty for the default data source. */
  readonly source: string;
  readonly exprs: readonly string[];
  /** The queries that are not hidden, as they are written in the address. */
  readonly queries: readonly JsonObject[];
  readonly raw: RawTimeRange;
  readonly look: ExploredLook;
}

const USUAL_LOOK: ExploredLook = { compare: "", unit: "", timezone: "" };
const USUAL_RANGE: RawTimeRange = { from: "now-1h", to: "now" };
/** Maximum number of queries that are read. */
const MAX_QUERIES = 20;

const textAt = (json: JsonObject, key: string): string => {
  const value = Object.hasOwn(json, key) ? json[key] : undefined;
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
};

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
}

const sourceOf = (value: unknown): string => (isObject(value) ? textAt(value, "uid") : "");

function queriesOf(given: unknown): Pick<Explored, "exprs" | "queries"> {
  const queries = (Array.isArray(given) ? (given as unknown[]) : [])
    .filter(isObject)
    .filter((query) => query["hide"] !== true)
    .slice(0, MAX_QUERIES);
  return { queries, exprs: queries.map((query) => textAt(query, "expr")).filter((expr) => expr !== "") };
}

function rangeOf(value: unknown): RawTimeRange {
  if (!isObject(value)) return USUAL_RANGE;
  const [from, to] = [textAt(value, "from"), textAt(value, "to")];
  return isDateMath(from) && isDateMath(to) ? { from, to } : USUAL_RANGE;
}

function lookOf(value: unknown): ExploredLook {
  if (!isObject(value)) return USUAL_LOOK;
  const [compare, timezone] = [textAt(value, "compare"), textAt(value, "timezone")];
  return {
    compare: isEarlierPeriod(compare) ? compare : "",
    unit: textAt(value, "unit"),
    timezone: knownTimeZone(timezone) === undefined ? "" : timezone,
  };
}

/** Parses a pane of an Explore URL. In older URLs it is a list: from, to, data source, queries. */
function ofPane(pane: unknown): Explored | undefined {
  if (Array.isArray(pane)) {
    const [from, to, source, ...queries] = pane as unknown[];
    return {
      source: typeof source === "string" ? source : "",
      ...queriesOf(queries),
      raw: rangeOf({ from, to }),
      look: USUAL_LOOK,
    };
  }
  if (!isObject(pane)) return undefined;
  const queries = pane["queries"];
  const own = textAt(pane, "datasource") || sourceOf(pane["datasource"]);
  const first = Array.isArray(queries) ? queries.find(isObject) : undefined;
  return {
    source: own || (isObject(first) ? sourceOf(first["datasource"]) : ""),
    ...queriesOf(queries),
    raw: rangeOf(pane["range"]),
    look: lookOf(pane["narthex"]),
  };
}

/** Reads the queries of an Explore address from the parameter `panes`, or from `left` in older addresses. */
export function exploredQueries(params: URLSearchParams): Explored {
  const panes = parsed(params.get("panes"));
  const pane = isObject(panes) ? Object.values(panes)[0] : parsed(params.get("left"));
  return ofPane(pane) ?? { source: "", exprs: [], queries: [], raw: USUAL_RANGE, look: USUAL_LOOK };
}

/** Converts Explore queries to panels of the query page. */
export function queryPanels(
  { exprs, raw, look }: Pick<Explored, "exprs" | "raw" | "look">,
  { scrapeMs, ...calendar }: CalendarSettings & { readonly scrapeMs: number },
): readonly Panel[] {
  const { compare, unit, timezone } = look;
  const zone = timezone === "" ? calendar.zone : timezone;
  return exprs.map((expr) => ({
    ...defaultPanel,
    ...rangeOfRaw(raw, { ...calendar, zone }),
    expr,
    tab: "graph",
    compare,
    unit,
    zone: timezone,
    scrapeMs,
  }));
}
