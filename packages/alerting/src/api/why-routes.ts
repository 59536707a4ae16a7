import { Labels, matchesAll } from "@narthex/model";
import { access } from "@narthex/http";
import type { FastifyInstance } from "fastify";
import { queryList, sendGoJson } from "./api-exchange.ts";
import { required } from "./api-fault.ts";
import type { ApiContext, ApiFeatures } from "./api-context.ts";
import { printApiTime } from "./api-time.ts";
import { describeNotification } from "./history-routes.ts";
import { bodyFields, readMatchers, textMap } from "./extension-request.ts";
import type { RouteTrace } from "../routing/route-trace.ts";
import { type AlertFacts, factsAbout, type IntegrationFacts, type RouteFacts } from "../history/why.ts";
import { rejectionsOf, explanationOf } from "../history/why-sentences.ts";

/** Maximum number of alerts that one response explains. */
const MAX_ALERTS = 100;

/** Maximum number of notifications that are shown for each integration. */
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

const describe = (facts: AlertFacts): unknown => ({
  fingerprint: facts.fingerprint,
  labels: facts.labels.toRecord(),
  known: facts.alert !== undefined,
  state: stateOf(facts),
  ...(facts.alert === undefined
    ? {}
    : { startsAt: printApiTime(facts.alert.startsAt), endsAt: printApiTime(facts.alert.endsAt) }),
  sentences: explanationOf(facts),
  refusals: rejectionsOf(facts),
  silencedBy: facts.silences.map(({ id, createdBy, comment, endsAt }) => ({
    id,
    createdBy,
    comment,
    endsAt: printApiTime(endsAt),
  })),
  ...(facts.inhibition === undefined
    ? {}
    : {
        inhibitedBy: {
          fingerprint: facts.inhibition.source.fingerprint,
          labels: facts.inhibition.source.labels.toRecord(),
          rule: facts.inhibition.rule.name,
          equal: facts.inhibition.rule.equal,
        },
      }),
  routing: describeTrace(facts.trace),
  routes: facts.routes.map(describeRoute),
});

function stateOf({ alert, isResolved, silences, inhibition, routes }: AlertFacts): string {
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

const describeRoute = (facts: RouteFacts): unknown => ({
  route: facts.route.key,
  receiver: { name: facts.route.receiver },
  groupKey: facts.groupKey,
  groupLabels: facts.groupLabels.toRecord(),
  groupWaitSeconds: facts.route.groupWaitMs / 1000,
  groupIntervalSeconds: facts.route.groupIntervalMs / 1000,
  repeatIntervalSeconds: facts.route.repeatIntervalMs / 1000,
  ...(facts.group === undefined ? {} : { nextFlushAt: printApiTime(facts.group.nextFlushAt) }),
  mutedBy: facts.mutedBy,
  active: !facts.isInactive,
  integrations: facts.integrations.map(describeIntegration),
});

const describeIntegration = ({
  integration,
  verdict,
  entry,
  repeatDueAt,
  notifications,
}: IntegrationFacts): unknown => ({
  name: integration.kind,
  index: integration.index,
  sendResolved: integration.sendResolved,
  verdict,
  ...(entry === undefined ? {} : { lastToldAt: printApiTime(entry.timestamp) }),
  ...(repeatDueAt === undefined ? {} : { repeatDueAt: printApiTime(repeatDueAt) }),
  notifications: notifications.slice(0, MAX_NOTIFICATIONS).map(describeNotification),
});
