import { discoverers, DiscoveryManager, discoveryMetrics, type DiscoverySet } from "@narthex/discovery";
import { alertmanagerSetName } from "@narthex/rules";
import type { PreparedChange } from "@narthex/runtime";
import type { Context } from "../context.ts";
import type { ServerFeature } from "../server-feature.ts";
import type { NotificationsFeature } from "../notifications/notifications.ts";
import type { RulesFeature } from "../rules/rules.ts";
import type { ScrapingFeature } from "../scraping/scraping.ts";
import { monitorRoutes } from "./monitor-routes.ts";
import { openMonitors } from "./monitors.ts";
import { ruleObjects } from "./rule-objects.ts";

interface Uses {
  readonly scraping: ScrapingFeature;
  /** Sends alerts to Alertmanagers. Undefined if the server sends no alerts. */
  readonly notifications?: NotificationsFeature;
  /** Evaluates the rules of PrometheusRules. Undefined if the server evaluates no rules. */
  readonly rules?: RulesFeature;
}

/** Adds the feature that discovers targets to scrape, additional jobs, and Alertmanagers that are notified. */
export function openDiscovery(context: Context, { scraping, notifications, rules }: Uses): ServerFeature {
  const { clock, logger, metrics, userAgent } = context;
  const around = {
    clock,
    logger,
    metrics: discoveryMetrics(metrics, discoverers),
    userAgent,
    dialers: metrics.dialers,
  };
  const shared = { ...around, discoverers };
  const monitors = openMonitors(context, { ...around, rules: rules && ruleObjects(context, rules) });
  const targets = new DiscoveryManager({
    ...shared,
    name: "scrape",
    onTargets: (sets) => scraping.manager.setTargets(sets),
  });
  const alertmanagers = new DiscoveryManager({
    ...shared,
    name: "notify",
    onTargets: (sets) => {
      for (const [name, groups] of sets) notifications?.notifier.syncTargets(name, groups);
    },
  });
  return {
    name: "discovery",
    async stop() {
      await monitors.stop();
      targets.stop();
      alertmanagers.stop();
    },
    routes: { apiWhenReady: (app) => monitorRoutes(app, monitors) },
    apply: [
      {
        name: "scrape discovery",
        takesFoundJobs: true,
        prepare: ({ scrapeConfigs }) => sets(targets, new Map(scrapeConfigs.map((job) => [job.jobName, job]))),
      },
      {
        name: "notify discovery",
        prepare: ({ alerting }) =>
          sets(alertmanagers, new Map(alerting.alertmanagers.map((entry, i) => [alertmanagerSetName(i), entry]))),
      },
      {
        name: "job discovery",
        prepare: ({ jobDiscoveryConfigs, global }) => ({
          apply: () => monitors.apply(jobDiscoveryConfigs, global),
          discard: () => undefined,
        }),
      },
    ],
    features: {
      service_discovery_providers: Object.fromEntries(
        ["static", ...discoverers.map(({ name }) => name)].map((name) => [name, true]),
      ),
    },
  };
}

/**
 * Returns a prepared change of the targets to discover, which accepts every configuration. If a discovery cannot start,
 * its error is logged later, and the other discoveries continue.
 */
const sets = (manager: DiscoveryManager, wanted: ReadonlyMap<string, DiscoverySet>): PreparedChange => ({
  apply: () => manager.apply(wanted),
  discard: () => undefined,
});
