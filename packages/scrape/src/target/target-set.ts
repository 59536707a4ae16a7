import type { ScrapeConfig } from "@narthex/config";
import { Labels } from "@narthex/model";
import { type Target, TargetBuilder, type TargetOutcome } from "./target.ts";
import type { TargetGroup } from "./target-groups.ts";
import { TargetError } from "./target-settings.ts";

export interface BuiltTargets {
  readonly targets: readonly Target[];
  /** Discovered labels of targets that relabeling dropped. */
  readonly dropped: readonly Labels[];
  readonly failures: readonly string[];
}

/** A group of targets with the result of relabeling each target. */
interface KnownGroup {
  readonly group: TargetGroup;
  readonly outcomes: readonly TargetOutcome[];
  /** Indexes of the targets in the group by address. The map is created when it is first needed. */
  byAddress?: ReadonlyMap<string, readonly number[]>;
}

/** Number of targets that are built between two yields to the event loop. */
const SLICE = 32;

/** The targets of one job. A target that discovery had already found before is not relabeled again. */
export class TargetSet {
  readonly #job: ScrapeConfig;
  #known = new Map<string, KnownGroup>();

  constructor(job: ScrapeConfig) {
    this.#job = job;
  }

  /**
   * Builds the targets of the given groups. A target that is found twice is built once. Yields whenever the event loop
   * may do other work.
   */
  *build(groups: readonly TargetGroup[]): Generator<void, BuiltTargets> {
    const builder = new TargetBuilder(this.#job);
    const known = new Map<string, KnownGroup>();
    const targets = new Map<string, Target>();
    const dropped: Labels[] = [];
    const failures: string[] = [];
    for (const group of groups) {
      const outcomes = yield* this.#outcomes(group, builder);
      known.set(group.source, { group, outcomes });
      for (const [i, outcome] of outcomes.entries()) {
        if (outcome instanceof TargetError) failures.push(`instance ${i} in group ${group.source}: ${outcome.message}`);
        else if (outcome instanceof Labels) dropped.push(outcome);
        else targets.set(outcome.key, outcome);
      }
      yield;
    }
    this.#known = known;
    return { targets: [...targets.values()], dropped, failures };
  }

  *#outcomes(group: TargetGroup, builder: TargetBuilder): Generator<void, readonly TargetOutcome[]> {
    const known = this.#known.get(group.source);
    if (known?.group === group) return known.outcomes;
    const before = known !== undefined && sameLabels(known.group.labels, group.labels) ? known : undefined;
    const defaults = builder.groupDefaults(group.labels);
    const outcomes: TargetOutcome[] = [];
    for (const [i, own] of group.targets.entries()) {
      if (i % SLICE === SLICE - 1) yield;
      const found = before && outcomeBefore(before, own, i);
      outcomes.push(found ?? builder.build(own.filledFrom(defaults)));
    }
    return outcomes;
  }
}

/** Builds the targets of a job without yields to the event loop. */
export function buildTargets(groups: readonly TargetGroup[], job: ScrapeConfig): BuiltTargets {
  const building = new TargetSet(job).build(groups);
  for (;;) {
    const step = building.next();
    if (step.done === true) return step.value;
  }
}

/**
 * Returns the previous result for a target with equal labels. Most targets still have their previous index in the
 * group; other targets are found by their address.
 */
function outcomeBefore(known: KnownGroup, own: Labels, place: number): TargetOutcome | undefined {
  const { targets } = known.group;
  const there = targets[place];
  if (there !== undefined && sameLabels(there, own)) return known.outcomes[place];
  known.byAddress ??= Map.groupBy(targets.keys(), (i) => targets[i]!.get("__address__"));
  const candidates = known.byAddress.get(own.get("__address__")) ?? [];
  const found = candidates.find((i) => sameLabels(targets[i]!, own));
  return found === undefined ? undefined : known.outcomes[found];
}

/** Reports whether two label sets are equal, like equals() but without computing the keys of the label sets. */
function sameLabels(a: Labels, b: Labels): boolean {
  if (a === b) return true;
  if (a.pairs.length !== b.pairs.length) return false;
  for (let i = 0; i < a.pairs.length; i++) if (a.pairs[i] !== b.pairs[i]) return false;
  return true;
}
