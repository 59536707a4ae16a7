import { type FamilySample, gather, type MetricFamily } from "@narthex/exposition";
import { compareBytewise } from "@narthex/model";
import { type Clock, type Logger, logOnChange, type StateLog } from "@narthex/runtime";
import { type Collect, type Collector, type Emitter, type MetricTable, NoData } from "./collector.ts";
import type { HostFiles } from "./host-files.ts";
import { beginLook } from "./kept-files.ts";
import { gauge, type MetricSpec } from "./metric.ts";
import type { Settings } from "./settings.ts";
import { LATE, withinLimit } from "./time-limit.ts";

const DURATION = gauge("node_scrape_collector_duration_seconds", "node_exporter: Duration of a collector scrape.", [
  "collector",
]);
const SUCCESS = gauge("node_scrape_collector_success", "node_exporter: Whether a collector succeeded.", ["collector"]);

/** What collectors need of their surroundings. */
export interface CollectionOptions {
  readonly files: HostFiles;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long one collector may take before the scrape goes out without it. */
  readonly timeLimitMs: number;
}

/** The enabled collectors of one exporter. */
export interface Collection {
  /** Names in byte order. */
  readonly names: readonly string[];
  /** Reads the host once with the collectors named (all without the argument); families and series come sorted. */
  gather(names?: ReadonlySet<string>): Promise<MetricFamily[]>;
}

/** A family while it is filled. */
interface Filling {
  readonly metric: MetricSpec;
  readonly samples: FamilySample[];
}

/** Where one run of one collector emits to: its families reach the scrape only when the run ends well or in time. */
class Yield {
  readonly families = new Map<string, Filling>();
  /** Families that came whole. */
  readonly foreign: MetricFamily[] = [];
  /** Those of them whose series are in order. */
  readonly ordered: MetricFamily[] = [];

  add(metric: MetricSpec, value: number, labels: readonly string[]): void {
    let family = this.families.get(metric.name);
    if (family === undefined) this.families.set(metric.name, (family = { metric, samples: [] }));
    family.samples.push({ suffix: "", labels: pairsOf(metric.labels, labels), value });
  }
}

const SORTED_LABELS = new WeakMap<readonly string[], readonly number[]>();

/** Positions of the label names in byte order, worked out once per metric. */
function labelOrder(names: readonly string[]): readonly number[] {
  let order = SORTED_LABELS.get(names);
  if (order === undefined) {
    order = names.map((_, i) => i).toSorted((a, b) => compareBytewise(names[a]!, names[b]!));
    SORTED_LABELS.set(names, order);
  }
  return order;
}

function pairsOf(names: readonly string[], values: readonly string[]): readonly string[] {
  if (names.length === 1) return [names[0]!, values[0] ?? ""];
  const pairs: string[] = [];
  for (const i of labelOrder(names)) pairs.push(names[i]!, values[i] ?? "");
  return pairs;
}

/** One opened collector with what is remembered about it between scrapes. */
class Member {
  readonly name: string;
  readonly #collect: Collect<MetricTable>;
  readonly #emit: Emitter<MetricTable>;
  readonly #state: StateLog;
  readonly #options: CollectionOptions;
  #yield = new Yield();
  #isRunning = false;

  constructor(collector: Collector, options: CollectionOptions) {
    this.name = collector.name;
    const logger = options.logger.child({ collector: collector.name });
    this.#collect = collector.open({ settings: options.settings, clock: options.clock, logger });
    this.#state = logOnChange(logger, "Collector");
    this.#options = options;
    this.#emit = this.#emitter(collector.metrics);
  }

