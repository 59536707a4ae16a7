import type { SeriesChange, SeriesLevel } from "./series-change.ts";

/** How series of a group make one number: rates are added up, temperatures are not. */
export type Together = "sum" | "mean";

/** A label with a value. */
export type LabelValue = readonly [name: string, value: string];

/** What became of the series of a group. */
export interface GroupChange {
  /** What all of the group's series have, and no others; empty: all series. Several labels choose the same ones. */
  readonly labels: readonly LabelValue[];
  /** Indexes of its series. */
  readonly members: readonly number[];
  /** Undefined where none of them was there. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** How much of all that has changed is in this group, 0 to 1. */
  readonly explained: number;
  /** By which groups are ranked, 0 to 1: great where a group explains much, and has become quite another itself. */
  readonly score: number;
}

/** What has changed among the series of a query. */
export interface RankedChanges {
  /** All series together. */
  readonly total: GroupChange;
  /** By their scores, the greatest first; those are left out that say nothing. */
  readonly groups: readonly GroupChange[];
  /** Groups beyond those. */
  readonly left: number;
}

/** A change below so many times its standard error is taken for noise. */
const NOISE_FACTOR = 3;
/** Nor is one told that is less than this share of what was there. */
const LEAST_RELATIVE = 0.01;
/** Groups that are told of. */
const MOST_GROUPS = 8;

const meanOf = (level: SeriesLevel | undefined): number => level?.mean ?? 0;

/** The variance of a mean, by that of the values that it was made of. */
const errorOf = (level: SeriesLevel | undefined): number => (level === undefined ? 0 : level.variance / level.count);

function together(levels: readonly (SeriesLevel | undefined)[], how: Together): number | undefined {
  const there = levels.filter((level) => level !== undefined);
  if (there.length === 0) return undefined;
  const sum = there.reduce((all, { mean }) => all + mean, 0);
  return how === "sum" ? sum : sum / there.length;
}

/** How much another a value has become, 0 to 1; 1 of what came, went, or turned its sign. */
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
  const isNoise = Math.abs(moved) <= NOISE_FACTOR * Math.sqrt(error) || renewed < LEAST_RELATIVE;
  return { labels, members, before, after, explained, score: isNoise ? 0 : explained * renewed };
}

/** The series of each value of each label by which they differ. */
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
  // What all series have alike tells nothing apart.
  for (const [name, values] of byName)
    if ([...values.values()].some(({ length }) => length === series.length)) byName.delete(name);
  return byName;
}

/** Groups that hold the same series are one, which several labels choose. */
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
 * Tells which values of labels hold what has changed. A group stands high where it holds much of all change, and has
 * become quite another itself: of an instance whose errors have grown tenfold the errors come first, then the instance.
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
    groups: groups.slice(0, MOST_GROUPS),
    left: Math.max(0, groups.length - MOST_GROUPS),
  };
}
