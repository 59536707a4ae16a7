import { METRIC_NAME } from "@narthex/model";
import type { Expr } from "@narthex/promql";
import type { Steps } from "@narthex/runtime";
import type { Alert, AlertSample, HeldBy } from "../alert.ts";
import type { QueryElement } from "../rule-query.ts";
import type { AlertingSpec } from "../rule-spec.ts";
import type { AlertBehaviour } from "./alert-behaviour.ts";
import { StateChanges } from "./state-changes.ts";
import type { Condition } from "./state-machine.ts";

/** Evaluates the expressions of a behaviour at the time of the rule's evaluation. */
export interface BehaviourQueries {
  readonly data: () => Promise<readonly QueryElement[]>;
  readonly recovery: () => Promise<readonly QueryElement[]>;
}

/**
 * Returns the queries of a rule's behaviour, or undefined if the rule has none.
 * @param query evaluates an expression at the time of the rule's evaluation
 */
export function behaviourQueries(
  { expr, behaviour }: AlertingSpec,
  query: (expr: Expr) => Promise<readonly QueryElement[]>,
): BehaviourQueries | undefined {
  if (behaviour === undefined) return undefined;
  const { data, recovery } = behaviour;
  return { data: () => query(data?.expr ?? expr), recovery: () => query(recovery?.expr ?? expr) };
}

/** Source of the alert that a rule without any data has if its behaviour is to fire. */
const NO_DATA_SOURCE = "no data";

/** The keys of label sets without the name of the metric, as alerts have them. */
const sourcesOf = (elements: readonly QueryElement[]): ReadonlySet<string> =>
  new Set(elements.map(({ labels }) => sourceOf(labels)));

/** Returns the key of an element's label set: an alert belongs to the same element if its source is equal. */
export const sourceOf = (labels: QueryElement["labels"]): string => `{${labels.without(METRIC_NAME).key}`;

/** Facts about the alerts that are not in the result of the rule's expression, after an evaluation. */
export interface Findings {
  /** Sources of the label sets that have data; undefined if all have data, or if no alert depends on it. */
  readonly data: ReadonlySet<string> | undefined;
  /** Sources of the label sets that have recovered; undefined if the rule has no recovery threshold. */
  readonly recovered: ReadonlySet<string> | undefined;
}

/** Returns the condition of an alert that is not in the result of the rule's expression. */
export function conditionOf(
  { source }: Pick<Alert, "source">,
  { data, recovered }: Findings,
  { onNoData }: Pick<AlertBehaviour, "onNoData">,
): Condition {
  if (source === undefined) return "cleared";
  if (source === NO_DATA_SOURCE) return data?.size === 0 ? "met" : "cleared";
  if (data?.has(source) === false) {
    if (onNoData === undefined) return "cleared";
    return onNoData === "resolve" ? "ended" : "met";
  }
  return recovered?.has(source) === false ? "held" : "cleared";
}

/** Runs the expressions of a behaviour for the alerts that need them. */
export async function findingsFor(
  missing: readonly Pick<Alert, "source" | "state">[],
  isEmpty: boolean,
  behaviour: AlertBehaviour,
  queries: BehaviourQueries,
): Promise<Findings> {
  const { onNoData, data, recovery } = behaviour;
  const asksData = data !== undefined && (onNoData !== undefined || recovery !== undefined);
  const needsData = asksData && (missing.length > 0 || (isEmpty && onNoData === "fire"));
  const needsRecovery = recovery !== undefined && missing.some(({ state }) => state === "firing");
  return {
    data: needsData ? sourcesOf(await queries.data()) : undefined,
    recovered: needsRecovery ? sourcesOf(await queries.recovery()) : undefined,
  };
}

/** Reports whether a rule has an alert of its own because there is no data at all. */
export const firesWithoutData = (isEmpty: boolean, { data }: Findings, { onNoData }: AlertBehaviour): boolean =>
  onNoData === "fire" && isEmpty && data?.size === 0;

/** The element of which the alert is made that a rule without any data has. */
export const noDataSample = (sample: AlertSample): AlertSample => ({ ...sample, source: NO_DATA_SOURCE });

/** State of a rule's behaviour: earlier changes of its alerts, and how often alerts were held. */
export class BehaviourState {
  readonly behaviour: AlertBehaviour;
  readonly changes: StateChanges | undefined;
  /** How often the behaviour began to hold an alert, by reason. */
  readonly held: Record<HeldBy, number> = { no_data: 0, recovery: 0, damping: 0 };

  constructor(behaviour: AlertBehaviour) {
    this.behaviour = behaviour;
    this.changes = behaviour.damping === undefined ? undefined : new StateChanges(behaviour.damping);
  }

  /** Records the alerts after an evaluation at the time `ts`. */
  *note(before: ReadonlyMap<string, Alert>, after: ReadonlyMap<string, Alert>, ts: number): Steps<void> {
    const firing = new Set<string>();
    for (const [key, { state, heldBy }] of after) {
      yield;
      if (state === "firing") firing.add(key);
      if (heldBy !== undefined && before.get(key)?.heldBy !== heldBy) this.held[heldBy]++;
    }
    if (this.changes !== undefined) yield* this.changes.note(firing, ts);
  }

  /** Takes over the state of the same rule from before a reload. */
  adopt(other: BehaviourState): void {
    Object.assign(this.held, other.held);
    if (other.changes !== undefined) this.changes?.adopt(other.changes);
  }
}
