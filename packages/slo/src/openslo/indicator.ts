import { type Codec, type Decoded, decimal, field, flag, INVALID, optional, section, text } from "@narthex/config";
import { lenient } from "../codecs.ts";
import type { Indicator } from "../objective.ts";
import { countedIndicator, goodIndicator } from "../sloth/latency-indicator.ts";
import { eventsQuery, ratioQuery } from "./metric-query.ts";

const metric: Codec<string> = lenient(
  section<{ source: { type: string; spec: { query: string } } }, string>(
    "metric",
    {
      source: field(
        "metricSource",
        section<{ type: string; spec: { query: string } }>("metricSource", {
          type: field("type", text, "Prometheus"),
          spec: field("spec", section<{ query: string }>("spec", { query: field("query", text, "") }), { query: "" }),
        }),
        { type: "Prometheus", spec: { query: "" } },
      ),
    },
    ({ source }, at, report) => {
      if (source.type.toLowerCase() !== "prometheus") {
        const message = `the metric source ${JSON.stringify(source.type)} is not Prometheus`;
        report(at.source, "metric-source", message, "write type: Prometheus and a PromQL query");
        return INVALID;
      }
      if (source.spec.query.trim() === "") {
        report(at.source, "metric-source", "the metric source has no query", "write spec.query in PromQL");
        return INVALID;
      }
      return source.spec.query;
    },
  ),
);

interface Ratio {
  readonly counter: boolean;
  readonly good: string | undefined;
  readonly bad: string | undefined;
  readonly total: string | undefined;
  readonly raw: string | undefined;
  readonly rawType: string;
}

/** An indicator of OpenSLO. A threshold needs the operator and the value of an objective. */
export type OpenSloIndicator =
  | { readonly kind: "events"; readonly indicator: Indicator }
  | { readonly kind: "threshold"; readonly query: string };

const ratio: Codec<OpenSloIndicator> = section<Ratio, OpenSloIndicator>(
  "ratioMetric",
  {
    counter: field("counter", flag, false),
    good: optional("good", metric),
    bad: optional("bad", metric),
    total: optional("total", metric),
    raw: optional("raw", metric),
    rawType: field("rawType", text, ""),
  },
  (raw, at, report) => {
    const indicator = ratioIndicator(raw);
    if (typeof indicator !== "string") return { kind: "events", indicator };
    report(at.self, "ratio", indicator, "write good or bad with total, or raw with rawType");
    return INVALID;
  },
);

function ratioIndicator({ counter, good, bad, total, raw, rawType }: Ratio): Indicator | string {
  if (raw !== undefined) {
    if (good !== undefined || bad !== undefined || total !== undefined) return "raw excludes good, bad and total";
    if (rawType !== "success" && rawType !== "failure") return "rawType is neither success nor failure";
    const query = ratioQuery(raw);
    if (typeof query === "string") return query;
    return { kind: "raw", errorRatioQuery: rawType === "success" ? `1 - (${query.text})` : query.text };
  }
  if (total === undefined || (good === undefined) === (bad === undefined))
    return "one of good and bad, and total are required";
  const [part, all] = [eventsQuery(good ?? bad!, counter), eventsQuery(total, counter)];
  if (typeof part === "string") return part;
  if (typeof all === "string") return all;
  return (good === undefined ? countedIndicator : goodIndicator)(part.text, all.text);
}

const threshold: Codec<OpenSloIndicator> = {
  ...(metric as unknown as Codec<OpenSloIndicator>),
  decode(node, context): Decoded<OpenSloIndicator> {
    const query = metric.decode(node, context);
    return query === INVALID ? INVALID : { kind: "threshold", query };
  },
};

/** Codec of the `spec` of an object SLI. */
export const indicatorSpec: Codec<OpenSloIndicator> = section<
  { description: string; ratio: OpenSloIndicator | undefined; threshold: OpenSloIndicator | undefined },
  OpenSloIndicator
>(
  "SLI",
  {
    description: field("description", text, ""),
    ratio: optional("ratioMetric", ratio),
    threshold: optional("thresholdMetric", threshold),
  },
  (raw, at, report) => {
    const given = raw.ratio ?? raw.threshold;
    if (given !== undefined && (raw.ratio === undefined || raw.threshold === undefined)) return given;
    report(at.self, "indicator", "the indicator needs ratioMetric or thresholdMetric", "write one of the two");
    return INVALID;
  },
);

/** Operators of thresholds by their names in OpenSLO. */
export const OPERATORS: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["lte", "<="],
  ["gt", ">"],
  ["gte", ">="],
]);

/** How an objective counts: events, or slices of time. */
export interface Budgeting {
  readonly method: "Occurrences" | "Timeslices" | "RatioTimeslices";
  /** Length of a slice of time. */
  readonly slice: string;
  /** Share of good events from which a slice is good. */
  readonly sliceTarget: number;
}

/** Returns the queries of an objective, or what is wrong with it. */
export function objectiveIndicator(
  given: OpenSloIndicator,
  op: string,
  value: number | undefined,
  { method, slice, sliceTarget }: Budgeting,
): Indicator | string {
  if (given.kind === "threshold") {
    const operator = OPERATORS.get(op);
    if (operator === undefined || value === undefined) return "a thresholdMetric needs op and value in the objective";
    const good = `((${given.query}) ${operator} bool ${value})`;
    if (method === "Occurrences") return averaged(good, "1m");
    return averaged(
      method === "Timeslices" ? `avg_over_time(${good}[${slice}:1m]) >= bool ${sliceTarget}` : good,
      slice,
    );
  }
  if (method === "Occurrences") return given.indicator;
  const share = shareIn(given.indicator, slice);
  return averaged(method === "Timeslices" ? `(${share}) >= bool ${sliceTarget}` : share, slice);
}

/** Returns the query for the share of good events in a slice of time. */
function shareIn(indicator: Indicator, slice: string): string {
  const query =
    indicator.kind === "raw" ? indicator.errorRatioQuery : `(${indicator.errorQuery}) / (${indicator.totalQuery})`;
  return `1 - (${query.replaceAll("{{.window}}", slice)})`;
}

/** Returns the indicator of a share of good events that is averaged over the window in steps. */
const averaged = (share: string, step: string): Indicator => ({
  kind: "raw",
  errorRatioQuery: `1 - avg_over_time((${share})[{{.window}}:${step}])`,
});

export const optionalValue = optional("value", decimal);
