import { type Expr, printExpression, type VectorSelector, walk } from "@narthex/promql";
import { callApi } from "../../promtool/api-call.ts";
import type { ApiClient } from "../../promtool/server-client.ts";
import type { MetricMetadata } from "./unit-of-query.ts";

/** Maximum number of requests of one check, so that a large folder of dashboards does not burden the server. */
export const MAX_REQUESTS = 2000;

/**
 * Metrics, labels and series of a server. Each request is sent only once. Methods reject with ServerError if the server
 * does not answer.
 */
export class KnownSeries {
  readonly metrics: ReadonlySet<string>;
  /** Most frequent scrape interval of the active targets, ms; undefined if there are no targets. */
  readonly scrapeMs: number | undefined;
  readonly #server: ApiClient;
  readonly #metadata: ReadonlyMap<string, MetricMetadata>;
  readonly #labels = new Map<string, Promise<ReadonlySet<string> | undefined>>();
  readonly #counts = new Map<string, Promise<number | undefined>>();
  #requests = 0;

  private constructor(
    server: ApiClient,
    metrics: ReadonlySet<string>,
    metadata: ReadonlyMap<string, MetricMetadata>,
    scrapeMs: number | undefined,
  ) {
    this.#server = server;
    this.metrics = metrics;
    this.#metadata = metadata;
    this.scrapeMs = scrapeMs;
  }

  static async of(server: ApiClient, parseDuration: (text: string) => number | undefined): Promise<KnownSeries> {
    const names = await getApi(server, "/api/v1/label/__name__/values");
    const metadata = (await getApi(server, "/api/v1/metadata").catch(() => ({}))) as Record<string, MetricMetadata[]>;
    const targets = (await getApi(server, "/api/v1/targets?state=active").catch(() => ({}))) as {
      readonly activeTargets?: readonly { readonly scrapeInterval?: string }[];
    };
    const entries = Object.entries(metadata).flatMap(([name, [first]]) =>
      first === undefined ? [] : [[name, first] as const],
    );
    const intervals = (targets.activeTargets ?? []).flatMap(
      ({ scrapeInterval = "" }) => parseDuration(scrapeInterval) ?? [],
    );
    return new KnownSeries(server, new Set(names as string[]), new Map(entries), mostFrequent(intervals));
  }

  /**
   * Returns a metric's metadata. If it does not exist, returns the metadata of the name without `_total`, `_bucket`,
   * `_sum` or `_count`.
   */
  metadataOf(name: string): MetricMetadata | undefined {
    return this.#metadata.get(name) ?? this.#metadata.get(name.replace(/_(?:total|bucket|sum|count)$/, ""));
  }

  /** Whether the limit of requests was reached. Labels and numbers of series are then unknown. */
  get isExhausted(): boolean {
    return this.#requests > MAX_REQUESTS;
  }

  /** Resolves with the label names of a metric's series, or with undefined after the limit of requests. */
  labelsOf(name: string): Promise<ReadonlySet<string> | undefined> {
    const known = this.#labels.get(name);
    if (known !== undefined) return known;
    const selector = encodeURIComponent(`{__name__=${JSON.stringify(name)}}`);
    const labels = this.#get(`/api/v1/labels?match[]=${selector}`).then((names) =>
      names === undefined ? undefined : new Set(names as string[]),
    );
    this.#labels.set(name, labels);
    return labels;
  }

  /** Resolves with the number of series that a selector currently selects, or with undefined after the limit of requests. */
  countOf(selector: VectorSelector): Promise<number | undefined> {
    const text = printExpression({
      ...selector,
      offsetMs: 0,
      offsetExpr: null,
      at: null,
      anchored: false,
      smoothed: false,
    });
    const known = this.#counts.get(text);
    if (known !== undefined) return known;
    const count = this.#get(`/api/v1/query?query=${encodeURIComponent(`count(${text})`)}`).then((data) => {
      if (data === undefined) return undefined;
      const { result } = data as { readonly result: readonly { readonly value: readonly [number, string] }[] };
      return Number(result[0]?.value[1] ?? 0);
    });
    this.#counts.set(text, count);
    return count;
  }

  /** Sends a GET request. Resolves with undefined after the limit of requests. */
  #get(path: string): Promise<unknown> {
    if (++this.#requests > MAX_REQUESTS) return Promise.resolve(undefined);
    return getApi(this.#server, path);
  }
}

/** Sends a GET request. */
const getApi = async (server: ApiClient, path: string): Promise<unknown> =>
  (await callApi({ ...server, post: (target) => server.get(target) }, path, new URLSearchParams())).data;

function mostFrequent(values: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0];
}

/** Returns all vector selectors of an expression. */
export function selectorsOf(expr: Expr): VectorSelector[] {
  const selectors: VectorSelector[] = [];
  walk(expr, (one) => {
    if (one.kind === "vectorSelector") selectors.push(one);
  });
  return selectors;
}
