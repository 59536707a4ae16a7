import type { Labels } from "@narthex/dashboards";
import type { Matcher } from "@narthex/model";
import { restrictQuery, restrictSelectorTexts } from "@narthex/promql/syntax";
import type { MetricAnswer, TimeRange } from "../data-source.ts";
import { QueryFailure } from "../query-failure.ts";
import type { Exemplar } from "./exemplar-frames.ts";
import type { ApiCall, PrometheusCalls } from "./prometheus-api.ts";
import { WIDEST_LANGUAGE } from "./read-expression.ts";
import type { QueryResult } from "./series.ts";

/** The part of a series' name after the name of its metric family. */
const FAMILY_SUFFIX = /_(?:bucket|count|created|info|sum|total)$/;

/**
 * The HTTP API of Prometheus for people who may read only some series: each call gets the matchers of these series. A
 * query that this program cannot parse is refused with status 400.
 */
export class LimitedPrometheusApi implements PrometheusCalls {
  readonly #api: PrometheusCalls;
  readonly #matchers: readonly Matcher[];

  constructor(api: PrometheusCalls, matchers: readonly Matcher[]) {
    this.#api = api;
    this.#matchers = matchers;
  }

  async instant(query: string, time: number, call: ApiCall): Promise<QueryResult> {
    return this.#api.instant(this.#query(query), time, call);
  }

  async range(query: string, range: TimeRange, stepMs: number, call: ApiCall): Promise<QueryResult> {
    return this.#api.range(this.#query(query), range, stepMs, call);
  }

  async exemplars(query: string, range: TimeRange, call: ApiCall): Promise<readonly Exemplar[]> {
    return this.#api.exemplars(this.#query(query), range, call);
  }

  async labelNames(match: string, range: TimeRange, call: ApiCall): Promise<readonly string[]> {
    return this.#api.labelNames(this.#selector(match), range, call);
  }

  async labelValues(label: string, match: string, range: TimeRange, call: ApiCall): Promise<readonly string[]> {
    return this.#api.labelValues(label, this.#selector(match), range, call);
  }

  async series(match: string, range: TimeRange, call: ApiCall): Promise<readonly Labels[]> {
    return this.#api.series(this.#selector(match), range, call);
  }

  /** Returns the metrics of the series. The metadata of other metrics is left out. */
  async metrics(match: string, range: TimeRange, call: ApiCall): Promise<MetricAnswer> {
    const { series, metadata } = await this.#api.metrics(this.#selector(match), range, call);
    const own = new Set(series.flatMap(({ name }) => [name, name.replace(FAMILY_SUFFIX, "")]));
    return { series, metadata: new Map([...metadata].filter(([family]) => own.has(family))) };
  }

  /** Does nothing, because the unlimited API owns the connections and closes them. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  #query(text: string): string {
    const restricted = restrictQuery(text, this.#matchers, WIDEST_LANGUAGE);
    if (restricted.ok) return restricted.text;
    throw new QueryFailure(400, `invalid parameter "query": ${restricted.error.toString()}`);
  }

  #selector(match: string): string {
    const restricted = restrictSelectorTexts(match === "" ? [] : [match], this.#matchers);
    if (restricted.ok) return restricted.texts[0]!;
    throw new QueryFailure(400, `invalid parameter "match[]": ${restricted.error.toString()}`);
  }
}
