import { api } from "../../support/query.ts";

/** Answers of the query API, by query. */
export type Answers = Readonly<Record<string, unknown>>;

interface Vector {
  readonly result: readonly { readonly metric: Readonly<Record<string, string>> }[];
}

/** Queries and requests for a past time range. */
export interface StorageQueries {
  /** Instant queries at the end of the time range. */
  readonly instant: readonly string[];
  readonly range: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly step: string;
  /** Name of a label whose values are requested. */
  readonly label: string;
}

const byLabels = ({ result, ...rest }: Vector): unknown => ({
  ...rest,
  result: result.toSorted((a, b) => (JSON.stringify(a.metric) < JSON.stringify(b.metric) ? -1 : 1)),
});

/** Sends all queries to a server. Sorts series by their labels. */
export async function answersOf(base: string, queries: StorageQueries): Promise<Answers> {
  const answers: Record<string, unknown> = {};
  const { start, end, step, label } = queries;
  const range = { start: String(start), end: String(end) };
  // oxlint-disable no-await-in-loop -- one question after the other
  for (const query of queries.instant) {
    answers[query] = byLabels(await api<Vector>(base, "query", { query, time: range.end }));
  }
  for (const query of queries.range) {
    answers[`${query} by ${step}`] = byLabels(await api<Vector>(base, "query_range", { query, ...range, step }));
  }
  const series = await api<readonly unknown[]>(base, "series", { "match[]": '{__name__=~".+"}', ...range });
  // The series are sorted, because Prometheus returns them in no defined order if only the head has data.
  answers["series"] = series.map((labels) => JSON.stringify(labels)).toSorted();
  answers["labels"] = await api(base, "labels", range);
  answers["values"] = await api(base, `label/${label}/values`, range);
  return answers;
}

/** Exemplars of one series, in the API's form. */
export interface ExemplarSeries {
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly exemplars: readonly { readonly timestamp: number }[];
}

const byText = (a: ExemplarSeries, b: ExemplarSeries): number =>
  JSON.stringify(a.seriesLabels) < JSON.stringify(b.seriesLabels) ? -1 : 1;

/** Resolves with the exemplars of a selector between two times in seconds. */
export async function exemplarsOf(
  base: string,
  query: string,
  start: number,
  end: number,
): Promise<readonly ExemplarSeries[]> {
  const params = { query, start: String(start), end: String(end) };
  return (await api<readonly ExemplarSeries[]>(base, "query_exemplars", params)).toSorted(byText);
}
