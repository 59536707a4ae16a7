import { expressionsOf, type RuleSpec } from "@narthex/rules";
import { walk } from "@narthex/promql";
import type { ReplayedGroup } from "./replayed-group.ts";
import type { RuleReads } from "./rule-reads.ts";

/** Groups that are replayed together. */
export interface ReplayUnit {
  readonly groups: readonly ReplayedGroup[];
  /**
   * Whether the rules are evaluated one time after the other, because a rule reads what a later rule has written. The
   * rules of other units are evaluated over a whole range at once.
   */
  readonly isStepwise: boolean;
}

/**
 * Sorts groups so that each group is replayed after the groups whose series it reads. Groups that read each other form
 * one unit.
 */
export function replayUnits(groups: readonly ReplayedGroup[], reads: RuleReads): readonly ReplayUnit[] {
  const waitsFor = new Map(
    groups.map((group) => [
      group,
      new Set(
        groups.filter(
          (other) => other !== group && (groupReads(group, other, reads) || isSeenLater(group, other, reads)),
        ),
      ),
    ]),
  );
  const units: ReplayUnit[] = [];
  while (waitsFor.size > 0) {
    const ready = [...waitsFor].filter(([, others]) => others.size === 0).map(([group]) => group);
    const chosen = ready.length > 0 ? ready.map((group) => [group]) : [[...waitsFor.keys()]];
    for (const members of chosen)
      units.push({ groups: members, isStepwise: members.length > 1 || needsSteps(members[0]!, reads) });
    for (const group of chosen.flat()) waitsFor.delete(group);
    for (const others of waitsFor.values()) for (const group of chosen.flat()) others.delete(group);
  }
  return units;
}

/**
 * Reports whether a group writes series for a time that another group has already read: its query offset is larger. A
 * range of the group must not be replayed at once, because the reader would see these series too early.
 */
const isSeenLater = (writer: ReplayedGroup, reader: ReplayedGroup, reads: RuleReads): boolean =>
  writer.queryOffsetMs > reader.queryOffsetMs && groupReads(reader, writer, reads);

const groupReads = (reader: ReplayedGroup, writer: ReplayedGroup, reads: RuleReads): boolean =>
  reader.spec.rules.some((one) =>
    writer.spec.rules.some((other) => reads(one, other) || mayWriteSameSeries(one, other)),
  );

/**
 * Reports whether a rule of a group reads its own series or those of a later rule, writes the series of another rule, or
 * depends on the query's range.
 */
const needsSteps = ({ spec: { rules } }: ReplayedGroup, reads: RuleReads): boolean =>
  rules.some(
    (rule, at) =>
      dependsOnRange(rule) ||
      rules.slice(at).some((other) => reads(rule, other)) ||
      rules.slice(at + 1).some((other) => mayWriteSameSeries(rule, other)),
  );

/** Reports whether two rules may write the same series: they have the same name, and no label that differs. */
export const mayWriteSameSeries = (one: RuleSpec, other: RuleSpec): boolean =>
  one.kind === other.kind &&
  one.name === other.name &&
  [...one.labels].every(([name, text]) => {
    const own = other.labels.get(name);
    return own === undefined || own === text || own.includes("{{") || text.includes("{{");
  });

/** Reports whether an expression of a rule uses the start, the end, the range or the step of its query. */
function dependsOnRange(spec: RuleSpec): boolean {
  let depends = false;
  for (const expr of expressionsOf(spec))
    walk(expr, (node) => {
      if (node.kind === "vectorSelector" || node.kind === "subquery")
        depends ||= (node.at !== null && node.at.kind !== "timestamp") || node.offsetExpr !== null;
      if (node.kind === "matrixSelector" || node.kind === "subquery") depends ||= node.rangeExpr !== null;
      if (node.kind === "subquery") depends ||= node.stepExpr !== null;
    });
  return depends;
}
