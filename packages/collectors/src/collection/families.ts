import { type FamilySample, gather, type MetricFamily } from "@narthex/exposition";
import { compareBytewise } from "@narthex/model";
import type { Steps } from "@narthex/runtime";
import type { MetricBuffer, WholeFamily } from "./metric-buffer.ts";
import { samplesInOrder } from "./series-order.ts";

/** A metric family to which samples are still added. */
interface Filling extends Omit<MetricFamily, "samples"> {
  samples: FamilySample[];
}

/** Number of lines that are processed between two yields to other work. */
const LINES_A_STEP = 1024;

/** Merges sorted families with unsorted families. Families with the same name are combined. */
function* gatheredInSteps(ordered: readonly MetricFamily[], others: readonly MetricFamily[]): Steps<MetricFamily[]> {
  if (others.length === 0) return [...ordered];
  const names = new Set(others.map(({ name }) => name));
  const [shared, alone] = partition(ordered, ({ name }) => names.has(name));
  const byName = Map.groupBy([...shared, ...others], ({ name }) => name);
  for (const families of byName.values()) {
    yield;
    for (const item of gather(families)) alone.push(item);
  }
  return alone;
}

function partition<T>(all: readonly T[], isWanted: (one: T) => boolean): [wanted: T[], rest: T[]] {
  const parts: [T[], T[]] = [[], []];
  for (const one of all) parts[isWanted(one) ? 0 : 1].push(one);
  return parts;
}

/** Function that returns the value to print for a line: the real value, or the line's column number. */
export type ValueOf = (buffer: MetricBuffer, position: number) => number;

/**
 * Returns the metric families of several buffers in the order of Prometheus' Go client. Drops complete families with a
 * reserved name, and series of complete families that a collector also emitted line by line. Calls `drop` with a
 * sentence for each dropped family or series.
 */
export function* familiesOf(
  buffers: readonly MetricBuffer[],
  valueOf: ValueOf,
  reserved: ReadonlySet<string>,
  drop: (sentence: string) => void,
): Steps<MetricFamily[]> {
  const byName = new Map<string, Filling>();
  const whole: MetricFamily[] = [];
  const ordered: MetricFamily[] = [];
  for (const buffer of buffers) {
    for (const one of buffer.whole) {
      yield;
      (one.isOrdered ? ordered : whole).push(wholeFamily(buffer, one, valueOf));
    }
    for (let i = 0; i < buffer.count; i++) {
      if ((i + 1) % LINES_A_STEP === 0) yield;
      const { family, names, pairs } = buffer.series[i]!;
      if (names === undefined) continue;
      let filling = byName.get(family.name);
      if (filling === undefined) {
        const { name, type, help } = family;
        byName.set(name, (filling = { name, type, help, samples: [] }));
      }
      filling.samples.push({ suffix: "", labels: pairs, value: valueOf(buffer, i) });
    }
  }
  const own = [...byName.values()];
  for (const family of own) if (family.samples.length > 1) family.samples = yield* samplesInOrder(family.samples);
  const foreign = whole.flatMap((family) => besideOwn(family, byName, reserved, drop));
  const others = yield* gatheredInSteps(own, foreign);
  const names = new Set(others.map(({ name }) => name));
  const [shared, alone] = partition(ordered, ({ name }) => names.has(name));
  const all = [...(yield* gatheredInSteps(others, shared)), ...alone];
  return all.toSorted((a, b) => compareBytewise(a.name, b.name));
}

/**
 * Returns a metric family from a text file without the series that collectors export themselves. Omits the family if
 * its type or help text differs from the collector's.
 */
function besideOwn(
  family: MetricFamily,
  own: ReadonlyMap<string, MetricFamily>,
  reserved: ReadonlySet<string>,
  drop: (sentence: string) => void,
): readonly MetricFamily[] {
  if (reserved.has(family.name)) {
    drop(`the metric ${family.name} from a file is a metric of the exporter itself`);
    return [];
  }
  const known = own.get(family.name);
  if (known === undefined) return [family];
  if (known.type !== family.type || known.help !== family.help) {
    const difference = known.type === family.type ? "another help text" : `the type ${family.type}, not ${known.type},`;
    drop(`the metric ${family.name} from a file has ${difference} than a collector's`);
    return [];
  }
  const taken = new Set(known.samples.map(({ labels }) => seriesKey(labels)));
  const others = family.samples.filter(({ labels }) => !taken.has(seriesKey(labels)));
  if (others.length < family.samples.length) drop(`the metric ${family.name} from a file has a series of a collector`);
  return [{ ...family, samples: others }];
}

/** Returns a key of a label set that does not depend on the label order. */
function seriesKey(labels: readonly string[]): string {
  const pairs: string[] = [];
  for (let i = 0; i < labels.length; i += 2) pairs.push(JSON.stringify([labels[i], labels[i + 1]]));
  return pairs.toSorted().join();
}

/** Returns a family that was emitted as a whole, with values from `valueOf`. */
export function wholeFamily(buffer: MetricBuffer, { family, first }: WholeFamily, valueOf: ValueOf): MetricFamily {
  return {
    ...family,
    samples: family.samples.map((sample, i) => ({ ...sample, value: valueOf(buffer, first + i) })),
  };
}
