import type { MetricFamily } from "@narthex/exposition";
import { type Clock, type Logger, logOnChange, type StateLog } from "@narthex/runtime";
import { type Collect, type Collector, type Emitter, type MetricTable, NoData } from "./collector.ts";
import { Emission, SeriesTable } from "./emission.ts";
import type { HostFiles } from "./host-files.ts";
import type { MetricSpec } from "./metric.ts";
import type { Settings } from "./settings.ts";
import { LATE, withinLimit } from "./time-limit.ts";

/** What collectors need of their surroundings. */
export interface CollectionOptions {
  readonly files: HostFiles;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long one collector may take before the scrape goes out without it. */
  readonly timeLimitMs: number;
}

/** How a collector's part in a scrape ended. */
export interface Outcome {
  /** What it emitted; undefined where it was too late. Whoever gets it takes itself off its holders. */
  readonly emission: Emission | undefined;
  readonly isGood: boolean;
  readonly tookMs: number;
}

/** A run that is under way. */
interface Run {
  readonly emission: Emission;
  readonly began: number;
  readonly end: Promise<boolean>;
}

/** One opened collector with what is remembered about it between scrapes. */
export class Member {
  readonly name: string;
  readonly #collect: Collect<MetricTable>;
  readonly #emit: Emitter<MetricTable>;
  readonly #state: StateLog;
  readonly #options: CollectionOptions;
  readonly #table = new SeriesTable();
  readonly #emissions: Emission[] = [];
  #current = new Emission(this.#table);
  #running: Run | undefined;
  /** Answers later than at once: worth starting before the others. */
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
    const family = (whole: MetricFamily): void => this.#current.addFamily(whole, false);
    const ordered = (whole: MetricFamily): void => this.#current.addFamily(whole, true);
    return { ...table, dynamic, family, ordered } as Emitter<MetricTable>;
  }

  /** Without an array of labels where there are few. */
  #emitting(metric: MetricSpec): (value: number, ...labels: string[]) => void {
    switch (metric.labels.length) {
      case 0:
        return (value) => this.#current.add(metric, value, metric.labels);
      case 1:
        return (value, label = "") => this.#current.addOne(metric, value, label);
      case 2:
        return (value, a = "", b = "") => this.#current.addTwo(metric, value, a, b);
      default:
        return (value, ...labels) => this.#current.add(metric, value, fitted(metric, labels));
    }
  }

  /**
   * Runs once, or takes part in the run that is under way; a failed run keeps what it emitted before it failed, as
   * upstream. A collector that does not come back is left alone until it does.
   */
  run(limitMs: number): Outcome | Promise<Outcome> {
    const began = this.#options.clock.monotonic();
    if (this.#running === undefined) {
      const outcome = this.#start(began);
      if (outcome !== undefined) return outcome;
    } else if (began - this.#running.began >= this.#options.timeLimitMs) {
      this.#state.failed("still busy with an earlier scrape");
      return { emission: undefined, isGood: false, tookMs: 0 };
    }
    return this.#inTime(this.#running!, limitMs, began);
  }

  /** The outcome of a collector that reads without waiting; undefined where it is under way. */
  #start(began: number): Outcome | undefined {
    const emission = this.#free();
    this.#current = emission;
    emission.begin();
    // What a host does not have is told by an error, in every scrape: its stack would cost more than looking.
    const stackLimit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      const working = this.#collect(this.#options.files, this.#emit);
      this.isSlow = working !== undefined;
      if (working === undefined) return this.#outcome(emission, began, this.#succeeded());
      const end = working.then(
        () => this.#succeeded(),
        (error: unknown) => this.#failed(error),
      );
      this.#running = { emission, began, end };
    } catch (error) {
      return this.#outcome(emission, began, this.#failed(error));
    } finally {
      Error.stackTraceLimit = stackLimit;
    }
    return undefined;
  }

  /** An emission that no scrape waits to write. */
  #free(): Emission {
    let free = this.#emissions.find(({ holders }) => holders === 0);
    if (free === undefined) this.#emissions.push((free = new Emission(this.#table)));
    return free;
  }

  #outcome(emission: Emission, began: number, isGood: boolean): Outcome {
    emission.holders++;
    return { emission, isGood, tookMs: this.#options.clock.monotonic() - began };
  }

  #succeeded(): boolean {
    this.#current.end();
    this.#running = undefined;
    this.#state.worked();
    return true;
  }

  #failed(error: unknown): boolean {
    this.#current.end();
    this.#running = undefined;
    // What a host does not have is no fault; it shows as success 0.
    if (!(error instanceof NoData)) this.#state.failed(error instanceof Error ? error.message : String(error));
    return false;
  }

  /** Waits for a run until the limit; what comes later is emitted to nobody. */
  async #inTime(run: Run, limitMs: number, began: number): Promise<Outcome> {
    const { emission } = run;
    emission.holders++;
    const { clock } = this.#options;
    const end = await withinLimit(clock, limitMs, run.end);
    const tookMs = clock.monotonic() - began;
    if (end !== LATE) return { emission, isGood: end, tookMs };
    emission.holders--;
    this.#state.failed(`did not answer within ${limitMs / 1000} s`);
    return { emission: undefined, isGood: false, tookMs };
  }
}

/** As many label values as the metric has labels. */
function fitted({ labels: names }: MetricSpec, labels: readonly string[]): readonly string[] {
  return labels.length === names.length ? labels : names.map((_, i) => labels[i] ?? "");
}
