import { compareBytewise, type Labels, METRIC_NAME } from "@narthex/model";
import { matchLabels } from "../operators/matching.ts";
import type { BinaryExpr, VectorMatching } from "../syntax/ast.ts";

/**
 * Maximum number of series on each side of a join that are compared one by one. The series are compared if no single
 * label explains why nothing matches.
 */
const MAX_COMPARED = 200;

type Matching = Pick<VectorMatching, "on" | "labels">;

/** Returns for each group of equal matching labels the number of series on one side of a join. */
function groupsOf(side: readonly Labels[], matching: Matching): Map<string, number> {
  const groups = new Map<string, number>();
  for (const labels of side) {
    const { key } = matchLabels(labels, matching);
    groups.set(key, (groups.get(key) ?? 0) + 1);
  }
  return groups;
}

/** Returns whether any series on one side of a join matches a series on the other side. */
export function joins(left: readonly Labels[], right: readonly Labels[], matching: Matching): boolean {
  const groups = groupsOf(right, matching);
  return left.some((labels) => groups.has(matchLabels(labels, matching).key));
}

/**
 * Explains why no series on the two sides of a join match: the labels that differ, and a modifier that would help.
 * `isPartial` is true if the sides have more series than are given.
 */
export function reasonOfJoin(
  { op, matching }: BinaryExpr,
  left: readonly Labels[],
  right: readonly Labels[],
  isPartial: boolean,
): string {
  const obstacles = obstaclesOf(left, right, matching!);
  const among = isPartial
    ? ` (only ${left.length} series on the left and ${right.length} on the right were compared)`
    : "";
  const sentence = `No series on the left of ${op} has the same labels as a series on the right${among}`;
  const why = obstacles.length === 0 ? "" : `: ${obstacles.map(({ why: text }) => text).join(", ")}`;
  const suggestion = suggestionOf(left, right, op, new Set(obstacles.map(({ name }) => name)));
  return `${sentence}${why}.${suggestion === undefined ? "" : ` ${suggestion} would match some series.`}`;
}

interface Obstacle {
  readonly name: string;
  readonly why: string;
}

function obstaclesOf(left: readonly Labels[], right: readonly Labels[], matching: VectorMatching): Obstacle[] {
  const [ofLeft, ofRight] = [valuesByName(left), valuesByName(right)];
  const found: Obstacle[] = [];
  for (const name of [...new Set([...ofLeft.keys(), ...ofRight.keys()])].sort(compareBytewise)) {
    if (name === METRIC_NAME && !matching.on) continue;
    if (matching.labels.includes(name) !== matching.on) continue;
    const [here, there] = [ofLeft.get(name), ofRight.get(name)];
    if (here === undefined) found.push({ name, why: `${name} is only on the right side` });
    else if (there === undefined) found.push({ name, why: `${name} is only on the left side` });
    else if (!meet(here, there))
      found.push({
        name,
        why: `${name} has different values (${sampleOf(here)} on the left, ${sampleOf(there)} on the right)`,
      });
  }
  return found;
}

const sampleOf = (values: ReadonlySet<string>): string => JSON.stringify(values.values().next().value);

function meet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  for (const value of few) if (many.has(value)) return true;
  return false;
}

function valuesByName(side: readonly Labels[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const labels of side)
    for (const [name, value] of labels) {
      let values = found.get(name);
      if (values === undefined) found.set(name, (values = new Set()));
      values.add(value);
    }
  return found;
}

/** Returns a modifier such as `on(…)` with which some series would match, or undefined. */
function suggestionOf(
  left: readonly Labels[],
  right: readonly Labels[],
  op: BinaryExpr["op"],
  obstacles: ReadonlySet<string>,
): string | undefined {
  const ignoring = { on: false, labels: [...obstacles] };
  const isEmpty = (labels: Labels): boolean => matchLabels(labels, ignoring).size === 0;
  if (
    obstacles.size > 0 &&
    joins(
      left.filter((labels) => !isEmpty(labels)),
      right,
      ignoring,
    )
  ) {
    const both = commonNames(left, right).filter((name) => !obstacles.has(name));
    const on = { on: true, labels: both };
    if (obstacles.size <= both.length) return written("ignoring", ignoring, left, right, op);
    return written("on", on, left, right, op);
  }
  const on = { on: true, labels: mostAgreed(left, right) };
  return on.labels.length === 0 ? undefined : written("on", on, left, right, op);
}

function commonNames(left: readonly Labels[], right: readonly Labels[]): string[] {
  const there = valuesByName(right);
  return [...valuesByName(left).keys()].filter((name) => name !== METRIC_NAME && there.has(name)).sort(compareBytewise);
}

/**
 * Compares each series on one side with each series on the other side. For the pair with the most equal labels, returns
 * the names of these labels.
 */
function mostAgreed(left: readonly Labels[], right: readonly Labels[]): string[] {
  let best: string[] = [];
  for (const one of left.slice(0, MAX_COMPARED))
    for (const other of right.slice(0, MAX_COMPARED)) {
      const agreed = one.names().filter((name) => name !== METRIC_NAME && one.get(name) === other.get(name));
      if (agreed.length > best.length) best = agreed;
    }
  return best;
}

const SET_OPERATORS: ReadonlySet<string> = new Set(["and", "or", "unless"]);

/** Returns a modifier such as `on(…)`, followed by group_left or group_right if a side has several series per group. */
function written(
  word: "on" | "ignoring",
  matching: Matching,
  left: readonly Labels[],
  right: readonly Labels[],
  op: BinaryExpr["op"],
): string | undefined {
  const text = `${word}(${matching.labels.join(", ")})`;
  if (SET_OPERATORS.has(op)) return text;
  const [ofLeft, ofRight] = [groupsOf(left, matching), groupsOf(right, matching)];
  const shared = [...ofLeft.keys()].filter((key) => ofRight.has(key));
  const isManyLeft = shared.some((key) => ofLeft.get(key)! > 1);
  const isManyRight = shared.some((key) => ofRight.get(key)! > 1);
  if (isManyLeft && isManyRight) return undefined;
  return `${text}${isManyLeft ? " group_left()" : isManyRight ? " group_right()" : ""}`;
}
