import { access, sendSuccess } from "@narthex/http";
import { Notifier } from "@narthex/rules";
import type { Context } from "../context.ts";
import type { ServerFeature } from "../server-feature.ts";
import { receiversRoute } from "./receivers-route.ts";

export interface NotificationsFeature extends ServerFeature {
  readonly notifier: Notifier;
}

/** Adds the feature that sends alerts to Alertmanagers. */
export function openNotifications({ clock, logger, metrics, flags, userAgent }: Context): NotificationsFeature {
  const notifier = new Notifier({
    clock,
    logger: logger.child({ component: "notifier" }),
    metrics,
    userAgent,
    queueCapacity: flags["alertmanager.notification-queue-capacity"],
    batchSize: flags["alertmanager.notification-batch-size"],
    drainOnShutdown: flags["alertmanager.drain-notification-queue-on-shutdown"],
  });
  return {
    name: "notifier",
    notifier,
    stop: () => notifier.stop(),
    apply: [{ name: "notify", prepare: ({ alerting, global }) => notifier.prepare(alerting, global.externalLabels) }],
    routes: {
      apiWhenReady(app) {
        app.get("/alertmanagers", access("read"), async (_request, reply) =>
          sendSuccess(reply, { data: notifier.alertmanagers }),
        );
        receiversRoute(app, notifier);
      },
    },
  };
}
