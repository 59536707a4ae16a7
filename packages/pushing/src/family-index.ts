import { type FamilySample, type MetricFamily, writeText } from "@narthex/exposition";
import { compareBytewise } from "@narthex/model";
import { describeMetric, typeWord } from "./describe-metric.ts";
import { printedSamples, type PushedFamily, type PushedMetric } from "./pushed-family.ts";
import { suffixCollision } from "./suffix-collision.ts";

/** All groups' families of one name. */
interface Shared {
  readonly byGroup: Map<string, PushedFamily>;
  /** Families of each type; more than one type only where nothing checked. */
  readonly types: Map<MetricFamily["type"], number>;
  /** What a scrape shows, until something of the name changes. */
  printed: MetricFamily | undefined;
  /** The same as text. */
  text: string | undefined;
}

/** Types and metrics of the process's own families, which pushed ones must not contradict. */
export type OwnFamilies = ReadonlyMap<string, MetricFamily>;

/**
 * Every pushed family by name and every metric by identity, so that a push is checked against the names it brings and
 * not against all that is stored.
 */
export class FamilyIndex {
  readonly #shared = new Map<string, Shared>();
  /** How many groups hold a metric; more than one only where nothing checked. */
  readonly #holders = new Map<string, number>();
  readonly #repeated = new Set<string>();

