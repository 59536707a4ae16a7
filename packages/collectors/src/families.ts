import { type FamilySample, gather, type MetricFamily } from "@narthex/exposition";
import { compareBytewise } from "@narthex/model";
import type { Steps } from "@narthex/runtime";
import type { Emission, WholeFamily } from "./emission.ts";

/** A family while it is filled. */
interface Filling extends Omit<MetricFamily, "samples"> {
  samples: FamilySample[];
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

/** Lines gathered or sorted between two breaths. */
const LINES_A_STEP = 1024;

/** Runs of a few lines are sorted each, then two and two are merged: no step takes long. */
function* sortedInSteps(samples: readonly FamilySample[]): Steps<FamilySample[]> {
  let runs: FamilySample[][] = [];
  for (let at = 0; at < samples.length; at += LINES_A_STEP) {
    if (at > 0) yield;
    runs.push(samples.slice(at, at + LINES_A_STEP).toSorted(compareSamples));
  }
  while (runs.length > 1) {
    const merged: FamilySample[][] = [];
    for (let i = 0; i < runs.length; i += 2) merged.push(yield* mergedInSteps(runs[i]!, runs[i + 1] ?? []));
    runs = merged;
  }
  return runs[0] ?? [];
}

/** Of equal lines those of `a` come first. */
function* mergedInSteps(a: readonly FamilySample[], b: readonly FamilySample[]): Steps<FamilySample[]> {
  const merged: FamilySample[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const isFirst = j === b.length || (i < a.length && compareSamples(a[i]!, b[j]!) <= 0);
    merged.push(isFirst ? a[i++]! : b[j++]!);
    if (merged.length % LINES_A_STEP === 0) yield;
  }
  return merged;
}

/** What a line is shown with: its own value, or the number of its column. */
export type ValueOf = (emission: Emission, position: number) => number;

/**
 * The families of several emissions, lines of one name together; families and series in a Go client's order. A family
 * that came whole gives way to one whose name is reserved, and to the lines a collector made one by one.
 */
export function* familiesOf(
  emissions: readonly Emission[],
  valueOf: ValueOf,
  reserved: ReadonlySet<string> = new Set(),
): Steps<MetricFamily[]> {
  const byName = new Map<string, Filling>();
  const whole: MetricFamily[] = [];
  const ordered: MetricFamily[] = [];
  for (const emission of emissions) {
    for (const one of emission.whole) (one.isOrdered ? ordered : whole).push(wholeFamily(emission, one, valueOf));
    for (let i = 0; i < emission.count; i++) {
      if ((i + 1) % LINES_A_STEP === 0) yield;
      const { family, names, pairs } = emission.series[i]!;
      if (names === undefined) continue;
      let filling = byName.get(family.name);
      if (filling === undefined) {
        const { name, type, help } = family;
        byName.set(name, (filling = { name, type, help, samples: [] }));
      }
      filling.samples.push({ suffix: "", labels: pairs, value: valueOf(emission, i) });
    }
  }
  const own = [...byName.values()];
  for (const family of own) if (family.samples.length > 1) family.samples = yield* sortedInSteps(family.samples);
  const foreign = whole.flatMap((family) => (reserved.has(family.name) ? [] : besideOwn(family, byName)));
  const others = whole.length > 0 ? gather([...own, ...foreign]) : own;
  const names = new Set(others.map(({ name }) => name));
  if (ordered.some(({ name }) => names.has(name))) return gather([...others, ...ordered]);
  return [...others, ...ordered].toSorted((a, b) => compareBytewise(a.name, b.name));
}

/** What of a foreign family can stand beside the collectors' own: other series of the same family, nothing else. */
function besideOwn(family: MetricFamily, own: ReadonlyMap<string, MetricFamily>): readonly MetricFamily[] {
  const known = own.get(family.name);
  if (known === undefined) return [family];
  if (known.type !== family.type || known.help !== family.help) return [];
  const taken = new Set(known.samples.map(({ labels }) => seriesKey(labels)));
  return [{ ...family, samples: family.samples.filter(({ labels }) => !taken.has(seriesKey(labels))) }];
}

/** The same for the same labels in another order. */
function seriesKey(labels: readonly string[]): string {
  const pairs: string[] = [];
  for (let i = 0; i < labels.length; i += 2) pairs.push(JSON.stringify([labels[i], labels[i + 1]]));
  return pairs.toSorted().join();
}

/** A family that came whole, with these values. */
export function wholeFamily(emission: Emission, { family, first }: WholeFamily, valueOf: ValueOf): MetricFamily {
  return {
    ...family,
    samples: family.samples.map((sample, i) => ({ ...sample, value: valueOf(emission, first + i) })),
  };
}
