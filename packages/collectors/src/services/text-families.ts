import type { FamilySample, MetricFamily } from "@narthex/exposition";
import type { Steps } from "@narthex/runtime";
import { type TextMetric, textMetrics } from "./text-metrics.ts";

/** Help text and file names of a metric family, collected over all files. */
interface Description {
  /** First help text, which may be empty; undefined if no file contains a help text yet. */
  help: string | undefined;
  /** Whether the help text of a file contradicted the earlier one. The family is then also refused in the next file. */
  isContradicted: boolean;
  readonly files: string[];
}

interface Whole {
  readonly family: MetricFamily;
  readonly samples: FamilySample[];
  readonly seen: Set<string>;
}

/** Receives the file name and the reason if metrics of a text file are dropped. */
export type DropFile = (file: string, sentence: string) => void;

const SEPARATOR = "\ud800";
/** Suffixes that the lines of a family may have, by the type of the family. */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  histogram: ["_count", "_sum", "_bucket"],
  summary: ["_count", "_sum"],
};

/**
 * Merges the metric families of all text files as node_exporter does. Different help texts of a family are an error. In
 * all other conflicts the later data is dropped without an error: another type, a help text in only one of the files, a
 * repeated series, or a name that a histogram's lines have.
 */
export class TextFamilies {
  readonly #described = new Map<string, Description>();
  readonly #read: { readonly family: MetricFamily; readonly file: string }[] = [];
  readonly #refuse: DropFile;
  readonly #drop: DropFile;

  constructor(refuse: DropFile, drop: DropFile) {
    this.#refuse = refuse;
    this.#drop = drop;
  }

  add(family: MetricFamily, file: string): void {
    let known = this.#described.get(family.name);
    if (known === undefined) {
      known = { help: undefined, isContradicted: false, files: [] };
      this.#described.set(family.name, known);
    }
    const differs = known.help !== undefined && family.help !== undefined && known.help !== family.help;
    if (differs || known.isContradicted) {
      // Refuses the family of this file only, if its help text is empty. Otherwise refuses the family in the next file
      // too, as in node_exporter.
      known.isContradicted = family.help !== "";
      this.#refuse(file, `metric ${family.name} has another help text in ${known.files[0] ?? "an earlier file"}`);
      return;
    }
    known.help ??= family.help;
    known.files.push(file);
    this.#read.push({ family, file });
  }

  /** Returns the families that do not conflict. */
  *families(): Steps<MetricFamily[]> {
    const whole = new Map<string, Whole>();
    for (const { family, file } of this.#read) {
      yield;
      const help = family.help ?? `Metric read from ${this.#described.get(family.name)!.files.join(", ")}`;
      this.#merge(whole, { ...family, help }, file);
    }
    return [...whole.values()].map(({ family, samples }) => ({ ...family, samples }));
  }

  #merge(whole: Map<string, Whole>, family: MetricFamily, file: string): void {
    let known = whole.get(family.name);
    const problem = known === undefined ? collision(family, whole) : contradiction(family, known.family);
    if (problem !== undefined) {
      this.#drop(file, `metric ${family.name} ${problem}`);
      return;
    }
    if (known === undefined) whole.set(family.name, (known = { family, samples: [], seen: new Set() }));
    for (const metric of textMetrics(family)) {
      const key = keyOf(metric);
      if (known.seen.has(key)) this.#drop(file, `metric ${family.name} has a series twice`);
      else for (const item of metric.samples) known.samples.push(item);
      known.seen.add(key);
    }
  }
}

/** Returns a key of a label set that does not depend on the label order. Empty labels are part of the key. */
function keyOf({ labels }: TextMetric): string {
  const pairs: string[] = [];
  for (let i = 0; i < labels.length; i += 2) pairs.push(labels[i]! + SEPARATOR + labels[i + 1]!);
  return pairs.toSorted().join(SEPARATOR + SEPARATOR);
}

function contradiction(family: MetricFamily, known: MetricFamily): string | undefined {
  if (family.help !== known.help) return `has the help text "${family.help}" after "${known.help}"`;
  if (family.type !== known.type) return `is a ${family.type} after it was a ${known.type}`;
  return undefined;
}

/** Returns the name of the conflict if a family is named like another family's sum, count or buckets. */
function collision({ name, type }: MetricFamily, whole: ReadonlyMap<string, Whole>): string | undefined {
  const [, stem, ending] = /^(.*)(_count|_sum|_bucket)$/s.exec(name) ?? [];
  const owner = stem === undefined ? undefined : whole.get(stem)?.family;
  if (owner !== undefined && ENDINGS[owner.type]?.includes(ending!)) return `has a name of ${owner.name}'s parts`;
  const taken = ENDINGS[type]?.find((each) => whole.has(name + each));
  return taken === undefined ? undefined : `has a part named as ${name}${taken}`;
}
