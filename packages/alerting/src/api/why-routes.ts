import { Labels, matchesAll } from "@narthex/model";
import { access } from "@narthex/http";
import type { FastifyInstance } from "fastify";
import { describeAcknowledgement } from "./acknowledgement-routes.ts";
import { queryList, sendGoJson } from "./api-exchange.ts";
import { required } from "./api-fault.ts";
import type { ApiContext, ApiFeatures } from "./api-context.ts";
import { printApiTime } from "./api-time.ts";
import { describeNotification } from "./history-routes.ts";
import { bodyFields, readMatchers, textMap } from "./extension-request.ts";
import type { RouteTrace } from "../routing/route-trace.ts";
import {
  type AlertExplanation,
  factsAbout,
  type IntegrationExplanation,
  type RouteExplanation,
} from "../history/why.ts";
import { rejectionsOf, explanationOf } from "../history/why-sentences.ts";

/** Maximum number of alerts that one response explains. */
const MAX_ALERTS = 100;

/** Maximum number of past notifications that the response shows for each integration. */
const MAX_NOTIFICATIONS = 5;

/**
 * Adds the route `/narthex/alerts/why`, which explains what happened to alerts, or what would happen to an alert with
 * given labels.
 */
export function whyRoutes(app: FastifyInstance, { clock, mode }: ApiContext, features: ApiFeatures): void {
  const sources = { ...features, clock };
  app.get("/narthex/alerts/why", access("read"), (request, reply) => {
    const matchers = readMatchers(queryList(request, "filter"), mode);
    const found = features.alerts.all().filter(({ labels }) => matchesAll(matchers, labels));
    const sorted = found.toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1)).slice(0, MAX_ALERTS);
    return sendGoJson(
      reply,
      sorted.map(({ labels }) => describe(factsAbout(labels, sources))),
    );
  });
  app.get<{ Params: { fingerprint: string } }>("/narthex/alerts/:fingerprint/why", access("read"), (request, reply) => {
    const { fingerprint } = request.params;
    const labels = features.alerts.get(fingerprint)?.labels ?? features.alertHistory.labelsOf(fingerprint);
    if (labels === undefined) return reply.code(404).send();
    return sendGoJson(reply, describe(factsAbout(labels, sources)));
  });
  app.post("/narthex/alerts/why", access("read"), (request, reply) => {
    const { labels } = bodyFields(request, "alert");
    if (labels === undefined) throw required("labels");
    return sendGoJson(reply, describe(factsAbout(Labels.of(textMap(labels, "labels")), sources)));
  });
}

const describe = (explanation: AlertExplanation): unknown => ({
  fingerprint: explanation.fingerprint,
  labels: explanation.labels.toRecord(),
  known: explanation.alert !== undefined,
  state: stateOf(explanation),
  ...(explanation.alert === undefined
    ? {}
    : { startsAt: printApiTime(explanation.alert.startsAt), endsAt: printApiTime(explanation.alert.endsAt) }),
  ...(explanation.acknowledgement === undefined
    ? {}
    : { acknowledgement: describeAcknowledgement(explanation.acknowledgement) }),
  sentences: explanationOf(explanation),
  refusals: rejectionsOf(explanation),
  silencedBy: explanation.silences.map(({ id, createdBy, comment, endsAt }) => ({
    id,
    createdBy,
    comment,
    endsAt: printApiTime(endsAt),
  })),
  ...(explanation.inhibition === undefined
    ? {}
    : {
        inhibitedBy: {
          fingerprint: explanation.inhibition.source.fingerprint,
          labels: explanation.inhibition.source.labels.toRecord(),
          rule: explanation.inhibition.rule.name,
          equal: explanation.inhibition.rule.equal,
        },
      }),
  routing: describeTrace(explanation.trace),
  routes: explanation.routes.map(describeRoute),
});

function stateOf({ alert, isResolved, silences, inhibition, routes }: AlertExplanation): string {
  if (alert === undefined) return "unknown";
  if (isResolved) return "resolved";
  const isMuted = routes.length > 0 && routes.every(({ mutedBy, isInactive }) => mutedBy.length > 0 || isInactive);
  return silences.length > 0 || inhibition !== undefined || isMuted ? "suppressed" : "active";
}

const describeTrace = ({ route, verdict, failed, routes }: RouteTrace): unknown => ({
  route: route.key,
  receiver: { name: route.receiver },
  verdict,
  ...(failed === undefined ? {} : { failedMatcher: String(failed.matcher), value: failed.value }),
  continue: route.continues,
  routes: routes.map(describeTrace),
});

const describeRoute = (explanation: RouteExplanation): unknown => ({
  route: explanation.route.key,
  receiver: { name: explanation.route.receiver },
  groupKey: explanation.groupKey,
  groupLabels: explanation.groupLabels.toRecord(),
  groupWaitSeconds: explanation.route.groupWaitMs / 1000,
  groupIntervalSeconds: explanation.route.groupIntervalMs / 1000,
  repeatIntervalSeconds: explanation.route.repeatIntervalMs / 1000,
  ...(explanation.group === undefined ? {} : { nextFlushAt: printApiTime(explanation.group.nextFlushAt) }),
  mutedBy: explanation.mutedBy,
  active: !explanation.isInactive,
  integrations: explanation.integrations.map(describeIntegration),
});

const describeIntegration = ({
  integration,
  verdict,
  entry,
  repeatDueAt,
  notifications,
}: IntegrationExplanation): unknown => ({
  name: integration.kind,
  index: integration.index,
  ...(integration.target === undefined ? {} : { target: integration.target }),
  sendResolved: integration.sendResolved,
  verdict,
  ...(entry === undefined ? {} : { lastToldAt: printApiTime(entry.timestamp) }),
  ...(repeatDueAt === undefined ? {} : { repeatDueAt: printApiTime(repeatDueAt) }),
  notifications: notifications.slice(0, MAX_NOTIFICATIONS).map(describeNotification),
});
