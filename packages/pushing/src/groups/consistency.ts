import type { FamilyIndex } from "./family-index.ts";
import { IdentityTable } from "../metrics/identity-table.ts";
import { metricFault, repeatProblem, typeProblem } from "../metrics/metric-fault.ts";
import { type OwnFamilies, ownClash } from "../metrics/own-families.ts";
import { identityAt, metricCount, type SealedFamily, type StoredFamily } from "../metrics/stored-family.ts";
import { suffixCollision } from "../metrics/suffix-collision.ts";

/** Maximum number of problems in the error message of a refused push. A large push may have millions of problems. */
const MAX_SHOWN = 1000;

/** Returns the text of a problem. Called only for problems that are shown, because formatting is slow. */
type Problem = () => string;

/** A push in the form in which findInconsistency() checks it. */
export interface Change {
  /** Key of the group that a push changes. */
  readonly group: string;
  /** Metrics of the group before the push, by name. */
  readonly held: ReadonlyMap<string, StoredFamily>;
  /** Metrics that the push adds or replaces. */
  readonly added: readonly SealedFamily[];
  /** Names that the push removes. */
  readonly removed: ReadonlySet<string>;
}

/**
 * Returns the reason why scrapes would fail after this push, or undefined. Checks only the metric names in the push.
 */
export function findInconsistency(change: Change, index: FamilyIndex, own: OwnFamilies): string | undefined {
  const problems: Problem[] = [];
  let collision: string | undefined;
  for (const family of change.added) {
    const clash = ownClash(family.stored, own);
    if (clash !== undefined) problems.push(() => clash);
    else for (const problem of metricProblems(family, change, index)) problems.push(problem);
    collision ??= collisionOf(family.stored, change, index, own);
  }
  // Reports a collision only once, because two families of one push may collide with each other.
  const reported = collision;
  if (reported !== undefined) problems.push(() => reported);
  if (problems.length <= 1) return problems[0]?.();
  const shown = problems.slice(0, MAX_SHOWN).map((problem) => `* ${problem()}`);
  if (problems.length > MAX_SHOWN) shown.push(`* and ${problems.length - MAX_SHOWN} more`);
  return `${problems.length} error(s) occurred:\n${shown.join("\n")}`;
}

/**
 * Returns the problem if a name collides with the name of a summary or histogram, such as `a_sum` with the summary `a`,
 * in either direction.
 */
function collisionOf(
  { name, type }: StoredFamily,
  change: Change,
  index: FamilyIndex,
  own: OwnFamilies,
): string | undefined {
  return suffixCollision(name, type, (other) => {
    const pushed = change.added.find(({ stored }) => stored.name === other)?.stored.type;
    const stays = change.removed.has(other) ? undefined : change.held.get(other)?.type;
    return pushed ?? index.typeElsewhere(other, change.group) ?? stays ?? own.get(other)?.type;
  });
}

function metricProblems({ stored, metrics }: SealedFamily, change: Change, index: FamilyIndex): Problem[] {
  const { name, type } = stored;
  if (metricCount(stored) === 0) return [];
  const other = index.typeElsewhere(name, change.group);
  const held = change.held.get(name);
  const seen = new IdentityTable(metrics.length);
  const isHeldElsewhere = index.holdersElsewhere(held);
  return metrics.flatMap((metric, i) => {
    if (other !== undefined && other !== type) return [() => typeProblem(name, metric, other)];
    const fault = stored.fault === undefined ? undefined : metricFault(name, type, metric);
    if (fault !== undefined) return [() => fault];
    const identity = identityAt(stored, i);
    const isRepeated = seen.count(identity) > 0 || isHeldElsewhere(identity);
    seen.add(identity);
    return isRepeated ? [() => repeatProblem(name, metric)] : [];
  });
}
