import { type Labels, METRIC_NAME } from "@narthex/model";
import type { Clock } from "@narthex/runtime";
import type { Queryable } from "@narthex/storage";
import type { Alert, AlertSample } from "../alert.ts";
import type { AlertingRuleState } from "../alerting-rule-state.ts";
import { restoredActiveAt } from "../restore.ts";
import type { RestoreLimits, StoredAlert } from "../stored-alert.ts";
import { matchersOf, storedAlerts } from "../stored-alerts.ts";
import { WrittenSeries } from "../written-series.ts";
import {
  type BehaviourQueries,
  type BehaviourState,
  conditionOf,
  findingsFor,
  firesWithoutData,
} from "./behaviour-state.ts";
import { type StoredFiring, storedChanges } from "./stored-changes.ts";

/** Data and functions for restoring the alerts of a rule with a behaviour. Times are times of evaluations, Unix ms. */
export interface BehaviourRestoreContext {
  readonly clock: Clock;
  readonly history: Queryable;
  /** The first evaluation of this process, which takes place after the restoration. */
  readonly firstMs: number;
  readonly intervalMs: number;
  readonly queryOffsetMs: number;
  readonly limits: RestoreLimits;
  /** Evaluates the rule's expression at an earlier time. Returns the alerts of the result, by the key of their labels. */
  readonly evaluateAt: (timeMs: number) => Promise<ReadonlyMap<string, AlertSample>>;
  /** Returns the alert that the rule has if there is no data at all, with its key. */
  readonly noDataAlertAt: (timeMs: number) => Promise<readonly [string, AlertSample]>;
  readonly queriesAt: (timeMs: number) => BehaviourQueries;
}

/** The largest number of consecutive evaluations before the outage that are repeated. */
const MAX_CONSECUTIVE = 120;
/** The largest number of start times at which the expression is evaluated for alerts that are still missing. */
const MAX_STARTS = 60;
/** Time in ms before the window of the flap damping in which the state at the start of the window is found. */
const LOOKBACK_MS = 10 * 60_000;

/** An alert of the earlier process, as it was after the last evaluation. */
interface EarlierAlert {
  readonly stored: StoredAlert;
  readonly firing: StoredFiring | undefined;
  /** The evaluation at which the alert began. Stored start times have no milliseconds. */
  readonly activeAtMs: number;
  sample: AlertSample | undefined;
  keepFiringSinceMs: number | undefined;
}

/**
 * Restores the alerts of a rule with a behaviour before its first evaluation, from the series ALERTS and ALERTS_FOR_STATE,
 * and from the results of its expressions at earlier times. The first evaluation then continues from the last state of the earlier
 * process. An outage does not count as time for which an alert was pending or kept. Returns the series of the alerts, which
 * the first evaluation continues or ends.
 */
export async function restoreBehaviour(
  state: AlertingRuleState,
  behaviour: BehaviourState,
  context: BehaviourRestoreContext,
): Promise<WrittenSeries> {
  const { firstMs, queryOffsetMs, intervalMs } = context;
  const stored = await storedAlerts(state, { ...context, nowMs: firstMs - queryOffsetMs });
  const firing = await firingOf(state, behaviour, context);
  for (const [key, changes] of firing) behaviour.changes?.restore(key, changes);
  const alerts = new Map<string, EarlierAlert>();
  for (const [key, one] of stored) alerts.set(key, earlierAlert(one, firing.get(key), context));
  if (alerts.size === 0) return WrittenSeries.NONE;
  const lastMs = [...alerts.values()].reduce((latest, alert) => Math.max(latest, evaluationOf(alert, context)), 0);
  await findSamples(alerts, lastMs, behaviour, context);
  if (state.spec.keepFiringForMs > 0) await findKeptSince(alerts, lastMs, state, behaviour, context);
  const series = new Map<string, Labels>();
  const outageMs = Math.max(0, firstMs - intervalMs - lastMs);
  for (const alert of alerts.values()) {
    for (const own of seriesOf(alert)) series.set(own.key, own);
    const restored = restoredAlert(alert, outageMs, state, context);
    if (restored !== undefined) state.replace(restored);
  }
  return WrittenSeries.of([...series.values()]);
}

const evaluationOf = ({ stored }: EarlierAlert, { queryOffsetMs }: BehaviourRestoreContext): number =>
  stored.lastSeenMs + queryOffsetMs;

function firingOf(
  state: AlertingRuleState,
  { behaviour: { damping } }: BehaviourState,
  { clock, history, firstMs, queryOffsetMs, limits }: BehaviourRestoreContext,
): Promise<ReadonlyMap<string, StoredFiring>> {
  const matchers = matchersOf(state, "ALERTS");
  const windowMs = damping === undefined ? 0 : damping.windowMs + LOOKBACK_MS;
  const fromMs = firstMs - Math.max(limits.outageToleranceMs, windowMs);
  return storedChanges({ clock, history, matchers, fromMs, toMs: firstMs, queryOffsetMs });
}

function earlierAlert(
  stored: StoredAlert,
  firing: StoredFiring | undefined,
  { intervalMs, queryOffsetMs }: BehaviourRestoreContext,
): EarlierAlert {
  const lastMs = stored.lastSeenMs + queryOffsetMs;
  const sinceMs = stored.activeSinceMs;
  const slotMs = lastMs - Math.floor((lastMs - sinceMs) / intervalMs) * intervalMs;
  return {
    stored,
    firing: firing?.isFiring === true && firing.lastMs === lastMs ? firing : undefined,
    activeAtMs: slotMs < sinceMs + 1000 ? slotMs : sinceMs,
    sample: undefined,
    keepFiringSinceMs: undefined,
  };
}

