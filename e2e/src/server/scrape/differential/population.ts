import type { Dice } from "../../../support/dice.ts";

type PopulationType =
  | "counter"
  | "gauge"
  | "histogram"
  | "summary"
  | "untyped"
  | "gaugehistogram"
  | "info"
  | "stateset";

/** Timestamps of a sample in the exposition. */
export type TimeStyle = "none" | "forward" | "stuck" | "backward" | "ancient" | "future" | "erratic";

/** One series, or one histogram or summary, of a family. */
export interface Member {
  readonly labels: readonly (readonly [name: string, value: string])[];
  present: boolean;
  value: number;
  readonly time: TimeStyle;
  /** Counts of its buckets, not cumulative. */
  readonly buckets: number[];
  readonly exemplars: boolean;
  /** Seconds since 1970. */
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

/** Metrics of a target, which change from scrape to scrape. */
export class Population {
  readonly families: PopulationFamily[] = [];
  readonly #dice: Dice;
  readonly #oddUnits: boolean;
  readonly #converted: boolean;
  #families = 0;

  /**
   * @param oddUnits whether metric names may lack their unit as a suffix
   * @param converted whether classic histograms are scraped as native ones
   */
  constructor(dice: Dice, oddUnits: boolean, converted: boolean) {
    this.#dice = dice;
    this.#oddUnits = oddUnits;
    this.#converted = converted;
    const count = 1 + dice.roll(4);
    for (let i = 0; i < count; i++) this.#addFamily();
  }

  /** Advances time: values change, series disappear and return. */
  step(): void {
    const dice = this.#dice;
    if (dice.chance(8)) this.#addFamily();
    for (const family of this.families) {
      if (dice.chance(4)) family.help = dice.pick(HELPS);
      if (dice.chance(2)) family.type = dice.pick(["counter", "gauge", "untyped"]);
      if (dice.chance(8)) family.members.push(this.#member(family));
      for (const member of family.members) this.#change(family, member);
    }
  }

  #change(family: PopulationFamily, member: Member): void {
    const dice = this.#dice;
    if (dice.chance(member.present ? 10 : 30)) member.present = !member.present;
    if (dice.chance(3)) {
      member.created += 1;
      member.value = 0;
      member.buckets.fill(0);
    }
    if (dice.chance(8)) member.value = dice.pick(VALUES);
    else if (dice.chance(70)) member.value = (Number.isFinite(member.value) ? member.value : 0) + dice.roll(100) / 4;
    for (let i = 0; i < member.buckets.length; i++) {
      if (dice.chance(50)) member.buckets[i]! += dice.roll(5) + (family.float && dice.chance(50) ? 0.5 : 0);
    }
  }

  #addFamily(): void {
    const dice = this.#dice;
    const type = dice.weighted<PopulationType>([
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
    const base = dice.chance(6) ? `ünï.${number} name` : dice.chance(8) ? `fam_b${number}` : `fam${number}`;
    const unit = dice.chance(20) ? "seconds" : undefined;
    const family: PopulationFamily = {
      name: unit === undefined || (this.#oddUnits && dice.chance(5)) ? base : `${base}_${unit}`,
      type,
      help: dice.pick(HELPS),
      unit,
      bounds: dice.pick(BOUNDS),
      members: [],
      native: dice.chance(60),
      float: dice.chance(20),
    };
    const count = 1 + dice.roll(5);
    for (let i = 0; i < count; i++) family.members.push(this.#member(family));
    this.families.push(family);
  }

  #member(family: PopulationFamily): Member {
    const dice = this.#dice;
    const labels = new Map<string, string>();
    if (dice.chance(90))
      for (const name of dice.some(LABEL_NAMES).slice(0, 3)) labels.set(name, dice.pick(LABEL_VALUES));
    if (dice.chance(3)) labels.set("ünï.label", "x");
    const time = dice.weighted<TimeStyle>([
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
      present: dice.chance(85),
      value: dice.chance(20) ? dice.pick(VALUES) : dice.roll(1000),
      time: time === "future" && this.#mayPoison(family) ? "forward" : time,
      buckets: Array.from({ length: family.bounds.length + 1 }, () => dice.roll(6)),
      exemplars: dice.chance(30),
      created: dice.roll(50),
    };
  }

  /**
   * 3.5 accepts histograms from the future, and then refuses all later samples as too old. A converted histogram gets
   * the time of later lines.
   */
  #mayPoison({ bounds, type }: PopulationFamily): boolean {
    return this.#converted || (bounds.length > 0 && type.endsWith("histogram"));
  }
}