  add(group: string, family: PushedFamily): void {
    let shared = this.#shared.get(family.name);
    if (shared === undefined)
      this.#shared.set(
        family.name,
        (shared = { byGroup: new Map(), types: new Map(), printed: undefined, text: undefined }),
      );
    shared.byGroup.set(group, family);
    shared.types.set(family.type, (shared.types.get(family.type) ?? 0) + 1);
    shared.printed = undefined;
    shared.text = undefined;
    for (const key of family.keys) this.#count(key, 1);
  }

  remove(group: string, family: PushedFamily): void {
    const shared = this.#shared.get(family.name);
    if (shared === undefined) return;
    shared.byGroup.delete(group);
    const left = shared.types.get(family.type)! - 1;
    if (left > 0) shared.types.set(family.type, left);
    else shared.types.delete(family.type);
    shared.printed = undefined;
    shared.text = undefined;
    if (shared.byGroup.size === 0) this.#shared.delete(family.name);
    for (const key of family.keys) this.#count(key, -1);
  }

  #count(key: string, change: number): void {
    const count = (this.#holders.get(key) ?? 0) + change;
    if (count > 0) this.#holders.set(key, count);
    else this.#holders.delete(key);
    if (count > 1) this.#repeated.add(key);
    else this.#repeated.delete(key);
  }

  /** A family of this name in a group other than the given one. */
  elsewhere(name: string, group: string): PushedFamily | undefined {
    for (const [key, family] of this.#shared.get(name)?.byGroup ?? []) if (key !== group) return family;
    return undefined;
  }

  /** Does a group other than the one that now has `held` have the metric? */
  isHeldElsewhere(key: string, held: PushedFamily | undefined): boolean {
    const own = held?.keys.filter((other) => other === key).length ?? 0;
    return (this.#holders.get(key) ?? 0) > own;
  }

  /** What is wrong with the whole, in the words of a failed scrape; only unchecked pushes can bring that about. */
  problem(): string | undefined {
    const typeOf = (name: string): string | undefined => this.#shared.get(name)?.types.keys().next().value;
    for (const [name, { types, byGroup }] of this.#shared) {
      if (types.size > 1) return mixedTypes([...byGroup.values()]);
      const collision = suffixCollision(name, typeOf(name)!, typeOf);
      if (collision !== undefined) return collision;
    }
    return this.#repeated.size === 0 ? undefined : this.#repetition();
  }

  #repetition(): string | undefined {
    for (const { byGroup } of this.#shared.values()) {
      for (const family of byGroup.values()) {
        const at = family.keys.findIndex((key) => this.#repeated.has(key));
        if (at !== -1) return repeatProblem(family, family.metrics[at]!);
      }
    }
    return undefined;
  }

  /** As `families`, in the text format, in no particular order; only what has changed since is written anew. */
  texts(ownHelp: (name: string) => string | undefined): FamilyText[] {
    const texts: FamilyText[] = [];
    for (const [name, shared] of this.#shared) {
      shared.text ??= familyText(name, [...shared.byGroup.values()], ownHelp(name));
      texts.push({ name, text: shared.text });
    }
    return texts;
  }

  /** Families of all groups, one per name, series sorted; help is `ownHelp`'s where it knows the name. */
  families(ownHelp: (name: string) => string | undefined): MetricFamily[] {
    const families: MetricFamily[] = [];
    for (const [name, shared] of this.#shared) {
      shared.printed ??= print(name, [...shared.byGroup.values()], ownHelp(name));
      families.push(shared.printed);
    }
    return families;
  }
}

/** A name and its lines in the text format. */
export interface FamilyText {
  readonly name: string;
  readonly text: string;
}

export const typeProblem = (family: PushedFamily, wanted: string, metric: PushedMetric): string =>
  `collected metric "${family.name}" { ${describeMetric(family.type, metric)}} is not a ${wanted}`;

export const repeatProblem = (family: PushedFamily, metric: PushedMetric): string =>
  `collected metric "${family.name}" { ${describeMetric(family.type, metric)}} was collected before with the same name and label values`;

function mixedTypes(families: readonly PushedFamily[]): string | undefined {
  const other = families.find((family) => family.type !== families[0]!.type);
  return other && typeProblem(other, typeWord(families[0]!.type), other.metrics[0]!);
}

function familyText(name: string, families: readonly PushedFamily[], ownHelp: string | undefined): string {
  const help = ownHelp ?? families.find((family) => family.help !== undefined)?.help;
  const lines = families.flatMap(metricLines).sort((a, b) => compareMetrics(a.metric, b.metric));
  let text = writeText([{ name, help, type: families[0]!.type, samples: [NO_SAMPLE] }]);
  text = text.slice(0, text.lastIndexOf("\n", text.length - 2) + 1);
  for (const { line } of lines) text += line;
  return text;
}

/** Stands in where only the lines above the samples are wanted. */
const NO_SAMPLE: FamilySample = { suffix: "", labels: [], value: 0 };

interface MetricLine {
  readonly metric: PushedMetric;
  readonly line: string;
}

const LINES = new WeakMap<PushedFamily, readonly MetricLine[]>();

/** The lines of each metric, written once per push. */
function metricLines(family: PushedFamily): readonly MetricLine[] {
  let lines = LINES.get(family);
  if (lines === undefined) {
    lines = family.metrics.map((metric) => {
      const samples = printedSamples(family.type, metric);
      const text = writeText([{ name: family.name, help: undefined, type: family.type, samples }]);
      return { metric, line: text.slice(text.indexOf("\n") + 1) };
    });
    LINES.set(family, lines);
  }
  return lines;
}

function print(name: string, families: readonly PushedFamily[], ownHelp: string | undefined): MetricFamily {
  const type = families[0]!.type;
  const metrics = families.length === 1 ? [...families[0]!.metrics] : families.flatMap((family) => family.metrics);
  metrics.sort(compareMetrics);
  const samples: FamilySample[] = [];
  for (const metric of metrics) samples.push(...printedSamples(type, metric));
  return { name, type, help: ownHelp ?? families.find((family) => family.help !== undefined)?.help, samples };
}

/** As a Go client sorts: fewer labels first, then by values. */
function compareMetrics(a: PushedMetric, b: PushedMetric): number {
  if (a.labels.length !== b.labels.length) return a.labels.length - b.labels.length;
  for (let i = 1; i < a.labels.length; i += 2) {
    if (a.labels[i] !== b.labels[i]) return compareBytewise(a.labels[i]!, b.labels[i]!);
  }
  return 0;
}