/**
 * Finds the last result of the rule's expression that contained each alert. Evaluates the expression at times before the
 * outage, from the last one backwards, in longer steps the longer the search takes, and at the start times of the alerts.
 */
async function findSamples(
  alerts: ReadonlyMap<string, EarlierAlert>,
  lastMs: number,
  { behaviour }: BehaviourState,
  context: BehaviourRestoreContext,
): Promise<void> {
  const { evaluateAt, intervalMs } = context;
  const missing = new Map(alerts);
  const withoutData = new Map<string, AlertSample>();
  const visit = async (timeMs: number): Promise<void> => {
    const samples = await evaluateAt(timeMs);
    for (const [key, alert] of missing) {
      alert.sample = samples.get(key);
      if (alert.sample !== undefined) missing.delete(key);
    }
    if (samples.size > 0 || behaviour.onNoData !== "fire" || missing.size === 0) return;
    const findings = await findingsFor([], true, behaviour, context.queriesAt(timeMs));
    if (!firesWithoutData(true, findings, behaviour)) return;
    const [key, sample] = await context.noDataAlertAt(timeMs);
    if (missing.has(key)) withoutData.set(key, sample);
  };
  const firstMs = [...alerts.values()].reduce((first, { activeAtMs }) => Math.min(first, activeAtMs), lastMs);
  for (let steps = 0; missing.size > 0 && lastMs - steps * intervalMs >= firstMs; steps += stepsAfter(steps))
    // oxlint-disable-next-line no-await-in-loop -- an earlier time is only evaluated if an alert is still missing
    await visit(lastMs - steps * intervalMs);
  const starts = new Set(Array.from(missing.values(), ({ activeAtMs }) => activeAtMs));
  // oxlint-disable-next-line no-await-in-loop -- as above
  for (const timeMs of [...starts].slice(0, MAX_STARTS)) if (missing.size > 0) await visit(timeMs);
  for (const [key, alert] of missing) alert.sample = withoutData.get(key);
}

const stepsAfter = (steps: number): number => Math.max(1, 2 * (steps - MAX_CONSECUTIVE));

/** Finds since when keep_firing_for keeps each alert: since when it has continuously been cleared. */
async function findKeptSince(
  alerts: ReadonlyMap<string, EarlierAlert>,
  lastMs: number,
  { spec: { keepFiringForMs } }: AlertingRuleState,
  { behaviour }: BehaviourState,
  { evaluateAt, queriesAt, intervalMs }: BehaviourRestoreContext,
): Promise<void> {
  const open = new Map([...alerts].filter(([, { firing, sample }]) => firing !== undefined && sample !== undefined));
  const stepMs = Math.max(intervalMs, Math.ceil(keepFiringForMs / MAX_CONSECUTIVE / intervalMs) * intervalMs);
  for (let timeMs = lastMs; open.size > 0 && timeMs >= lastMs - keepFiringForMs; timeMs -= stepMs) {
    // oxlint-disable-next-line no-await-in-loop -- an earlier time is only evaluated if an alert is still cleared
    const samples = await evaluateAt(timeMs);
    for (const key of open.keys()) if (samples.has(key)) open.delete(key);
    const asked = Array.from(open.values(), ({ sample }) => ({ source: sample!.source, state: "firing" as const }));
    // oxlint-disable-next-line no-await-in-loop -- as above
    const findings = await findingsFor(asked, samples.size === 0, behaviour, queriesAt(timeMs));
    for (const [key, alert] of open) {
      if (conditionOf({ source: alert.sample!.source }, findings, behaviour) !== "cleared") open.delete(key);
      else alert.keepFiringSinceMs = timeMs;
    }
  }
}

function restoredAlert(
  { stored, firing, activeAtMs, sample, keepFiringSinceMs }: EarlierAlert,
  outageMs: number,
  { spec }: AlertingRuleState,
  { firstMs, queryOffsetMs, limits }: BehaviourRestoreContext,
): Alert | undefined {
  if (sample === undefined) return undefined;
  const lastMs = stored.lastSeenMs + queryOffsetMs;
  return {
    state: firing === undefined ? "pending" : "firing",
    ...sample,
    activeAtMs: restoredActiveAt(activeAtMs, lastMs, lastMs + outageMs, spec.forMs, limits.gracePeriodMs),
    firedAtMs: firing === undefined ? undefined : (firing.times.at(-1) ?? firstMs),
    resolvedAtMs: undefined,
    keepFiringSinceMs: keepFiringSinceMs === undefined ? undefined : keepFiringSinceMs + outageMs,
    lastSentAtMs: undefined,
    validUntilMs: undefined,
  };
}

/** Returns the series ALERTS and ALERTS_FOR_STATE that an alert had at the last evaluation. */
function seriesOf({ stored: { labels }, firing }: EarlierAlert): readonly Labels[] {
  const forState = labels.with({ [METRIC_NAME]: "ALERTS_FOR_STATE" });
  const state = firing === undefined ? labels.with({ [METRIC_NAME]: "ALERTS", alertstate: "pending" }) : firing.series;
  return [forState, state];
}
