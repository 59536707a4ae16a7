import { decodeYaml } from "@narthex/config";
import { createHttpClient, SelfMetrics } from "@narthex/http";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { discoveryMetrics, type DiscoveryMetrics } from "../metrics.ts";
import type { Discoverer } from "../discoverer.ts";
import type { TargetGroup } from "../target-group.ts";

/** A running discoverer with a clock that the test advances. */
export class DiscovererRun implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly logger = memoryLogger();
  readonly self: SelfMetrics;
  readonly metrics: DiscoveryMetrics;
  /** Target groups by source after the last emission. */
  readonly groups = new Map<string, TargetGroup>();
  readonly #stopping = new AbortController();
  readonly #emissions: (readonly TargetGroup[])[] = [];
  #resolveNext: ((groups: readonly TargetGroup[]) => void) | undefined;
  readonly #done: Promise<void>;

  /**
   * Starts the discoverer with one entry of its configuration section, written as YAML. Throws if the entry is invalid.
   * @param sibling another run, whose metrics this run shares
   */
  constructor(discoverer: Discoverer, yaml: string, sibling?: DiscovererRun) {
    this.self = sibling?.self ?? new SelfMetrics();
    this.metrics = sibling?.metrics ?? discoveryMetrics(this.self, [discoverer]);
    const loaded = decodeYaml(yaml, "test.yml", discoverer.codec);
    if (!loaded.ok) throw new Error(loaded.problems.map((problem) => problem.message).join("; "));
    const context = {
      clock: this.clock,
      logger: this.logger,
      metrics: this.metrics,
      signal: this.#stopping.signal,
      userAgent: "Prometheus/x",
      connect: createHttpClient,
      set: "a",
    };
    this.#done = discoverer.run(loaded.value, context, (groups) => this.#take(groups));
  }

  /** Waits for the next emission that was not returned yet, and returns it unchanged. */
  next(): Promise<readonly TargetGroup[]> {
    const first = this.#emissions.shift();
    if (first !== undefined) return Promise.resolve(first);
    return new Promise((resolve) => (this.#resolveNext = resolve));
  }

  /**
   * Advances the clock until the next emission, and returns it. The steps are small, because requests are answered in
   * real time, and each has a deadline.
   */
  async advanceToNext(stepMs = 500): Promise<readonly TargetGroup[]> {
    const waiting = { isOver: false };
    const emission = this.next().finally(() => (waiting.isOver = true));
    while (!waiting.isOver) await this.clock.advance(stepMs);
    return emission;
  }

  /** Stops the discoverer. Rejects if it could not be created. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new Error("stopped"));
    await this.#done;
  }

  #take(groups: readonly TargetGroup[]): void {
    for (const group of groups) {
      if (group.targets.length === 0) this.groups.delete(group.source);
      else this.groups.set(group.source, group);
    }
    const resolveNext = this.#resolveNext;
    this.#resolveNext = undefined;
    if (resolveNext === undefined) this.#emissions.push(groups);
    else resolveNext(groups);
  }
}
