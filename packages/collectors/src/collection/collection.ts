import type { EscapingScheme, MetricFamily } from "@narthex/exposition";
import { compareBytewise } from "@narthex/model";
import { type Clock, logOnChange, Mutex, runToEnd, type StateLog } from "@narthex/runtime";
import type { Collector } from "../collector.ts";
import { MetricBuffer, SeriesTable } from "./metric-buffer.ts";
import { beginScrape } from "../host-files/descriptor-cache.ts";
import { type CollectionOptions, CollectorRunner, type CollectorResult } from "./collector-runner.ts";
import { gauge } from "../metric.ts";
import type { PageFormat } from "./scrape-page.ts";
import { Pages, selectionOf } from "./pages.ts";
import { runInTurns, turnsOf } from "./turns.ts";

export type { CollectionOptions } from "./collector-runner.ts";

const DURATION = gauge("node_scrape_collector_duration_seconds", "node_exporter: Duration of a collector scrape.", [
  "collector",
]);
const SUCCESS = gauge("node_scrape_collector_success", "node_exporter: Whether a collector succeeded.", ["collector"]);

/** Maximum number of dropped metrics in one log message. */
const MAX_SENTENCES = 10;

/** The collectors that a scrape runs, and their time limit. */
interface ScrapeRequest {
  /** Names of the collectors to run; undefined for all collectors. */
  readonly names?: ReadonlySet<string> | undefined;
  /** Time limit of one collector. The default and the maximum are the collection's own limit. */
  readonly limitMs?: number | undefined;
}

/** A request for a scrape whose result is printed as text or protobuf. */
interface PrintedScrapeRequest extends ScrapeRequest {
  /** Format of the output; default: "text". */
  readonly format?: PageFormat | undefined;
  readonly escaping: EscapingScheme;
  /** Returns additional metric families to print, after the collectors have run. Their series must be sorted. */
  readonly added: () => readonly MetricFamily[];
  /** Runs if metrics of a text file are dropped because they contradict a collector's metrics. */
  readonly onConflict?: (() => void) | undefined;
}

/** The enabled collectors of one exporter. */
export interface Collection {
  /** Names of the collectors in byte order. */
  readonly names: readonly string[];
  /**
   * Reads the host once and passes the printed text to `use`. The text is valid until the promise of `use` resolves.
   */
  print<T>(request: PrintedScrapeRequest, use: (text: Uint8Array) => T | Promise<T>): Promise<T>;
}

/** Opens the collectors. Throws SettingsError if their flags contradict each other. */
export function openCollection(collectors: readonly Collector[], options: CollectionOptions): Collection {
  const runners = collectors
    .map((collector) => new CollectorRunner(collector, options))
    .toSorted((a, b) => compareBytewise(a.name, b.name));
  const pages = new Pages();
  const table = new SeriesTable();
  const own = new MetricBuffer(table);
  const added = new MetricBuffer(table);
  const conflicts = logOnChange(options.logger, "Gathering");
  // Serialises the printing, because all scrapes print into the same memory.
  const mutex = new Mutex();
  /**
   * Results that wait until the shared memory is free, by selection of collectors. A later scrape with the same
   * selection uses the waiting results.
   */
  const waiting = new Map<string, readonly CollectorResult[]>();
  const scrape = async <T>(
    { names, limitMs = Infinity }: ScrapeRequest,
    use: (buffers: readonly MetricBuffer[]) => T | Promise<T>,
  ): Promise<T> => {
    const chosen = names === undefined ? runners : runners.filter((runner) => names.has(runner.name));
    const selection = selectionOf(names);
    const mine = waiting.has(selection)
      ? []
      : await collectAll(chosen, options.clock, Math.min(limitMs, options.timeLimitMs));
    const results = waiting.get(selection) ?? mine;
    const held = buffersOf(results);
    if (results === mine) {
      if (held.length === chosen.length) waiting.set(selection, results);
    } else {
      for (const buffer of held) buffer.users++;
      for (const buffer of buffersOf(mine)) buffer.users--;
    }
    try {
      return await mutex.runExclusive(() => {
        if (waiting.get(selection) === results) waiting.delete(selection);
        return use([...held, scrapeMetrics(chosen, results, own)]);
      });
    } finally {
      for (const buffer of held) buffer.users--;
    }
  };
  return {
    names: runners.map((runner) => runner.name),
    print: (wanted, use) =>
      scrape(wanted, (buffers) => {
        added.begin();
        for (const family of wanted.added()) runToEnd(added.addingFamily(family, true));
        pages.limit();
        const page = pages.of(wanted.names, wanted.escaping, wanted.format);
        const useText = (text: Uint8Array): ReturnType<typeof use> => {
          if (page.dropped.length > 0) wanted.onConflict?.();
          if (wanted.names === undefined) report(conflicts, page.dropped);
          return use(text);
        };
        const text = runInTurns(options.clock, page.writing(buffers, added));
        return text instanceof Promise ? text.then(useText) : useText(text);
      }),
  };
}

const buffersOf = (results: readonly CollectorResult[]): readonly MetricBuffer[] =>
  results.flatMap(({ buffer }) => buffer ?? []);

/**
 * Runs the collectors. Starts the collectors first that were slow (asynchronous) in the last scrape. Returns the
 * results in the order of `runners`.
 */
async function collectAll(
  runners: readonly CollectorRunner[],
  clock: Clock,
  limitMs: number,
): Promise<CollectorResult[]> {
  beginScrape();
  const results = new Map<CollectorRunner, CollectorResult | Promise<CollectorResult>>();
  const turns = turnsOf(clock);
  const [slow, quick] = [runners.filter((one) => one.isSlow), runners.filter((one) => !one.isSlow)];
  for (const runner of [...slow, ...quick]) {
    const pause = turns.yieldToEventLoop();
    if (pause !== undefined) await pause;
    results.set(runner, runner.run(limitMs));
  }
  return Promise.all(runners.map(async (runner) => results.get(runner)!));
}

/** Logs one message when metrics are left out, and one when all metrics are shown again. */
function report(state: StateLog, dropped: readonly string[]): void {
  if (dropped.length === 0) state.succeeded();
  else state.failed(dropped.slice(0, MAX_SENTENCES).join("; "));
}

/** Samples about the collectors themselves: duration and success. */
function scrapeMetrics(
  runners: readonly CollectorRunner[],
  results: readonly CollectorResult[],
  into: MetricBuffer,
): MetricBuffer {
  into.begin();
  for (const [i, { name }] of runners.entries()) {
    into.addOne(DURATION, results[i]!.tookMs / 1000, name);
    into.addOne(SUCCESS, results[i]!.isGood ? 1 : 0, name);
  }
  return into;
}
