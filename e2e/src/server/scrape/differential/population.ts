import type { Random } from "../../../support/random.ts";

type PopulationType =
  | "counter"
  | "gauge"
  | "histogram"
  | "summary"
  | "untyped"
  | "gaugehistogram"
  | "info"
  | "stateset";

/** Way in which the explicit timestamps of a series change from scrape to scrape. */
export type TimeStyle = "none" | "forward" | "stuck" | "backward" | "ancient" | "future" | "erratic";

/** A member of a metric family: one series, or one histogram or summary. */
export interface Member {
  readonly labels: readonly (readonly [name: string, value: string])[];
  present: boolean;
  value: number;
  readonly time: TimeStyle;
  /** Counts of the histogram buckets; not cumulative. */
  readonly buckets: number[];
  readonly exemplars: boolean;
  /** Time at which the metric was created, seconds since 1970. */
  created: number;
}

export interface PopulationFamily {
  readonly name: string;
  type: PopulationType;
  help: string | undefined;
  unit: string | undefined;
  readonly bounds: readonly number[];
  readonly members: Member[];
  readonly native: boolean;
  readonly float: boolean;
}

const LABEL_VALUES = [
  "",
  "a",
  "b",
  "c",
  "ünï",
  'quo"te',
  "back\\slash",
  "new\nline",
  "a rather long value of a label",
  "200",
  "500",
];
const LABEL_NAMES = ["code", "zone", "le2", "method", "instance", "job", "exported_job", "a_long_label_name"];
const VALUES = [0, 1, -1, 3.5, 1e9, 1e-300, 1.7976931348623157e308, NaN, Infinity, -Infinity, 123456789.125, 5e-324];
const BOUNDS = [
  [0.1, 1, 10],
  [1, 2.5, 1e6],
  [0.005, 0.01, 0.025, 0.05],
  [-1, 0, 1],
];
const HELPS = ["Help.", "With \\ and\nlines.", "", "ünïcode", undefined];

/** The simulated metrics of a target, which change from scrape to scrape. */
export class Population {
  readonly families: PopulationFamily[] = [];
  readonly #random: Random;
  readonly #oddUnits: boolean;
  readonly #converted: boolean;
  #families = 0;

  /**
   * @param oddUnits whether metric names may lack their unit as a suffix
   * @param converted whether classic histograms are scraped as native ones
   */
  constructor(random: Random, oddUnits: boolean, converted: boolean) {
    this.#random = random;
    this.#oddUnits = oddUnits;
    this.#converted = converted;
    const count = 1 + random.below(4);
    for (let i = 0; i < count; i++) this.#addFamily();
  }

  /** Advances to the next scrape: values change, series disappear and return. */
  step(): void {
    const random = this.#random;
    if (random.chance(8)) this.#addFamily();
    for (const family of this.families) {
      if (random.chance(4)) family.help = random.pick(HELPS);
      if (random.chance(2)) family.type = random.pick(["counter", "gauge", "untyped"]);
      if (random.chance(8)) family.members.push(this.#member(family));
      for (const member of family.members) this.#change(family, member);
    }
  }

  #change(family: PopulationFamily, member: Member): void {
    const random = this.#random;
    if (random.chance(member.present ? 10 : 30)) member.present = !member.present;
    if (random.chance(3)) {
      member.created += 1;
      member.value = 0;
      member.buckets.fill(0);
    }
    if (random.chance(8)) member.value = random.pick(VALUES);
    else if (random.chance(70))
      member.value = (Number.isFinite(member.value) ? member.value : 0) + random.below(100) / 4;
    for (let i = 0; i < member.buckets.length; i++) {
      if (random.chance(50)) member.buckets[i]! += random.below(5) + (family.float && random.chance(50) ? 0.5 : 0);
    }
  }

  #addFamily(): void {
    const random = this.#random;
    const type = random.weighted<PopulationType>([
      [30, "counter"],
      [25, "gauge"],
      [20, "histogram"],
      [10, "summary"],
      [8, "untyped"],
      [3, "gaugehistogram"],
      [2, "info"],
      [2, "stateset"],
    ]);
    const number = this.#families++;
    const base = random.chance(6) ? `ünï.${number} name` : random.chance(8) ? `fam_b${number}` : `fam${number}`;
    const unit = random.chance(20) ? "seconds" : undefined;
    const family: PopulationFamily = {
      name: unit === undefined || (this.#oddUnits && random.chance(5)) ? base : `${base}_${unit}`,
      type,
      help: random.pick(HELPS),
      unit,
      bounds: random.pick(BOUNDS),
      members: [],
      native: random.chance(60),
      float: random.chance(20),
    };
    const count = 1 + random.below(5);
    for (let i = 0; i < count; i++) family.members.push(this.#member(family));
    this.families.push(family);
  }

  #member(family: PopulationFamily): Member {
    const random = this.#random;
    const labels = new Map<string, string>();
    if (random.chance(90))
      for (const name of random.some(LABEL_NAMES).slice(0, 3)) labels.set(name, random.pick(LABEL_VALUES));
    if (random.chance(3)) labels.set("ünï.label", "x");
    const time = random.weighted<TimeStyle>([
      [80, "none"],
      [6, "forward"],
      [4, "stuck"],
      [3, "backward"],
      [2, "ancient"],
      [2, "future"],
      [3, "erratic"],
    ]);
    return {
      labels: [...labels],
      present: random.chance(85),
      value: random.chance(20) ? random.pick(VALUES) : random.below(1000),
      time: time === "future" && this.#mayPoison(family) ? "forward" : time,
      buckets: Array.from({ length: family.bounds.length + 1 }, () => random.below(6)),
      exemplars: random.chance(30),
      created: random.below(50),
    };
  }

  /**
   * Reports whether a family may be stored as histograms. Its samples must not have times in the future: Prometheus 3.5
   * accepts them, and then refuses all later samples as too old. A converted histogram gets the time of later lines.
   */
  #mayPoison({ bounds, type }: PopulationFamily): boolean {
    return this.#converted || (bounds.length > 0 && type.endsWith("histogram"));
  }
}
