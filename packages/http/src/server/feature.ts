import type { Lifecycle } from "@narthex/runtime";
import type { MetricSource, SelfMetrics } from "../metrics/self-metrics.ts";
import type { HttpServer } from "./server.ts";

/**
 * A feature of a role while it is open: what it adds to the role, and how it ends. A module opens one from the role's
 * context and the features that it needs; what others need of it are further members. A role whose routes are mounted in
 * several places says so by a type of its own.
 *
 * ```ts
 * export async function openDashboards(context: Context, state: State): Promise<Dashboards & Feature>
 * ```
 */
export interface Feature<Routes = (http: HttpServer) => Promise<void> | void> {
  readonly name: string;
  /** Lets go of what it holds; called when every feature that was opened later has stopped. */
  stop?(): Promise<void> | void;
  /** How long that may take, ms, if it is longer than others may. */
  readonly stopLimitMs?: number;
  /** Registers its routes, each with the access that it needs. */
  readonly routes?: Routes;
  /** Families for /metrics that are made at each scrape. */
  readonly metrics?: readonly MetricSource[];
}

/** The open features of a role, in the order in which they were opened. */
export class FeatureList<Kind extends Feature<unknown> = Feature> implements Iterable<Kind> {
  readonly #features: Kind[] = [];
  readonly #lifecycle: Lifecycle;
  readonly #metrics: SelfMetrics;

  /**
   * @param lifecycle stops the features, the last one first
   * @param metrics shows their families
   */
  constructor(lifecycle: Lifecycle, metrics: SelfMetrics) {
    this.#lifecycle = lifecycle;
    this.#metrics = metrics;
  }

  /** Adds an open feature; returns it for those that need it. */
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

  /** Registers the routes of all features so far. */
  async mount(this: FeatureList, http: HttpServer): Promise<void> {
    for (const feature of this) await feature.routes?.(http);
  }
}
