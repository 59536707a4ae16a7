import { quote } from "@narthex/model";
import { describeMetric, typeWord } from "./describe-metric.ts";
import { type FamilyIndex, type OwnFamilies, repeatProblem, typeProblem } from "./family-index.ts";
import type { PushedFamily, PushedMetric } from "./pushed-family.ts";
import { suffixCollision } from "./suffix-collision.ts";

/** A push as the check sees it. */
export interface Change {
  /** Key of the group. */
  readonly group: string;
  /** What the group holds now. */
  readonly held: ReadonlyMap<string, PushedFamily>;
  /** What it will hold anew. */
  readonly added: readonly PushedFamily[];
  /** Names it will hold no more. */
  readonly removed: ReadonlySet<string>;
}

/** Why a scrape after this push would fail, undefined where it would not. Looks at the push's own names only. */
export function findInconsistency(change: Change, index: FamilyIndex, own: OwnFamilies): string | undefined {
  const problems: string[] = [];
  let collision: string | undefined;
  for (const family of change.added) {
    const clash = typeClash(family, own);
    if (clash !== undefined) problems.push(clash);
    else problems.push(...metricProblems(family, change, index));
    collision ??= collisionOf(family, change, index, own);
  }
  // A collision has two sides, both perhaps in this push: it is told once.
  if (collision !== undefined) problems.push(collision);
  if (problems.length <= 1) return problems[0];
  return `${problems.length} error(s) occurred:\n${problems.map((problem) => `* ${problem}`).join("\n")}`;
}

function typeClash(family: PushedFamily, own: OwnFamilies): string | undefined {
  const known = own.get(family.name);
  if (known === undefined || known.type === family.type) return undefined;
  return `gathered metric family ${family.name} has type ${typeWord(family.type)} but should have ${typeWord(known.type)}`;
}

/** Is the name a series of a summary or histogram that is there, or the other way round? */
function collisionOf(family: PushedFamily, change: Change, index: FamilyIndex, own: OwnFamilies): string | undefined {
  const typeOf = (name: string): string | undefined => {
    const pushed = change.added.find((one) => one.name === name) ?? index.elsewhere(name, change.group);
    const stays = change.removed.has(name) ? undefined : change.held.get(name);
    return (pushed ?? stays)?.type ?? own.get(name)?.type;
  };
  return suffixCollision(family.name, family.type, typeOf);
}

function metricProblems(family: PushedFamily, change: Change, index: FamilyIndex): string[] {
  const other = index.elsewhere(family.name, change.group);
  const held = change.held.get(family.name);
  const seen = new Set<string>();
  return family.metrics.flatMap((metric, i) => {
    if (other !== undefined && other.type !== family.type) return [typeProblem(family, typeWord(other.type), metric)];
    const labels = labelProblem(family, metric);
    if (labels !== undefined) return [labels];
    const key = family.keys[i]!;
    const isRepeated = seen.has(key) || index.isHeldElsewhere(key, held);
    seen.add(key);
    return isRepeated ? [repeatProblem(family, metric)] : [];
  });
}

/** Faults that only a protobuf body can have: the text parser refuses them. */
function labelProblem(family: PushedFamily, metric: PushedMetric): string | undefined {
  const shown = (): string => `collected metric ${quote(family.name)} { ${describeMetric(family.type, metric)}}`;
  for (let i = 0; i < metric.labels.length; i += 2) {
    const name = metric.labels[i]!;
    if (i > 0 && metric.labels[i - 2] === name) return `${shown()} has two or more labels with the same name: ${name}`;
    if (name === "" || name.startsWith("__")) return `${shown()} has a label with an invalid name: ${name}`;
  }
  return undefined;
}
