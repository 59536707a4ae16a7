import type { SeriesChange, SeriesLevel } from "./series-change.ts";

/** How the values of a group of series are combined: for example, rates are summed and temperatures averaged. */
export type Together = "sum" | "mean";

type LabelValue = readonly [name: string, value: string];

/** The change of a group of series between the two compared time ranges. */
export interface GroupChange {
  /**
   * Labels that all series of the group have and no other series has. If several labels select the same series, all are
   * listed. Empty for the group of all series.
   */
  readonly labels: readonly LabelValue[];
  /** Indexes of the group's series. */
  readonly members: readonly number[];
  /**
   * Combined value of the group in the earlier time range; `after` is the value in the later range. Undefined if no
   * series of the group had values in the range.
   */
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** Fraction of the total change that this group accounts for, 0 to 1. */
  readonly explained: number;
  /**
   * Score by which groups are ranked, 0 to 1. The score is high if the group explains much of the total change and its
   * own value changed much.
   */
  readonly score: number;
}

/** The changes of a query's series, by group. */
export interface RankedChanges {
  /** The change of all series of the query together. */
  readonly total: GroupChange;
  /** Groups with a score above 0, the highest score first. */
  readonly groups: readonly GroupChange[];
  /** Number of groups beyond `MAX_GROUPS` that were left out. */
  readonly left: number;
}

/** A change that is at most this multiple of its standard error counts as noise. */
const NOISE_FACTOR = 3;
/** Fraction of the larger value below which a change counts as noise. */
const MIN_RELATIVE = 0.01;
/** Maximum number of groups that are returned. */
const MAX_GROUPS = 8;

const meanOf = (level: SeriesLevel | undefined): number => level?.mean ?? 0;

/** Returns the squared standard error of a mean: the variance of the values, divided by their number. */
const errorOf = (level: SeriesLevel | undefined): number => (level === undefined ? 0 : level.variance / level.count);

function together(levels: readonly (SeriesLevel | undefined)[], how: Together): number | undefined {
  const there = levels.filter((level) => level !== undefined);
  if (there.length === 0) return undefined;
  const sum = there.reduce((all, { mean }) => all + mean, 0);
  return how === "sum" ? sum : sum / there.length;
}

/**
 * Returns the relative change of a value: the difference divided by the larger absolute value, 0 to 1. The result is 1
 * if the value appeared, disappeared or changed its sign.
 */
function renewal(before: number | undefined, after: number | undefined): number {
  if (before === undefined || after === undefined) return 1;
  const greatest = Math.max(Math.abs(before), Math.abs(after));
  return greatest === 0 ? 0 : Math.min(1, Math.abs(after - before) / greatest);
}

function groupChange(
  series: readonly SeriesChange[],
  members: readonly number[],
  labels: readonly LabelValue[],
  how: Together,
  gross: number,
): GroupChange {
  const own = members.map((at) => series[at]!);
  const before = together(
    own.map((one) => one.before),
    how,
  );
  const after = together(
    own.map((one) => one.after),
    how,
  );
  let [moved, error] = [0, 0];
  for (const one of own) {
    moved += meanOf(one.after) - meanOf(one.before);
    error += errorOf(one.before) + errorOf(one.after);
  }
  const explained = gross === 0 ? 0 : Math.min(1, Math.abs(moved) / gross);
  const renewed = renewal(before, after);
  const isNoise = Math.abs(moved) <= NOISE_FACTOR * Math.sqrt(error) || renewed < MIN_RELATIVE;
  return { labels, members, before, after, explained, score: isNoise ? 0 : explained * renewed };
}

/**
 * Groups series by each label that differs between them. Returns the indexes of the series, by label name and value.
 */
function groupsByLabel(series: readonly SeriesChange[]): Map<string, Map<string, number[]>> {
  const byName = new Map<string, Map<string, number[]>>();
  series.forEach(({ labels }, at) => {
    for (const [name, value] of Object.entries(labels)) {
      let values = byName.get(name);
      if (values === undefined) byName.set(name, (values = new Map()));
      const members = values.get(value);
      if (members === undefined) values.set(value, [at]);
      else members.push(at);
    }
  });
  // Removes labels with a value that all series share, because such a label does not distinguish series.
  for (const [name, values] of byName)
    if ([...values.values()].some(({ length }) => length === series.length)) byName.delete(name);
  return byName;
}

/** Merges groups that contain the same series into one group, which then has several labels. */
function distinctGroups(series: readonly SeriesChange[]): readonly { members: number[]; labels: LabelValue[] }[] {
  const groups = new Map<string, { members: number[]; labels: LabelValue[] }>();
  for (const [name, values] of groupsByLabel(series)) {
    for (const [value, members] of values) {
      const key = members.join(" ");
      const known = groups.get(key);
      if (known === undefined) groups.set(key, { members, labels: [[name, value]] });
      else known.labels.push([name, value]);
    }
  }
  return [...groups.values()];
}

const nameOf = ({ labels }: GroupChange): string => labels.map(([name, value]) => `${name}=${value}`).join(",");

/**
 * Ranks the label values by how well they explain a change. A group ranks high if it contains much of the total change
 * and its own value changed much. Example: if one instance's errors grow tenfold, the group of all errors ranks first,
 * then the group of the instance.
 */
export function rankChanges(series: readonly SeriesChange[], how: Together): RankedChanges {
  const gross = series.reduce((sum, { before, after }) => sum + Math.abs(meanOf(after) - meanOf(before)), 0);
  const all = series.map((_, at) => at);
  const groups = distinctGroups(series)
    .map(({ members, labels }) => groupChange(series, members, labels, how, gross))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score || b.explained - a.explained || (nameOf(a) < nameOf(b) ? -1 : 1));
  return {
    total: groupChange(series, all, [], how, gross),
    groups: groups.slice(0, MAX_GROUPS),
    left: Math.max(0, groups.length - MAX_GROUPS),
  };
}
