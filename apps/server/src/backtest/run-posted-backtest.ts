import { readSilences, SilenceListError } from "@narthex/alerting";
import { configSection } from "@narthex/alertmanager-config";
import {
  type BacktestAlertmanager,
  backtestReport,
  compareBacktests,
  type ReplayedGroup,
  runBacktest,
  TooManyAlertsError,
  TooManyRecordedError,
} from "@narthex/backtest";
import { decodeNode, formatProblem, parseYamlInSteps } from "@narthex/config";
import { ApiError, invalidParameter } from "@narthex/http";
import { createEngine, type ParserOptions } from "@narthex/promql";
import type { QueryLane } from "@narthex/querying";
import {
  type GroupSpec,
  groupTiming,
  parseBehaviourFileInSteps,
  parseRuleFileInSteps,
  withBehavioursInSteps,
} from "@narthex/rules";
import { runInTimeSlices, type Steps, writeJson } from "@narthex/runtime";
import type { Queryable } from "@narthex/storage";
import type { Context } from "../context.ts";
import type { Requester } from "../querying/request-origin.ts";
import type { BacktestForm } from "./backtest-form.ts";

export interface BacktestSources {
  readonly context: Pick<Context, "clock" | "configuration" | "flags" | "logger" | "web">;
  /** Queue in which the queries of rules that read only stored samples run. */
  readonly lane: Pick<QueryLane, "evaluate" | "features">;
  readonly storage: Queryable;
}

/** The client that has sent a backtest. Its signal is aborted when it disconnects. */
type Client = Requester & { readonly signal: AbortSignal };

/** Largest number of evaluations of all rules together. */
const MAX_EVALUATIONS = 3_000_000;
const LIMITS = { recordedSamples: 2_000_000, occurrences: 40_000 };
const NOTIFICATION_LIMITS = { notifications: 20_000, notifiedAlerts: 100_000, occurrences: 20_000 };
/** Memory of one query that reads series which the rules have written, bytes. */
const MAX_QUERY_BYTES = 64 * 1024 * 1024;

/**
 * Runs a backtest, and resolves with its report as the JSON of the API. Queries of stored samples are jobs of the query
 * scheduler. Queries that also read what the rules have written run here, and yield to other requests every few
 * milliseconds. Throws ApiError.
 */
export async function runPostedBacktest(form: BacktestForm, sources: BacktestSources, client: Client): Promise<Buffer> {
  const { clock, flags } = sources.context;
  const timeoutMs = flags["query.timeout"];
  const deadline = new AbortController();
  const cancel = clock.after(timeoutMs, () =>
    deadline.abort(
      new ApiError("timeout", "the backtest exceeds --query.timeout; choose a shorter range or fewer rules"),
    ),
  );
  const signal = AbortSignal.any([client.signal, deadline.signal]);
  try {
    const groups = await groupsOf("rules", form.rules, form, sources);
    const before = form.against === undefined ? undefined : await groupsOf("against", form.against, form, sources);
    const alertmanager = await alertmanagerOf(form, sources);
    const run = requestOf(form, sources, { ...client, signal });
    const result = await runBacktest({ ...run, groups }, alertmanager);
    const differences =
      before === undefined
        ? undefined
        : compareBacktests(await runBacktest({ ...run, groups: before }, alertmanager), result);
    return await reportBytes(backtestReport(result, differences), sources);
  } catch (error) {
    if (error instanceof TooManyRecordedError || error instanceof TooManyAlertsError)
      throw new ApiError("execution", error.message);
    throw client.signal.aborted ? new ApiError("canceled", "the client has disconnected") : error;
  } finally {
    cancel();
  }
}

async function groupsOf(
  name: "against" | "rules",
  text: string,
  form: BacktestForm,
  { context, lane }: BacktestSources,
): Promise<readonly ReplayedGroup[]> {
  const { file, fromMs, toMs } = form;
  const { evaluationIntervalMs, ruleQueryOffsetMs, metricNameValidationScheme } = context.configuration.current.global;
  const parser = lane.features;
  const options = { parser, scheme: metricNameValidationScheme };
  const loaded = await runInTimeSlices(context.clock, parseRuleFileInSteps(text, file, options));
  if (!loaded.ok) throw invalidParameter(name, loaded.problems.map(formatProblem).join("; "));
  const defaults = { intervalMs: evaluationIntervalMs, queryOffsetMs: ruleQueryOffsetMs };
  const [parameter, behaviours] =
    name === "rules"
      ? (["behaviours", form.behaviours] as const)
      : (["against_behaviours", form.againstBehaviours] as const);
  const specs = await runInTimeSlices(context.clock, behaved(parameter, behaviours, file, loaded.value, parser));
  const groups = specs.map((spec) => ({ file, spec, ...groupTiming(spec, defaults) }));
  const evaluations = groups.reduce(
    (sum, { intervalMs, spec }) => sum + ((toMs - fromMs) / intervalMs) * spec.rules.length,
    0,
  );
  if (evaluations > MAX_EVALUATIONS)
    throw invalidParameter(
      name,
      `the rules are evaluated more than ${MAX_EVALUATIONS} times in the range; choose a shorter range or fewer rules`,
    );
  return groups;
}

