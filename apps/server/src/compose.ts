import { FeatureList } from "@narthex/http";
import type { Lifecycle } from "@narthex/runtime";
import { openAssistant } from "./assistant/assistant.ts";
import { openAlertQuality } from "./alert-quality/alert-quality.ts";
import { openBacktest } from "./backtest/backtest.ts";
import { openConsoles } from "./consoles/consoles.ts";
import { openReloading } from "./configuration/reloading.ts";
import type { Context } from "./context.ts";
import { openDiscovery } from "./discovery/discovery.ts";
import type { Applier, ServerFeature } from "./server-feature.ts";
import { openLongTermStore } from "./long-term-store/long-term-store.ts";
import { openMetricUsage } from "./metric-usage/metric-usage.ts";
import { ObjectiveFiles, objectivePatterns } from "./objectives/objective-files.ts";
import { openObjectives } from "./objectives/objectives.ts";
import { openNotifications } from "./notifications/notifications.ts";
import { openOtlp } from "./otlp/otlp.ts";
import { openQuerying } from "./querying/querying.ts";
import { openRemoteRead } from "./remote-read/remote-read.ts";
import { openRemoteWrite } from "./remote-write/remote-write.ts";
import { openRemoteWriting } from "./remote-write/remote-writing.ts";
import { openRuleLint } from "./rule-lint/rule-lint.ts";
import { openRuleUrls } from "./rule-urls/rule-urls.ts";
import { openRules } from "./rules/rules.ts";
import { openRulesApi } from "./rules-api/rules-api.ts";
import { openScraping } from "./scraping/scraping.ts";
import { openSearch } from "./search/search.ts";
import { dataFolder, openStorage } from "./storage/storage.ts";
import { openWeb } from "./web/web.ts";

/**
 * Opens the features of the server in the order of their start; they stop in reverse order. To add a feature, add a
 * folder, and a line in this function after the features that it needs.
 */
export async function openFeatures(context: Context, lifecycle: Lifecycle): Promise<Iterable<ServerFeature>> {
  const features = new FeatureList<ServerFeature>(lifecycle, context.metrics);
  const storage = features.add(openStorage(context));
  const querying = features.add(openQuerying(context, storage));
  const notifications = features.add(openNotifications(context));
  const objectives = new ObjectiveFiles(objectivePatterns(context.host, context.flags), context);
  const rules = features.add(openRules(context, { storage, querying, notifications, objectives }));
  features.add(openObjectives(context, { files: objectives, querying, rules }));
  features.add(openAssistant(context, notifications.notifier));
  features.add(openRulesApi(context, rules));
  features.add(openRuleUrls(context, rules));
  features.add(openMetricUsage(context, { querying, rules }));
  features.add(openBacktest(context, { storage, querying }));
  features.add(openRemoteWrite(context, storage));
  features.add(openRemoteRead(context, { storage, querying }));
  features.add(openLongTermStore(context, { storage, querying }));
  features.add(openOtlp(context, storage));
  // Adds remote write before scraping. Features stop in reverse order, and remote write must stop after the scrapes.
  features.add(
    openRemoteWriting(context, {
      folder: dataFolder(context),
      log: () => storage.tsdb,
      metadata: () => scraping.manager.views.metadata("", -1, 0),
    }),
  );
  const scraping = features.add(openScraping(context, storage, querying));
  features.add(openAlertQuality(context, { notifications, querying, rules, storage }));
  features.add(openRuleLint(context, { querying, rules, scraping }));
  features.add(openSearch(context, { querying, scraping }));
  features.add(openDiscovery(context, { scraping, notifications, rules }));
  const consoles = features.add(openConsoles(context, querying.lanes.queries));
  features.add(
    await openWeb(context, {
      isAgent: false,
      corruptions: () => storage.tsdb.corruptions,
      querying,
      consoles,
      features,
    }),
  );
  features.add(openReloading(context));
  return features;
}

/**
 * Names of appliers in the order in which they prepare for a configuration. Prometheus lists the problems in an error
 * in this order: discovery comes after the features that receive its targets, and rules come last. Other appliers
 * follow in the order of the features.
 */
const RELOAD_ORDER: readonly string[] = [
  "storage",
  "remote_storage",
  "query_engine",
  "scrape",
  "scrape discovery",
  "notify",
  "notify discovery",
  "rules",
];

/** Returns the configuration appliers of all features, in the order in which a reload calls them. */
export function appliersOf(features: Iterable<ServerFeature>): readonly Applier[] {
  const rank = ({ name }: Applier): number => {
    const index = RELOAD_ORDER.indexOf(name);
    return index === -1 ? RELOAD_ORDER.length : index;
  };
  return [...features].flatMap(({ apply = [] }) => apply).toSorted((a, b) => rank(a) - rank(b));
}
