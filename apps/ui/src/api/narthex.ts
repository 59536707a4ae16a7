import type { QueryStats } from "./query-result.ts";
import type { LabelSet } from "../format/series-name.ts";
import { apiRoot } from "./prometheus.ts";
import { call, send } from "./request.ts";
import type { Answer, Params } from "./request.ts";

/** Measurements of one operator of a query. Times are in seconds. */
interface PartMeasures {
  readonly series: number;
  readonly samples: number;
  readonly samplesRead: number;
  /** Bytes of encoded samples that were decoded. */
  readonly bytesRead: number;
  readonly selfTime: number;
  readonly totalTime: number;
  readonly threads: readonly PartThreadTime[];
}

/**
 * Time in seconds that a thread spent on an operator: its own work, other jobs that ran in between, and waiting for
 * other servers.
 */
interface PartThreadTime {
  readonly thread: string;
  readonly workTime?: number;
  readonly otherJobsTime?: number;
  readonly serverWaitTime?: number;
}

/** The time range and series that a query operator selects from the storage. Times are Unix seconds. */
interface PartSelection {
  readonly matchers: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly series?: number;
}

/** An operator in the plan of a query. */
export interface PlanPart {
  readonly operator: string;
  readonly expression: string;
  readonly type: string;
  readonly steps: number;
  /** Notes about work that the planner pushed down, shared between operators or skipped. */
  readonly notes: readonly string[];
  readonly selections: readonly PartSelection[];
  readonly measured?: PartMeasures;
  readonly inputs: readonly PlanPart[];
}

/** Measurements of a query's evaluation. */
export interface QueryAnalysis {
  readonly thread: string;
  readonly series: number;
  /** The reason for an empty result, as a sentence, and the first operator whose result is empty. */
  readonly reason?: string;
  readonly reasonIn?: string;
  /** The query that the user has probably meant, and the word in it that is different. */
  readonly suggestion?: { readonly use: string; readonly query: string };
  readonly stats: QueryStats;
  readonly plan: PlanPart;
}

/** A waiting or running query, rule evaluation or series request. Durations are in seconds. */
export interface ActiveJob {
  readonly id: string;
  readonly query: string;
  readonly kind: string;
  readonly lane: string;
  readonly state: "waiting" | "running" | "answering";
  readonly thread?: string;
  readonly startTime: string;
  readonly duration: number;
  readonly samples: number;
  readonly bytes: number;
  readonly principal?: string;
  readonly httpRequest?: { readonly clientIP: string; readonly method: string; readonly path: string };
  readonly ruleGroup?: { readonly file: string; readonly name: string };
}

interface UsageTotals {
  readonly metrics: number;
  readonly series: number;
  readonly samples: number;
}

interface UsageShares {
  readonly seriesShare: number;
  readonly samplesShare: number;
}

/** A metric that is never queried, with its number of series by job. */
export interface UnusedMetric extends UsageShares {
  readonly metric: string;
  readonly job: string;
  readonly series: number;
  readonly samples: number;
  readonly recorded: boolean;
}

export interface MetricUsage {
  readonly days: number;
  readonly sources: { readonly queries: number; readonly rules: number; readonly dashboards: number };
  readonly stored: UsageTotals;
  readonly unused: UsageTotals & UsageShares;
  readonly metrics: readonly UnusedMetric[];
  readonly dropRules: string;
}

/** The state of one series of a service level objective. Shares are from 0 to 1. */
export interface ObjectiveSeries {
  readonly labels: LabelSet;
  readonly sli: number;
  /** Share of the error budget that is left; negative if more is spent. */
  readonly budgetRemaining: number;
  /** Burn rates by window, in seconds. Null if there is no value. */
  readonly burnRates: readonly { readonly window: number; readonly burnRate: number | null }[];
}

/** A service level objective with its budget. Windows are in seconds. */
export interface Objective {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly description: string;
  readonly format: string;
  readonly file: string;
  readonly line: number;
  readonly objective: number;
  readonly window: number;
  readonly labels: LabelSet;
  readonly alertWindows: readonly {
    readonly severity: string;
    readonly short: number;
    readonly long: number;
    readonly factor: number;
  }[];
  readonly errorRatioQuery: string;
  readonly series: readonly ObjectiveSeries[];
  readonly alerts: readonly ObjectiveAlert[];
  readonly error?: string;
}

interface ObjectiveAlert {
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly state: "firing" | "inactive" | "pending" | "unknown";
  readonly activeAt: string;
}

/** One finding of the checks of the loaded rules. Line and column are 0 if the place in the file is not known. */
export interface RuleFinding {
  readonly check: string;
  readonly severity: "error" | "warning" | "info";
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly group: string;
  readonly ruleIndex: number;
  readonly message: string;
  readonly remedy: string;
}

/** The number of series and samples that one evaluation of a rule reads. */
export interface RuleCost {
  readonly file: string;
  readonly group: string;
  readonly ruleIndex: number;
  readonly series: number;
  readonly samples: number;
}

export interface RuleLint {
  readonly checkedAt: string;
  readonly findings: readonly RuleFinding[];
  readonly costs: readonly RuleCost[];
  readonly isComplete: boolean;
}

/** How the alerts of a rule have behaved. Durations and times are in ms, shares from 0 to 1. */
export interface RuleQuality {
  readonly file: string;
  readonly group: string;
  readonly name: string;
  readonly firings: number;
  readonly labelSets: number;
  readonly firingsPerWeek: number;
  readonly shortShare: number;
  readonly flaps: number;
  readonly firingShare: number;
  readonly medianMs: number;
  readonly lastMs?: number;
  readonly verdicts: readonly string[];
  /** Firings in the history of an Alertmanager, and how many of them were silenced and acknowledged. */
  readonly handling?: { readonly firings: number; readonly silenced: number; readonly acknowledged: number };
}

export interface AlertQuality {
  readonly from: string;
  readonly to: string;
  readonly rules: readonly RuleQuality[];
  readonly unknownFirings: number;
  readonly omittedFirings: number;
}

function get<T>(path: string, params: Params, signal?: AbortSignal): Promise<Answer<T>> {
  return call<T>(`${apiRoot}/narthex/${path}`, signal === undefined ? { params } : { params, signal });
}

/** Functions that call the APIs that Narthex adds to Prometheus's. Query times are Unix seconds. */
export const narthex = {
  analyze: (
    query: string,
    at: { readonly time: number } | { readonly start: number; readonly end: number; readonly step: number },
    signal?: AbortSignal,
  ) => get<QueryAnalysis>("explain", { query, ...at, analyze: "true" }, signal),
  activeJobs: (signal?: AbortSignal) => get<{ queries: readonly ActiveJob[] }>("queries", {}, signal),
  cancelJob: (id: string) => send(`${apiRoot}/narthex/queries/${id}/cancel`, { method: "POST" }),
  objectives: (signal?: AbortSignal) =>
    get<{ objectives: readonly Objective[]; total: number }>("slos", { limit: "500" }, signal),
  ruleLint: (signal?: AbortSignal) => get<RuleLint>("rule-lint", { data: "true" }, signal),
  alertQuality: (days: number, signal?: AbortSignal) => get<AlertQuality>("alert-quality", { days }, signal),
  metricUsage: (days: number, signal?: AbortSignal) => get<MetricUsage>("metric-usage", { days }, signal),
};
