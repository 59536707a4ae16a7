import { type MetricFamily, summarySamples } from "@narthex/exposition";
import type { Clock } from "@narthex/runtime";

/**
 * Time window of the quantiles in ms: ten minutes, the default of the Go client. Old values leave the window in five
 * steps.
 */
const WINDOW_MS = 600_000;
const AGES = 5;
const AGE_MS = WINDOW_MS / AGES;

/**
 * Resolution of quantiles, as the number of logarithmic steps per factor e. Values within a step count as equal, so a
 * quantile is accurate to 0.005 %.
 */
const STEPS_PER_E = 1 / Math.log(1.0001);
/** Step number for 0 and negative values, which have no logarithm. */
const ZERO_STEP = -Infinity;

/** Observations in one fifth of the window, by step. */
interface Age {
  readonly counts: Map<number, number>;
  min: number;
  max: number;
}

/** A summary (count, sum and recent quantiles) for one set of labels. Observing a value does not allocate memory. */
class RecentValues {
  count = 0;
  sum = 0;
  /** Observations in each fifth of the time window. The latest fifth is the last. */
  #ages: Age[] = [];
  #latestBegan = -Infinity;

  observe(value: number, now: number): void {
    this.count++;
    this.sum += value;
    this.#forget(now);
    const age = this.#ages[AGES - 1]!;
    const step = value > 0 ? Math.round(Math.log(value) * STEPS_PER_E) : ZERO_STEP;
    age.counts.set(step, (age.counts.get(step) ?? 0) + 1);
    if (value < age.min) age.min = value;
    if (value > age.max) age.max = value;
  }

  quantiles(phis: readonly number[], now: number): number[] {
    this.#forget(now);
    const counts = new Map<number, number>();
    let total = 0;
    for (const age of this.#ages) {
      for (const [step, count] of age.counts) {
        counts.set(step, (counts.get(step) ?? 0) + count);
        total += count;
      }
    }
    const min = this.#ages.map((age) => age.min).reduce((a, b) => Math.min(a, b), Infinity);
    const max = this.#ages.map((age) => age.max).reduce((a, b) => Math.max(a, b), -Infinity);
    const steps = [...counts].toSorted(([a], [b]) => a - b);
    return phis.map((phi) => {
      if (total === 0) return NaN;
      let rest = Math.max(1, Math.ceil(phi * total));
      const [step] = steps.find(([, count]) => (rest -= count) <= 0) ?? steps.at(-1)!;
      return Math.min(max, Math.max(min, Math.exp(step / STEPS_PER_E)));
    });
  }

  #forget(now: number): void {
    if (now - this.#latestBegan < AGE_MS) return;
    const passed = Math.min(AGES, Math.floor((now - this.#latestBegan) / AGE_MS));
    for (let i = 0; i < passed; i++) this.#ages.push({ counts: new Map(), min: Infinity, max: -Infinity });
    this.#ages = this.#ages.slice(-AGES);
    this.#latestBegan = passed === AGES ? now : this.#latestBegan + passed * AGE_MS;
  }
}

type LabelsOf<L extends string> = Readonly<Partial<Record<L, string>>>;

/**
 * Count, sum and recent quantiles of observed values, for each set of label values. A summary without label names has
 * exactly one set, which exists from the start.
 */
export class RecentSummary<L extends string> {
  readonly #name: string;
  readonly #help: string;
  readonly #phis: readonly number[];
  readonly #labelNames: readonly L[];
  readonly #clock: Clock;
  readonly #values = new Map<string, { readonly labels: readonly string[]; values: RecentValues }>();

  constructor(name: string, help: string, phis: readonly number[], labelNames: readonly L[], clock: Clock) {
    this.#name = name;
    this.#help = help;
    this.#phis = phis;
    this.#labelNames = labelNames;
    this.#clock = clock;
    if (labelNames.length === 0) this.#of(undefined);
  }

  observe(value: number): void;
  observe(labels: LabelsOf<L>, value: number): void;
  observe(first: LabelsOf<L> | number, second?: number): void {
    const now = this.#clock.monotonic();
    if (typeof first === "number") this.#of(undefined).values.observe(first, now);
    else this.#of(first).values.observe(second!, now);
  }

  remove(labels: LabelsOf<L>): void {
    this.#values.delete(this.#key(labels));
  }

  /** Resets the values of all sets of label values. */
  reset(): void {
    for (const entry of this.#values.values()) entry.values = new RecentValues();
  }

  /** Returns the metric family, or undefined if no set of label values exists yet. */
  family(): MetricFamily | undefined {
    if (this.#values.size === 0) return undefined;
    const now = this.#clock.monotonic();
    const samples = [...this.#values.values()].flatMap(({ labels, values }) => {
      const found = values.quantiles(this.#phis, now);
      const quantiles = this.#phis.map((phi, i) => [phi, found[i]!] as const);
      return summarySamples({ quantiles, count: values.count, sum: values.sum }, labels);
    });
    return { name: this.#name, help: this.#help, type: "summary", samples };
  }

  #of(labels: LabelsOf<L> | undefined): { values: RecentValues } {
    const key = this.#key(labels);
    let entry = this.#values.get(key);
    if (entry === undefined) {
      const pairs = this.#labelNames.flatMap((name) => [name, labels?.[name] ?? ""]);
      this.#values.set(key, (entry = { labels: pairs, values: new RecentValues() }));
    }
    return entry;
  }

  #key(labels: LabelsOf<L> | undefined): string {
    const names = this.#labelNames;
    if (names.length === 1) return labels?.[names[0]!] ?? "";
    return names.map((name) => labels?.[name] ?? "").join("\u0000");
  }
}
