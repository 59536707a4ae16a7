import { formatFloat } from "@narthex/model";
import type { Random } from "../../../support/random.ts";
import { explicitTime } from "./clockwork.ts";
import type { Member, Population, PopulationFamily } from "./population.ts";

interface Line {
  readonly name: string;
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: number;
  readonly exemplar: boolean;
}

const TEXT_TYPES = new Set(["counter", "gauge", "histogram", "summary", "untyped"]);
const LEGACY = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/**
 * Formats the simulated metrics of a target as Prometheus text 0.0.4 or OpenMetrics, with the variants that the format
 * allows.
 */
export class TextExposition {
  readonly #random: Random;
  readonly #open: boolean;
  readonly #now: number;
  #step = 0;

  constructor(random: Random, open: boolean, now: number) {
    this.#random = random;
    this.#open = open;
    this.#now = now;
  }

  print(population: Population, step: number): string {
    this.#step = step;
    const out: string[] = [];
    for (const family of population.families) {
      out.push(...this.#metadata(family));
      for (const member of family.members) {
        if (!member.present) continue;
        for (const line of linesOf(family, member, this.#open)) {
          out.push(this.#line(line, member));
          if (this.#random.chance(1)) out.push(this.#line({ ...line, value: line.value + 1 }, member));
        }
        if (this.#open && this.#random.chance(30)) out.push(...this.#created(family, member));
      }
    }
    if (!this.#open && this.#random.chance(15))
      out.splice(
        this.#random.below(out.length + 1),
        0,
        this.#random.pick(["", "# a comment", "   ", "#", "# HELP lonely"]),
      );
    if (this.#open) out.push("# EOF");
    const end = this.#random.chance(90) ? "\n" : "";
    return out.join("\n") + end;
  }

  #metadata(family: PopulationFamily): string[] {
    const out: string[] = [];
    const name = LEGACY.test(family.name) ? family.name : `"${family.name}"`;
    const type = this.#open && family.type === "untyped" ? "unknown" : family.type;
    const gap = this.#open
      ? " "
      : this.#random.weighted([
          [9, " "],
          [1, "\t  "],
        ]);
    if (this.#random.chance(95) && (this.#open || TEXT_TYPES.has(type))) out.push(`#${gap}TYPE ${name} ${type}`);
    if (family.help !== undefined) {
      const help = family.help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
      out.push(`#${gap}HELP ${name} ${help}`);
    }
    if (this.#open && family.unit !== undefined && this.#random.chance(97)) out.push(`# UNIT ${name} ${family.unit}`);
    return out;
  }

  #created(family: PopulationFamily, member: Member): string[] {
    if (!["counter", "histogram", "summary"].includes(family.type)) return [];
    const value = this.#now / 1000 - 100 + member.created;
    return [`${this.#series(`${family.name}_created`, member.labels, true)} ${value}`];
  }

  #line({ name, labels, value, exemplar }: Line, member: Member): string {
    const random = this.#random;
    const blank = this.#open
      ? " "
      : random.weighted([
          [95, " "],
          [3, "  "],
          [2, "\t"],
        ]);
    const time = explicitTime(random, member.time, this.#step, this.#now);
    const stamp = time === undefined ? "" : this.#open ? ` ${time / 1000}` : ` ${time}`;
    const shown = random.chance(5) && Number.isFinite(value) ? value.toExponential() : formatFloat(value);
    return (
      this.#series(name, labels, member.time === "none") +
      blank +
      shown +
      stamp +
      (this.#open && exemplar ? this.#exemplar() : "")
    );
  }

  #exemplar(): string {
    const random = this.#random;
    if (random.chance(40)) return "";
    const time = random.chance(50) ? "" : ` ${this.#now / 1000 - 30 + this.#step + random.below(3) - 1}`;
    return ` # {trace_id="${random.pick(["a", "b", "ü", "x".repeat(random.chance(10) ? 130 : 20)])}"} ${random.below(10) / 2}${time}`;
  }

  #series(name: string, labels: Line["labels"], timeless: boolean): string {
    const random = this.#random;
    const pairs = labels.map(([key, value]) => `${LEGACY.test(key) ? key : `"${key}"`}="${escaped(value)}"`);
    // A label is repeated only in lines without a timestamp, because Prometheus 3.5 checks the labels only of samples
    // with an accepted time.
    if (random.chance(1) && pairs.length > 0 && timeless) pairs.push(pairs[0]!);
    if (!LEGACY.test(name) || random.chance(1)) pairs.unshift(`"${escaped(name)}"`);
    else if (pairs.length === 0) return random.chance(96) ? name : `${name}{}`;
    const trailing = random.chance(3) ? "," : "";
    const bare = pairs[0] === `"${escaped(name)}"` ? "" : name;
    if (this.#open || !random.chance(4)) return `${bare}{${pairs.join(",")}${trailing}}`;
    return `${bare} { ${pairs.join(" , ").replaceAll("=", random.pick(["=", " = "]))} ${trailing}}`;
  }
}

const escaped = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

/** Returns the lines of one series, classic histogram or summary. */
function linesOf(family: PopulationFamily, member: Member, open: boolean): Line[] {
  const { name } = family;
  const { labels, value, exemplars } = member;
  const line = (
    suffix: string,
    number: number,
    more: readonly (readonly [string, string])[] = [],
    exemplar = false,
  ): Line => ({
    name: name + suffix,
    labels: [...labels, ...more],
    value: number,
    exemplar,
  });
  switch (family.type) {
    case "counter":
      return [line(open ? "_total" : "", value, [], exemplars)];
    case "histogram":
    case "gaugehistogram": {
      const gauge = family.type === "gaugehistogram";
      let sum = 0;
      const buckets = member.buckets.map((count, i) => {
        const bound = family.bounds[i];
        return line("_bucket", (sum += count), [["le", bound === undefined ? "+Inf" : String(bound)]], exemplars);
      });
      return [...buckets, line(gauge ? "_gsum" : "_sum", value), line(gauge ? "_gcount" : "_count", sum)];
    }
    case "summary":
      return [
        line("", value, [["quantile", "0.5"]]),
        line("", value * 2, [["quantile", "1"]]),
        line("_sum", value * 10),
        line("_count", member.buckets[0]!),
      ];
    case "info":
      return [line("_info", 1)];
    case "stateset":
      return [line("", value === 0 ? 0 : 1, [[name, "on"]])];
    default:
      return [line("", value, [], exemplars)];
  }
}
