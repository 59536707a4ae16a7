import type { Lifecycle } from "@narthex/runtime";
import type { MetricSource, SelfMetrics } from "../metrics/self-metrics.ts";
import type { HttpServer } from "./server.ts";

/**
 * An open feature of a server, with its parts and its stop function. A module opens a feature from the server's context
 * and the features that it needs. Values that other features need are additional members. A server whose routes are
 * mounted in several places has its own type of routes. ```ts export async function openDashboards(context: Context,
 * state: State): Promise<Dashboards & Feature> ```
 */
export interface Feature<Routes = (http: HttpServer) => Promise<void> | void> {
  readonly name: string;
  /** Releases the resources of the feature. Features are stopped in reverse order of opening. */
  stop?(): Promise<void> | void;
  /** Time limit of stop() in ms, if it is longer than the default. */
  readonly stopLimitMs?: number;
  /** Registers the HTTP routes of the feature, each with the right that it requires. */
  readonly routes?: Routes;
  /** Functions that create metric families for /metrics at each scrape. */
  readonly metrics?: readonly MetricSource[];
}

/** All open features of a program, in the order of opening. */
export class FeatureList<Kind extends Feature<unknown> = Feature> implements Iterable<Kind> {
  readonly #features: Kind[] = [];
  readonly #lifecycle: Lifecycle;
  readonly #metrics: SelfMetrics;

  /**
   * @param lifecycle stops the features, the last one first
   * @param metrics shows the families of the features
   */
  constructor(lifecycle: Lifecycle, metrics: SelfMetrics) {
    this.#lifecycle = lifecycle;
    this.#metrics = metrics;
  }

  add<F extends Kind>(feature: F): F {
    this.#features.push(feature);
    if (feature.stop !== undefined) {
      const { name, stopLimitMs = 0 } = feature;
      this.#lifecycle.add({ name, stopLimitMs, stop: () => feature.stop!() });
    }
    for (const source of feature.metrics ?? []) this.#metrics.addSource(source);
    return feature;
  }

  [Symbol.iterator](): Iterator<Kind> {
    return this.#features.values();
  }

  /** Registers the routes of all features that were added before this call. */
  async mount(this: FeatureList, http: HttpServer): Promise<void> {
    for (const feature of this) await feature.routes?.(http);
  }
}