/** Returns groups with the behaviours of their rules. Throws ApiError, also for an entry that is for no alert. */
function* behaved(
  name: "behaviours" | "against_behaviours",
  text: string | undefined,
  file: string,
  specs: readonly GroupSpec[],
  parser: ParserOptions,
): Steps<readonly GroupSpec[]> {
  if (text === undefined) return specs;
  const entries = yield* parseBehaviourFileInSteps(text, "behaviours.yml");
  if (!entries.ok) throw invalidParameter(name, entries.problems.map(formatProblem).join("; "));
  const result = yield* withBehavioursInSteps(new Map([[file, specs]]), entries.value, parser);
  const problems = result.ok ? result.unused : result.problems;
  if (!result.ok || problems.length > 0) throw invalidParameter(name, problems.map(formatProblem).join("; "));
  return result.files.get(file) ?? [];
}

/** Reads the Alertmanager's configuration. Environment variables and other files are not read. */
async function alertmanagerOf(
  { alertmanager, silences }: BacktestForm,
  { context: { clock, configuration, flags, logger } }: BacktestSources,
): Promise<BacktestAlertmanager | undefined> {
  if (alertmanager === undefined) return undefined;
  const shape = configSection({ mode: "fallback", warn: () => undefined });
  const file = "alertmanager.yml";
  const { root, problems } = await runInTimeSlices(clock, parseYamlInSteps(alertmanager, file));
  const empty = { kind: "map", entries: [], line: 1, column: 1 } as const;
  const decoded = decodeNode(root ?? empty, file, shape, { environment: {} });
  const found = problems.length > 0 ? problems : decoded.ok ? [] : decoded.problems;
  if (!decoded.ok || found.length > 0) throw invalidParameter("alertmanager", found.map(formatProblem).join("; "));
  const { alertRelabelConfigs, alertmanagers } = configuration.current.alerting;
  return {
    alertmanager: decoded.value,
    silences: silences === undefined ? [] : silencesOf(silences),
    // If the server sends to several Alertmanagers, the posted configuration replaces the configuration of the first.
    alertRelabelConfigs: [...alertRelabelConfigs, ...(alertmanagers[0]?.alertRelabelConfigs ?? [])],
    resendDelayMs: flags["rules.alert.resend-delay"],
    limits: NOTIFICATION_LIMITS,
    logger: logger.child({ component: "backtest" }),
  };
}

function silencesOf(text: string) {
  try {
    return readSilences(text);
  } catch (cause) {
    if (!(cause instanceof SilenceListError)) throw cause;
    throw invalidParameter("silences", cause.message);
  }
}

function requestOf({ fromMs, toMs }: BacktestForm, sources: BacktestSources, { signal, ...requester }: Client) {
  const { context, lane, storage } = sources;
  const { clock, configuration, flags, web } = context;
  const { evaluationIntervalMs, externalLabels } = configuration.current.global;
  const engine = createEngine({
    clock,
    features: lane.features,
    lookbackMs: flags["query.lookback-delta"],
    defaultEvalIntervalMs: evaluationIntervalMs,
    maxSamples: flags["query.max-samples"],
    maxBytes: MAX_QUERY_BYTES,
  });
  return {
    fromMs,
    toMs,
    history: storage,
    clock,
    engine,
    stored: (query: Parameters<QueryLane["evaluate"]>[0]): ReturnType<QueryLane["evaluate"]> =>
      lane.evaluate({ ...query, ...requester }),
    parser: lane.features,
    externalLabels,
    externalUrl: web.externalUrl,
    limits: LIMITS,
    signal,
  };
}

async function reportBytes(report: ReturnType<typeof backtestReport>, { context }: BacktestSources): Promise<Buffer> {
  const parts: string[] = [];
  await runInTimeSlices(
    context.clock,
    writeJson({ status: "success", data: report }, (part) => void parts.push(part)),
  );
  return Buffer.from(parts.join(""));
}
