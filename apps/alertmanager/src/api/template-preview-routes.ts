import { decodeAlerts, fingerprint, HandlerError, jsonText, sendPlainJson } from "@narthex/alerting";
import { access } from "@narthex/http";
import { Labels } from "@narthex/model";
import { type Notification, type NotificationAlert, sortedPairs } from "@narthex/notification";
import { fieldTemplate, previewTemplate, type PreviewTemplate, sampleNotification } from "@narthex/receivers";
import type { FastifyInstance } from "fastify";
import { RequestMembers } from "./request-members.ts";
import { receiverNamed, type TrialState } from "./trial-state.ts";

const MEMBERS = [
  "template",
  "receiver",
  "integration",
  "index",
  "field",
  "html",
  "alerts",
  "groupKey",
  "groupLabels",
  "reason",
];

/**
 * Serves `POST /narthex/templates/render`, which renders a template for some alerts. The template can use the templates
 * of the current configuration.
 */
export const templatePreviewRoutes =
  (state: () => TrialState): ((app: FastifyInstance) => void) =>
  (app) => {
    app.post("/narthex/templates/render", access("read"), (request, reply) => {
      const trial = state();
      const params = RequestMembers.read(jsonText(request, "preview"), MEMBERS);
      const meant = templateOf(trial, params);
      const html = params.flag("html") ?? meant.html;
      const preview = previewTemplate(trial.renderer, { ...meant, html }, notificationOf(trial, params));
      if (!preview.ok) throw new HandlerError(400, preview.problem);
      return sendPlainJson(reply, { template: meant.template, html, output: preview.output });
    });
  };

function templateOf(trial: TrialState, params: RequestMembers): PreviewTemplate {
  const [template, receiver, field] = [params.text("template"), params.text("receiver"), params.text("field")];
  if ((template === "") === (field === "")) {
    throw new HandlerError(400, "give either template, or receiver and field");
  }
  if (field === "") return { template, html: false };
  const address = { integration: params.text("integration"), index: params.index("index") ?? 0, field };
  const found = fieldTemplate(receiverNamed(trial, receiver), address);
  if (typeof found === "string") throw new HandlerError(400, found);
  return found;
}

/** Returns a notification for the given alerts, for the alerts of a current group, or for sample alerts. */
function notificationOf(trial: TrialState, params: RequestMembers): Notification {
  const now = trial.tools.clock.now();
  const sample = sampleNotification(params.text("receiver") || "preview", trial.externalUrl, now);
  const [key, alerts] = [params.text("groupKey"), params.get("alerts")];
  if (key !== "" && alerts !== undefined) throw new HandlerError(400, "give either alerts, or groupKey");
  const reason = params.text("reason") || sample.reason;
  if (key !== "") return { ...notificationOfGroup(trial, key, sample, now), reason };
  if (alerts === undefined) return { ...sample, reason };
  if (!Array.isArray(alerts) || alerts.length === 0) throw new HandlerError(400, "alerts must be a list of alerts");
  const posted = decodeAlerts(JSON.stringify(alerts));
  const shown = posted.map(({ labels, annotations, startsAt, endsAt, generatorUrl }) =>
    alertAt(
      {
        labels: Labels.of(labels),
        annotations: Labels.of(annotations),
        startsAt: startsAt > 0 ? startsAt : now,
        endsAt,
        generatorUrl,
        fingerprint: fingerprint(Labels.of(labels)),
      },
      now,
    ),
  );
  const alertname = shown[0]!.labels.get("alertname");
  const groupLabels =
    params.get("groupLabels") === undefined ? Labels.of({ alertname }) : sortedPairs(params.texts("groupLabels"));
  return { ...sample, reason, alerts: shown, groupLabels, groupKey: "preview" };
}

function notificationOfGroup({ dispatcher }: TrialState, key: string, sample: Notification, now: number): Notification {
  const group = dispatcher.groups().find((each) => each.key === key);
  if (group === undefined) throw new HandlerError(404, `no group ${JSON.stringify(key)} at present`);
  return {
    ...sample,
    receiver: group.route.receiver,
    alerts: group.alerts().map((alert) => alertAt(alert, now)),
    groupLabels: group.labels,
    routeLabels: group.route.labels,
    groupKey: key,
  };
}

/** Returns the alert with `resolved` computed for the time `now`. */
const alertAt = (alert: Omit<NotificationAlert, "resolved">, now: number): NotificationAlert => ({
  ...alert,
  resolved: alert.endsAt > 0 && alert.endsAt <= now,
});