  #emitter(metrics: MetricTable): Emitter<MetricTable> {
    const table: Record<string, (value: number, ...labels: readonly string[]) => void> = {};
    for (const [key, metric] of Object.entries(metrics)) {
      table[key] = (value, ...labels) => this.#yield.add(metric, value, labels);
    }
    const dynamic = (metric: MetricSpec, value: number, ...labels: readonly string[]): void =>
      this.#yield.add(metric, value, labels);
    const family = (whole: MetricFamily): void => void this.#yield.foreign.push(whole);
    const ordered = (whole: MetricFamily): void => void this.#yield.ordered.push(whole);
    return { ...table, dynamic, family, ordered } as Emitter<MetricTable>;
  }

  /** Runs once and hands over what was emitted; a failed run keeps what it emitted before it failed, as upstream. */
  async run(into: Yield): Promise<void> {
    const { clock } = this.#options;
    const began = clock.monotonic();
    const emitted = this.#isRunning ? new Yield() : (this.#yield = new Yield());
    const succeeded = await this.#attempt();
    // A run that comes back after its limit writes into a yield nobody reads.
    if (!succeeded.isLate) mergeInto(into, emitted);
    into.add(DURATION, (clock.monotonic() - began) / 1000, [this.name]);
    into.add(SUCCESS, succeeded.isGood ? 1 : 0, [this.name]);
  }

  async #attempt(): Promise<{ isGood: boolean; isLate: boolean }> {
    if (this.#isRunning) {
      this.#state.failed("still busy with an earlier scrape");
      return { isGood: false, isLate: true };
    }
    this.#isRunning = true;
    try {
      const running = this.#collect(this.#options.files, this.#emit);
      if (running !== undefined && !(await this.#inTime(running))) return { isGood: false, isLate: true };
      this.#isRunning = false;
      this.#state.worked();
      return { isGood: true, isLate: false };
    } catch (error) {
      this.#isRunning = false;
      // What a host does not have is no fault; it shows as success 0.
      if (!(error instanceof NoData)) this.#state.failed(error instanceof Error ? error.message : String(error));
      return { isGood: false, isLate: false };
    }
  }

  /** False when the limit passes first; the collector is left alone until it comes back. */
  async #inTime(running: Promise<void>): Promise<boolean> {
    const { clock, timeLimitMs } = this.#options;
    if ((await withinLimit(clock, timeLimitMs, running)) !== LATE) return true;
    this.#state.failed(`did not answer within ${timeLimitMs / 1000} s`);
    const release = (): void => void (this.#isRunning = false);
    running.then(release, release);
    return false;
  }
}

function mergeInto(into: Yield, from: Yield): void {
  into.foreign.push(...from.foreign);
  into.ordered.push(...from.ordered);
  for (const [name, family] of from.families) {
    const known = into.families.get(name);
    if (known === undefined) into.families.set(name, family);
    else known.samples.push(...family.samples);
  }
}

/** Series order of a Go client: by label values, label names sorted. */
function compareSamples(a: FamilySample, b: FamilySample): number {
  if (a.labels.length !== b.labels.length) return a.labels.length - b.labels.length;
  for (let i = 1; i < a.labels.length; i += 2) {
    const order = compareBytewise(a.labels[i]!, b.labels[i]!);
    if (order !== 0) return order;
  }
  return 0;
}

function sorted(gathered: Yield): MetricFamily[] {
  const families = [...gathered.families.values()].map(({ metric, samples }) => ({
    name: metric.name,
    type: metric.type,
    help: metric.help,
    samples: samples.length > 1 ? samples.toSorted(compareSamples) : samples,
  }));
  const { foreign, ordered } = gathered;
  const others = foreign.length > 0 ? gather([...families, ...foreign]) : families;
  const names = new Set(others.map(({ name }) => name));
  if (ordered.some(({ name }) => names.has(name))) return gather([...others, ...ordered]);
  return [...others, ...ordered].toSorted((a, b) => compareBytewise(a.name, b.name));
}

/** Opens the collectors. Throws SettingsError where their flags contradict each other. */
export function openCollection(collectors: readonly Collector[], options: CollectionOptions): Collection {
  const members = collectors
    .map((collector) => new Member(collector, options))
    .toSorted((a, b) => compareBytewise(a.name, b.name));
  return {
    names: members.map((member) => member.name),
    async gather(names) {
      beginLook();
      const gathered = new Yield();
      const chosen = names === undefined ? members : members.filter((member) => names.has(member.name));
      await Promise.all(chosen.map((member) => member.run(gathered)));
      return sorted(gathered);
    },
  };
}
