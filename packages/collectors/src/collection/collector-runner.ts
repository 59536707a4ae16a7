import type { MetricFamily } from "@narthex/exposition";
import { type Clock, eventLoop, type Logger, logOnChange, type StateLog, type Steps } from "@narthex/runtime";
import type { Collect, Collector, Emitter, MetricTable } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { MetricBuffer, SeriesTable } from "./metric-buffer.ts";
import type { HostFiles } from "../host-files/host-files.ts";
import type { MetricSpec } from "../metric.ts";
import type { Settings } from "../settings.ts";
import { TIMED_OUT, withinLimit } from "./time-limit.ts";

export interface CollectionOptions {
  readonly files: HostFiles;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Time limit of one collector in ms. After the limit, the scrape returns without this collector's metrics. */
  readonly timeLimitMs: number;
}

export interface CollectorResult {
  /**
   * The emitted samples, or undefined if the collector was too late. The receiver decrements the buffer's `users` when
   * it no longer needs the buffer.
   */
  readonly buffer: MetricBuffer | undefined;
  readonly isGood: boolean;
  readonly tookMs: number;
}

/** A collector run in progress. */
interface Run {
  readonly buffer: MetricBuffer;
  readonly began: number;
  readonly end: Promise<boolean>;
}

/**
 * Runs one opened collector in every scrape. Keeps the collector's series and buffers between scrapes, and a run that
 * has not ended yet.
 */
export class CollectorRunner {
  readonly name: string;
  readonly #collect: Collect<MetricTable>;
  readonly #emit: Emitter<MetricTable>;
  readonly #state: StateLog;
  readonly #options: CollectionOptions;
  readonly #table = new SeriesTable();
  #buffers: MetricBuffer[] = [];
  #current = new MetricBuffer(this.#table);
  #running: Run | undefined;
  /** True if the last run did not finish synchronously; such collectors are started first. */
  isSlow = false;

  constructor(collector: Collector, options: CollectionOptions) {
    this.name = collector.name;
    const logger = options.logger.child({ collector: collector.name });
    this.#collect = collector.open({ settings: options.settings, clock: options.clock, logger });
    this.#state = logOnChange(logger, "Collector");
    this.#options = options;
    this.#emit = this.#emitter(collector.metrics);
  }

  #emitter(metrics: MetricTable): Emitter<MetricTable> {
    const table: Record<string, (value: number, ...labels: string[]) => void> = {};
    for (const [key, metric] of Object.entries(metrics)) table[key] = this.#emitting(metric);
    const dynamic = (metric: MetricSpec, value: number, ...labels: string[]): void => {
      if (labels.length === 1 && metric.labels.length === 1) this.#current.addOne(metric, value, labels[0]!);
      else this.#current.add(metric, value, fitted(metric, labels));
    };
    const family = (whole: MetricFamily): Steps<void> => this.#current.addingFamily(whole, false);
    const ordered = (whole: MetricFamily): Steps<void> => this.#current.addingFamily(whole, true);
    return { ...table, dynamic, family, ordered } as Emitter<MetricTable>;
  }

  /** Calls add functions with separate arguments for metrics with few labels, to avoid an array of labels. */
  #emitting(metric: MetricSpec): (value: number, ...labels: string[]) => void {
    switch (metric.labels.length) {
      case 0:
        return (value) => this.#current.add(metric, value, metric.labels);
      case 1:
        return (value, label = "") => this.#current.addOne(metric, value, label);
      case 2:
        return (value, a = "", b = "") => this.#current.addTwo(metric, value, a, b);
      case 4:
        return (value, a = "", b = "", c = "", d = "") => this.#current.addFour(metric, value, a, b, c, d);
      default:
        return (value, ...labels) => this.#current.add(metric, value, fitted(metric, labels));
    }
  }

  /**
   * Runs the collector once, or waits for the run in progress. If a run fails, keeps the samples that it had emitted,
   * as in node_exporter. A collector that hangs is not started again until it returns.
   */
  run(limitMs: number): CollectorResult | Promise<CollectorResult> {
    const began = this.#options.clock.monotonic();
    if (this.#running === undefined) {
      const result = this.#start(began);
      if (result !== undefined) return result;
    } else if (began - this.#running.began >= this.#options.timeLimitMs) {
      this.#state.failed("still busy with an earlier scrape");
      return { buffer: undefined, isGood: false, tookMs: 0 };
    }
    return this.#inTime(this.#running!, limitMs, began);
  }

  /** Starts the collector. Returns the result if the collector reads synchronously; undefined if the run continues. */
  #start(began: number): CollectorResult | undefined {
    eventLoop.begin("collector", this.name);
    const buffer = this.#free();
    this.#current = buffer;
    buffer.begin();
    // Disables stack traces, because they make errors expensive and a collector throws an error in every scrape if the
    // host does not have its files.
    const stackLimit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      const working = this.#collect(this.#options.files, this.#emit);
      this.isSlow = working !== undefined;
      if (working === undefined) return this.#result(buffer, began, this.#succeeded());
      const end = working.then(
        () => this.#succeeded(),
        (error: unknown) => this.#failed(error),
      );
      this.#running = { buffer, began, end };
    } catch (error) {
      return this.#result(buffer, began, this.#failed(error));
    } finally {
      Error.stackTraceLimit = stackLimit;
    }
    return undefined;
  }

  /** Returns a buffer that all scrapes have finished using. */
  #free(): MetricBuffer {
    const [free = new MetricBuffer(this.#table), ...others] = this.#buffers.filter(({ users }) => users === 0);
    const held = this.#buffers.filter(({ users }) => users > 0);
    // Keeps one additional free buffer for a second scraper. Drops further free buffers, which remain after many
    // concurrent scrapes.
    this.#buffers = [...held, free, ...others.slice(0, 1)];
    return free;
  }

  #result(buffer: MetricBuffer, began: number, isGood: boolean): CollectorResult {
    buffer.users++;
    return { buffer, isGood, tookMs: this.#options.clock.monotonic() - began };
  }

  #succeeded(): boolean {
    this.#current.end();
    this.#running = undefined;
    this.#state.succeeded();
    return true;
  }

  #failed(error: unknown): boolean {
    this.#current.end();
    this.#running = undefined;
    // Does not log missing data. Missing data is not a fault, and the success metric 0 already shows it.
    if (!(error instanceof NoDataError)) this.#state.failed(error instanceof Error ? error.message : String(error));
    return false;
  }

  /** Waits for a run until the time limit. Samples emitted after the limit are dropped. */
  async #inTime(run: Run, limitMs: number, began: number): Promise<CollectorResult> {
    const { buffer } = run;
    buffer.users++;
    const { clock } = this.#options;
    const end = await withinLimit(clock, limitMs, run.end);
    const tookMs = clock.monotonic() - began;
    if (end !== TIMED_OUT) return { buffer, isGood: end, tookMs };
    buffer.users--;
    // Logs only if the collection's own limit is exceeded. A scraper's shorter limit does not show a fault of the
    // collector.
    if (limitMs >= this.#options.timeLimitMs) this.#state.failed(`did not answer within ${limitMs / 1000} s`);
    return { buffer: undefined, isGood: false, tookMs };
  }
}

/**
 * Returns exactly one label value for each label of the metric. Missing values become empty, and extra values are
 * dropped.
 */
function fitted({ labels: names }: MetricSpec, labels: readonly string[]): readonly string[] {
  return labels.length === names.length ? labels : names.map((_, i) => labels[i] ?? "");
}
