import type { Context } from "../context.ts";
import type { NotificationsFeature } from "../notifications/notifications.ts";
import type { QueryingFeature } from "../querying/querying.ts";
import type { RulesFeature } from "../rules/rules.ts";
import type { ServerFeature } from "../server-feature.ts";
import type { StorageFeature } from "../storage/storage.ts";
import { AlertQuality } from "./quality-reports.ts";
import { alertQualityRoute } from "./quality-route.ts";

interface Uses {
  readonly notifications: NotificationsFeature;
  readonly querying: QueryingFeature;
  readonly rules: RulesFeature;
  readonly storage: StorageFeature;
}

/** Adds the feature that reports, on request, how often and how long the alerts of each rule have fired. */
export function openAlertQuality({ clock }: Context, { notifications, querying, rules, storage }: Uses): ServerFeature {
  const quality = new AlertQuality({
    clock,
    lane: querying.lanes.queries,
    groups: () => rules.groups(),
    oldestMs: () => storage.tsdb.minTime,
    readAlertmanager: (path, signal, maxBytes) => notifications.notifier.read(path, signal, maxBytes),
  });
  return { name: "alert quality", routes: { apiWhenReady: (app) => alertQualityRoute(app, quality) } };
}
