import type { AlertSpan } from "../alert-spans.ts";
import type { ReplayedRule } from "../replayed-rule.ts";

/** An occurrence of an alert that fired. */
interface Firing {
  readonly labels: string;
  readonly firedAtMs: number;
  readonly endedAtMs: number;
}

/** Firings of new rules that the old rules do not have, and the reverse. */
export interface FiringDifferences {
  readonly added: readonly Firing[];
  readonly lost: readonly Firing[];
}

/**
 * Compares the firings of two versions of rules. A firing has a counterpart if an alert with equal labels fires at the
 * same time in the other version.
 */
export function compareFirings(
  old: readonly ReplayedRule[],
  changed: readonly ReplayedRule[],
  toMs: number,
): FiringDifferences {
  const [before, after] = [firingsOf(old, toMs), firingsOf(changed, toMs)];
  return { added: without(after, before), lost: without(before, after) };
}

function firingsOf(rules: readonly ReplayedRule[], toMs: number): ReadonlyMap<string, readonly Firing[]> {
  const all = rules.flatMap(({ spans }) => spans.all.flatMap((span) => firingOf(span, toMs)));
  all.sort((a, b) => a.firedAtMs - b.firedAtMs);
  return Map.groupBy(all, ({ labels }) => labels);
}

const firingOf = ({ labels, firedAtMs, endedAtMs = Infinity }: AlertSpan, toMs: number): readonly Firing[] =>
  firedAtMs === undefined ? [] : [{ labels: labels.toString(), firedAtMs, endedAtMs: Math.min(endedAtMs, toMs) }];

/** Returns the firings that overlap no firing of the same labels in `others`. Both lists are sorted by their start. */
function without(
  firings: ReadonlyMap<string, readonly Firing[]>,
  others: ReadonlyMap<string, readonly Firing[]>,
): readonly Firing[] {
  const alone: Firing[] = [];
  for (const [labels, list] of firings) {
    const counterparts = others.get(labels) ?? [];
    let next = 0;
    for (const firing of list) {
      while (next < counterparts.length && counterparts[next]!.endedAtMs < firing.firedAtMs) next++;
      const other = counterparts[next];
      if (other === undefined || other.firedAtMs > firing.endedAtMs) alone.push(firing);
    }
  }
  return alone.sort((a, b) => a.firedAtMs - b.firedAtMs);
}
