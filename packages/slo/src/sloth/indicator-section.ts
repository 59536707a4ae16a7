import { type Codec, type Decoded, field, flag, INVALID, listOf, optional, section, text } from "@narthex/config";
import { DurationError, isLabelName, parseDuration } from "@narthex/model";
import type { Indicator } from "../objective.ts";
import { queryProblem } from "../window-template.ts";
import { countedIndicator, goodIndicator, latencyIndicator } from "./latency-indicator.ts";

/** How the keys of a format are written: `errorQuery` in Kubernetes objects, `error_query` in other files. */
export type Spelling = (key: string) => string;

interface Events {
  readonly errorQuery: string | undefined;
  readonly goodQuery: string | undefined;
  readonly totalQuery: string;
}

interface Kinds {
  readonly raw: Indicator | undefined;
  readonly events: Indicator | undefined;
  readonly latency: Indicator | undefined;
  readonly plugin: Indicator | undefined;
}

/** Returns the codec of a query that contains `{{.window}}`. */
export const windowQuery: Codec<string> = {
  ...text,
  decode(node, context) {
    const query = text.decode(node, context);
    if (query === INVALID) return INVALID;
    const problem = queryProblem(query);
    if (problem === undefined) return query;
    context.reportValue(node, "bad-query", problem.message, problem.hint);
    return INVALID;
  },
};

/**
 * Returns the codec of an objective's `sli`. Only our own format (`isOwn`) has `good_query` and `latency`, and ratios
 * that are defined if there are no bad events.
 */
export function indicatorSection(spelling: Spelling, isOwn: boolean): Codec<Indicator> {
  const raw = section<{ query: string }, Indicator>(
    "sli.raw",
    { query: field(spelling("errorRatioQuery"), windowQuery, "") },
    ({ query }, at, report) => {
      if (query !== "") return { kind: "raw", errorRatioQuery: query };
      report(at.self, "missing", `${spelling("errorRatioQuery")} is missing`, "write the query");
      return INVALID;
    },
  );
  const table = {
    raw: optional("raw", raw),
    events: optional("events", eventsSection(spelling, isOwn)),
    latency: optional("latency", isOwn ? latencySection : foreignLatency),
    plugin: optional("plugin", foreignPlugin),
  };
  return section<Kinds, Indicator>("sli", table, (kinds, at, report) => {
    const given = [kinds.raw, kinds.events, kinds.latency].filter((kind) => kind !== undefined);
    if (given.length === 1) return given[0]!;
    const choices = `raw, events${isOwn ? ", latency" : ""}`;
    const message = given.length === 0 ? "the objective has no indicator" : "the objective has several indicators";
    report(at.self, "indicator", message, `write one of ${choices}`);
    return INVALID;
  });
}

function eventsSection(spelling: Spelling, isOwn: boolean): Codec<Indicator> {
  const [error, good, total] = ["errorQuery", "goodQuery", "totalQuery"].map(spelling) as [string, string, string];
  const table = {
    errorQuery: optional(error, windowQuery),
    goodQuery: optional(good, windowQuery),
    totalQuery: field(total, windowQuery, ""),
  };
  return section<Events, Indicator>("sli.events", table, (raw, at, report) => {
    const refuse = (place: { line: number; column: number }, message: string, hint: string): typeof INVALID => {
      report(place, "events", message, hint);
      return INVALID;
    };
    if (raw.goodQuery !== undefined && !isOwn)
      return refuse(at.goodQuery, `${good} is not part of this format`, `write ${error}, or version: narthex/v1`);
    if (raw.totalQuery === "") return refuse(at.self, `${total} is missing`, "write the query");
    if ((raw.errorQuery === undefined) === (raw.goodQuery === undefined))
      return refuse(at.self, `${error}${isOwn ? ` or ${good}` : ""} is missing`, "write one query for the part");
    if ((raw.errorQuery ?? raw.goodQuery) === raw.totalQuery)
      return refuse(at.totalQuery, "both queries are equal", "write the query for all events here");
    if (raw.goodQuery !== undefined) return goodIndicator(raw.goodQuery.trim(), raw.totalQuery.trim());
    if (isOwn) return countedIndicator(raw.errorQuery!.trim(), raw.totalQuery.trim());
    return { kind: "events", errorQuery: raw.errorQuery!, totalQuery: raw.totalQuery };
  });
}

interface Latency {
  readonly histogram: string;
  readonly threshold: string;
  readonly native: boolean;
  readonly by: readonly string[];
}

const latencySection = section<Latency, Indicator>(
  "sli.latency",
  {
    histogram: field("histogram", text, ""),
    threshold: field("threshold", text, ""),
    native: field("native", flag, false),
    by: field("by", listOf(text), []),
  },
  ({ histogram, threshold, native, by }, at, report): Decoded<Indicator> => {
    const seconds = secondsOf(threshold);
    if (seconds === undefined || !(seconds > 0)) {
      const message = `the threshold ${JSON.stringify(threshold)} is not a time`;
      report(at.threshold, "threshold", message, "write for example 400ms, 2s, or seconds such as 0.4");
      return INVALID;
    }
    const wrong = by.find((name) => !isLabelName(name, "legacy"));
    if (wrong !== undefined) {
      report(at.by, "bad-label-name", `invalid label name: ${wrong}`, "write names of labels");
      return INVALID;
    }
    const indicator = latencyIndicator({ histogram, thresholdSeconds: seconds, isNative: native, by });
    if (typeof indicator !== "string") return indicator;
    const hint = 'write a selector such as http_request_duration_seconds{job="api"}';
    report(at.histogram, "histogram", indicator, hint);
    return INVALID;
  },
);

function secondsOf(text: string): number | undefined {
  const plain = text.trim() === "" ? NaN : Number(text);
  if (Number.isFinite(plain)) return plain;
  try {
    return parseDuration(text) / 1000;
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    return undefined;
  }
}

/** Returns a codec that refuses a key, and says what to write instead. */
const refusing = (message: string, hint: string): Codec<Indicator> => ({
  goType: "any",
  decode(node, context) {
    context.report(node, "unsupported", message, hint);
    return INVALID;
  },
  encode: () => null,
  isZero: () => true,
});

const foreignLatency = refusing("latency is not part of this format", "write events, or version: narthex/v1");
const foreignPlugin = refusing(
  "plugins in Go for indicators cannot run here",
  "write the query that the plugin returns as raw or events",
);
