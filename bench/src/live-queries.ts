import { METRICS, type Shape } from "./live-targets.ts";

/** A typical API query of live data. */
export interface LiveQuery {
  readonly name: string;
  readonly path: string;
  /** @param end end of the requested data, Unix time in s */
  readonly parameters: (end: number) => Readonly<Record<string, string>>;
  /** Returns a description of the error in an answer; undefined if the answer is correct. */
  readonly fault: (text: string) => string | undefined;
}

const RANGE_S = 900;
const RANGE_STEP_S = 15;

interface Answered {
  readonly status: string;
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

/** @returns a check that the answer is one vector of this number of elements, and that its first value is right */
const vector =
  (elements: number, right: (value: number) => boolean) =>
  (text: string): string | undefined => {
    const { result } = (JSON.parse(text) as Answered).data;
    const value = Number(result[0]?.value[1]);
    return result.length === elements && right(value) ? undefined : `${result.length} elements, the first ${value}`;
  };

const longerThan =
  (bytes: number) =>
  (text: string): string | undefined =>
    text.startsWith('{"status":"success"') && text.length > bytes
      ? undefined
      : `${text.length} B: ${text.slice(0, 80)}`;

/**
 * Returns the queries of the benchmark `query-live`. Each query checks its answer and expects that all targets have
 * been scraped.
 */
export function liveQueries({ targets, series }: Shape): readonly LiveQuery[] {
  const ofMetric = Math.ceil(series / METRICS);
  const instant = (name: string, query: string, fault: LiveQuery["fault"]): LiveQuery => ({
    name,
    path: "query",
    parameters: (end) => ({ query, time: String(end) }),
    fault,
  });
  const between = (end: number): Record<string, string> => ({ start: String(end - RANGE_S), end: String(end) });
  return [
    instant(
      "count of all series",
      'count({__name__=~".+"})',
      vector(1, (value) => value >= targets * series),
    ),
    instant(
      "sum by, one metric",
      "sum by (zone) (live_7_total)",
      vector(3, (value) => value > 1e9),
    ),
    instant(
      "sum by of rates, one metric",
      "sum by (zone) (rate(live_7_total[1m]))",
      vector(3, (value) => value > 0),
    ),
    instant(
      "one series",
      'live_3_total{target="1",shard="3"}',
      vector(1, (value) => value > 1e9),
    ),
    {
      name: "range of 15 min, one metric",
      path: "query_range",
      parameters: (end) => ({
        query: "sum by (zone) (rate(live_7_total[1m]))",
        step: String(RANGE_STEP_S),
        ...between(end),
      }),
      fault: longerThan(100),
    },
    { name: "names of labels", path: "labels", parameters: between, fault: longerThan(60) },
    { name: "values of a label", path: "label/shard/values", parameters: between, fault: longerThan(series * 4) },
    {
      name: "series of one metric",
      path: "series",
      parameters: (end) => ({ "match[]": "live_7_total", ...between(end) }),
      fault: longerThan(targets * ofMetric * 60),
    },
  ];
}
