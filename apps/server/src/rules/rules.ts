import { formatProblem, type PrometheusConfig } from "@narthex/config";
import { access, limitingMatchers, sendSuccessInSlices, wholeForm } from "@narthex/http";
import { type ParserOptions, printExpression, QueryGate } from "@narthex/promql";
import type { RuleTexts } from "@narthex/querying";
import {
  alertsAnswer,
  behaviourMetrics,
  engineQuery,
  expressionsOf,
  type RuleGroup,
  RuleManager,
  ruleMetrics,
  rulesAnswer,
  type RuleObserver,
} from "@narthex/rules";
import type { PreparedChange } from "@narthex/runtime";
import { BehaviourFiles, behaviourPatterns } from "./behaviour-files.ts";
import type { Context } from "../context.ts";
import type { ServerFeature } from "../server-feature.ts";
import type { ObjectiveFiles } from "../objectives/objective-files.ts";
import type { NotificationsFeature } from "../notifications/notifications.ts";
import type { QueryingFeature } from "../querying/querying.ts";
import type { StorageFeature } from "../storage/storage.ts";

interface Uses {
  readonly storage: StorageFeature;
  readonly querying: QueryingFeature;
  readonly notifications: NotificationsFeature;
  readonly objectives: ObjectiveFiles;
}

export interface RulesFeature extends ServerFeature {
  texts(): RuleTexts;
  /** Returns the loaded rule groups, sorted by file and name. */
  groups(): readonly RuleGroup[];
  readonly manager: Pick<RuleManager, "hasFile" | "setPlace">;
  /** Options for parsing expressions. */
  readonly parser: ParserOptions;
}

/** Adds the feature that evaluates recording and alerting rules. */
export function openRules(context: Context, { storage, querying, notifications, objectives }: Uses): RulesFeature {
  const { clock, logger, metrics, flags, featureFlags, web } = context;
  const isConcurrent = featureFlags.has("concurrent-rule-eval");
  const { notifier } = notifications;
  const lane = querying.lanes.rules;
  // The metrics and the manager need each other: the metrics read the manager's groups, and the manager calls the
  // metrics' observer.
  const observer: RuleObserver = ruleMetrics(metrics, () => rules.groups);
  const rules = new RuleManager({
    clock,
    logger: logger.child({ component: "rule manager" }),
    query: engineQuery(clock, ({ group, ...query }) => lane.evaluate({ ...query, origin: { ruleGroup: group } })),
    parser: lane.features,
    storage: storage.appendable,
    history: storage.queryable,
    notify: (alerts) => notifier.send(alerts),
    reportError: metrics.internalErrors.reporter("rule_group", logger),
    observer,
    externalUrl: web.externalUrl,
    resendDelayMs: flags["rules.alert.resend-delay"],
    restore: {
      outageToleranceMs: flags["rules.alert.for-outage-tolerance"],
      gracePeriodMs: flags["rules.alert.for-grace-period"],
    },
    slots: isConcurrent ? new QueryGate(flags["rules.max-concurrent-evals"]) : undefined,
  });
  behaviourMetrics(metrics, () => rules.groups);
  const behaviours = new BehaviourFiles(behaviourPatterns(context.host, flags), clock, (warning) =>
    logger.warn("loading behaviours", { warning }),
  );
  return {
    name: "rules",
    texts: () => textsOf(rules.groups),
    groups: () => rules.groups,
    manager: rules,
    parser: lane.features,
    ready: () => rules.start(),
    stop: () => rules.stop(),
    apply: [
      {
        name: "rules",
        prepare: (config) => prepared(config, rules, objectives, behaviours),
      },
    ],
    routes: {
      apiWhenReady(app) {
        app.get("/rules", access("read", { series: "limited" }), async (request, reply) =>
          sendSuccessInSlices(
            reply,
            clock,
            rulesAnswer(rules, wholeForm(request), {
              limit: limitingMatchers(request),
              sentLabels: (labels) => notifier.sentLabels(labels),
            }),
          ),
        );
        app.get("/alerts", access("read", { series: "limited" }), async (request, reply) =>
          sendSuccessInSlices(reply, clock, alertsAnswer(rules, limitingMatchers(request))),
        );
      },
    },
    features: {
      api: { exclude_alerts: true },
      rules: { concurrent_rule_eval: isConcurrent, keep_firing_for: true, query_offset: true },
    },
  };
}

/** Reads the rule files, the objectives and the behaviours of a configuration. Rejects with the problems of the files. */
async function prepared(
  { ruleFiles, global }: PrometheusConfig,
  rules: RuleManager,
  objectives: ObjectiveFiles,
  behaviours: BehaviourFiles,
): Promise<PreparedChange> {
  const entries = await behaviours.read();
  const levels = objectives.isUsed ? await objectives.prepare() : undefined;
  const change = await rules.prepare({
    ...(levels !== undefined && { generated: levels.ruleFiles }),
    behaviours: entries,
    ruleFiles,
    scheme: global.metricNameValidationScheme,
    intervalMs: global.evaluationIntervalMs,
    queryOffsetMs: global.ruleQueryOffsetMs,
    externalLabels: global.externalLabels,
  });
  if (!change.ok) {
    const why = change.problems.map(formatProblem).join("; ");
    throw new Error(`error loading rules, previous rule set restored: ${why}`);
  }
  return {
    apply() {
      levels?.apply();
      return change.apply();
    },
    discard: () => change.discard(),
  };
}

function textsOf(groups: readonly RuleGroup[]): RuleTexts {
  const specs = groups.flatMap(({ rules }) => rules.map(({ spec }) => spec));
  return {
    expressions: specs.flatMap((spec) => [spec.query, ...expressionsOf(spec).slice(1).map(printExpression)]),
    templates: specs.flatMap((spec) => [
      ...spec.labels.values(),
      ...(spec.kind === "alerting" ? spec.annotations.values() : []),
    ]),
    recorded: specs.filter(({ kind }) => kind === "recording").map(({ name }) => name),
  };
}
