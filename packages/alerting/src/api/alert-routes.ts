import { compileLinePattern, matchesAll, type Matcher, Labels, PatternError } from "@narthex/model";
import { access, goJson, limitingMatchers } from "@narthex/http";
import type { Integration } from "@narthex/notification";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Acknowledgement } from "../acknowledgements/acknowledgement.ts";
import { type Alert, compareAlerts, compareLabelSets } from "../alerts/alert.ts";
import { describeAcknowledgement } from "./acknowledgement-routes.ts";
import { jsonText, plainJson, queryFlag, queryList, sendBytes, sendPlainJson } from "./api-exchange.ts";
import type { ApiContext, ApiFeatures } from "./api-context.ts";
import { TimeSlice } from "@narthex/runtime";
import { HandlerError } from "./api-fault.ts";
import { printApiTime } from "./api-time.ts";
import { type MatcherMode, parseMatcher } from "../matchers/matcher-syntax.ts";
import { anchoredMessage, MatcherError } from "../matchers/matcher-text.ts";
import { decodeAlerts } from "./posted-alert-body.ts";
import { completeAlert, type PostedAlert } from "./posted-alerts.ts";

/** Adds the routes `/alerts`, `/alerts/groups` and `/receivers`. */
export function alertRoutes(app: FastifyInstance, context: ApiContext, features: ApiFeatures): void {
  app.post("/alerts", access("write", { scope: "push", series: "none", pages: "any" }), async (request, reply) => {
    const problems = await receive(decodeAlerts(jsonText(request, "alerts")), context, features);
    await features.alertsWritten();
    if (problems.length > 0) throw new HandlerError(400, problems.join("\n"));
    return reply.code(200).send();
  });
  app.get("/alerts", access("read", { series: "limited" }), async (request, reply) =>
    sendBytes(reply, await listAlerts(context, features, filterOf(request, context, features)), 200),
  );
  app.get("/alerts/groups", access("read", { series: "limited" }), async (request, reply) =>
    sendBytes(reply, await listGroups(context, features, filterOf(request, context, features)), 200),
  );
  app.get("/receivers", access("read", { series: "none" }), (request, reply) => {
    const matchers = receiverMatchers(request, context.mode);
    const { integrations, receivers } = features.state();
    const kept = receivers.filter(({ labels }) => matchesAll(matchers, Labels.of(labels)));
    // Senders that may read only some alerts do not learn who is notified of the others.
    const withIntegrations = queryFlag(request, INTEGRATIONS, false) && limitingMatchers(request).length === 0;
    return sendPlainJson(
      reply,
      kept.map(({ labels, name }) => ({
        labels: Labels.of(labels).toRecord(),
        name,
        ...(withIntegrations ? { integrations: integrations.get(name)?.map(describeIntegration) } : {}),
      })),
    );
  });
}

const describeIntegration = ({ kind, index, target }: Integration): unknown => ({
  name: kind,
  index,
  ...(target === undefined ? {} : { target }),
});

/** Stores the valid alerts of a request. Returns the error messages of the invalid alerts. */
async function receive(
  posted: readonly PostedAlert[],
  { clock, metrics, mode }: ApiContext,
  { alerts, state }: ApiFeatures,
): Promise<readonly string[]> {
  const now = Math.round(clock.now() * 1000) / 1000;
  const problems: string[] = [];
  const slice = new TimeSlice(clock);
  for (const item of posted) {
    const pause = slice.yieldToEventLoop();
    if (pause !== undefined) await pause;
    const completed = completeAlert(item, now, state().resolveTimeoutMs, mode === "classic" ? "legacy" : "utf8");
    const resolved = completed.ok ? completed.alert.endsAt <= now : completed.resolved;
    metrics.received.inc({ status: resolved ? "resolved" : "firing", version: "v2" });
    if (completed.ok) alerts.put(completed.alert);
    else {
      metrics.invalid.inc({ version: "v2" });
      problems.push(completed.problem);
    }
  }
  return problems;
}

/**
 * Name of the query parameter that adds to each receiver that a route names the list of its integrations, which may be
 * empty.
 */
const INTEGRATIONS = "narthex_integrations";

/** Name of the query parameter that adds the acknowledgements to a list of alerts. */
const ACKNOWLEDGEMENTS = "narthex_acknowledgements";

/** The query parameters that filter a list of alerts. */
interface Filter {
  readonly active: boolean;
  readonly silenced: boolean;
  readonly inhibited: boolean;
  readonly muted: boolean;
  readonly matchers: readonly Matcher[];
  /** True if the list of alerts contains acknowledgements. Alertmanager does not have this parameter. */
  readonly withAcknowledgements: boolean;
  acceptsReceiver(name: string): boolean;
}

function parseFilter(texts: readonly string[], mode: MatcherMode, prefix = ""): Matcher[] {
  try {
    return texts.map((text) => parseMatcher(text, mode));
  } catch (error) {
    if (!(error instanceof MatcherError)) throw error;
    throw new HandlerError(400, prefix + error.message);
  }
}

const receiverMatchers = (request: FastifyRequest, mode: MatcherMode): readonly Matcher[] =>
  parseFilter(queryList(request, "receiver_matchers"), mode, "failed to parse receiver_matchers param: ");

function filterOf(request: FastifyRequest, { mode }: ApiContext, { state }: ApiFeatures): Filter {
  const matchers = [...parseFilter(queryList(request, "filter"), mode), ...limitingMatchers(request)];
  const byLabels = receiverMatchers(request, mode);
  const labelsOf = new Map(state().receivers.map(({ name, labels }) => [name, Labels.of(labels)]));
  const pattern = receiverPattern(queryList(request, "receiver").at(-1) ?? "");
  return {
    active: queryFlag(request, "active"),
    silenced: queryFlag(request, "silenced"),
    inhibited: queryFlag(request, "inhibited"),
    muted: queryFlag(request, "muted"),
    matchers,
    withAcknowledgements: queryFlag(request, ACKNOWLEDGEMENTS, false),
    acceptsReceiver: (name) => pattern(name) && matchesAll(byLabels, labelsOf.get(name) ?? Labels.EMPTY),
  };
}

function receiverPattern(source: string): (name: string) => boolean {
  if (source === "") return () => true;
  try {
    const pattern = compileLinePattern(source);
    return (name) => pattern.test(name);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new HandlerError(400, `failed to parse receiver param: ${anchoredMessage(error, source)}`);
  }
}

/** The reasons why an alert is not notified: silences, inhibiting alerts, muting time intervals. */
interface Suppression {
  readonly inhibitedBy: readonly string[];
  readonly mutedBy: readonly string[];
  readonly silencedBy: readonly string[];
}

function suppressionOf(
  { labels }: Alert,
  { clock }: ApiContext,
  { silences, state }: ApiFeatures,
  mutedBy: readonly string[],
): Suppression {
  const now = clock.now();
  return {
    inhibitedBy: state().inhibitor.inhibitedBy(labels, now),
    mutedBy,
    silencedBy: silences.mutedBy(labels, now),
  };
}

function passes(alert: Alert, suppression: Suppression, filter: Filter, now: number): boolean {
  const { inhibitedBy, silencedBy } = suppression;
  if (alert.endsAt < now || !matchesAll(filter.matchers, alert.labels)) return false;
  // Treats an alert that only a time interval suppresses as active for this filter, although the API shows it as
  // suppressed.
  if (!filter.active && inhibitedBy.length + silencedBy.length === 0) return false;
  return (filter.silenced || silencedBy.length === 0) && (filter.inhibited || inhibitedBy.length === 0);
}

function describe(
  alert: Alert,
  { inhibitedBy, mutedBy, silencedBy }: Suppression,
  receivers: readonly string[],
  acknowledgement: Acknowledgement | undefined,
): unknown {
  const suppressed = inhibitedBy.length + mutedBy.length + silencedBy.length > 0;
  return {
    annotations: alert.annotations.toRecord(),
    endsAt: printApiTime(alert.endsAt),
    fingerprint: alert.fingerprint,
    receivers: receivers.map((name) => ({ name })),
    startsAt: printApiTime(alert.startsAt),
    status: { inhibitedBy, mutedBy, silencedBy, state: suppressed ? "suppressed" : "active" },
    updatedAt: printApiTime(alert.updatedAt),
    ...(alert.generatorUrl === "" ? {} : { generatorURL: alert.generatorUrl }),
    labels: alert.labels.toRecord(),
    ...(acknowledgement === undefined ? {} : { acknowledgement: describeAcknowledgement(acknowledgement) }),
  };
}

const acknowledgementOf = (
  alert: Alert,
  { acknowledgements }: ApiFeatures,
  { withAcknowledgements }: Filter,
): Acknowledgement | undefined => (withAcknowledgements ? acknowledgements.of(alert) : undefined);

/**
 * Returns the alerts that pass the filter as JSON. Other requests are handled during the call, so the result may or may
 * not contain alerts that arrive during the call.
 */
async function listAlerts(context: ApiContext, features: ApiFeatures, filter: Filter): Promise<string> {
  const now = context.clock.now();
  const { dispatcher } = features.state();
  const slice = new TimeSlice(context.clock);
  const shown: string[] = [];
  for (const alert of [...features.alerts.all()].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))) {
    const pause = slice.yieldToEventLoop();
    if (pause !== undefined) await pause;
    const receivers = dispatcher.receiversOf(alert.labels);
    if (!receivers.some((name) => filter.acceptsReceiver(name))) continue;
    const suppression = suppressionOf(alert, context, features, []);
    if (!passes(alert, suppression, filter, now)) continue;
    shown.push(goJson(describe(alert, suppression, receivers, acknowledgementOf(alert, features, filter))));
  }
  return `[${shown.join(",")}]\n`;
}

/**
 * Returns the alert groups as JSON. Alertmanager encodes the alerts of a group with another JSON encoder than a list of
 * alerts, so other characters are escaped.
 */
async function listGroups(context: ApiContext, features: ApiFeatures, filter: Filter): Promise<string> {
  const now = context.clock.now();
  const { dispatcher } = features.state();
  const slice = new TimeSlice(context.clock);
  const groups = dispatcher
    .groups()
    .filter(({ route, mutedBy }) => filter.acceptsReceiver(route.receiver) && (filter.muted || mutedBy.length === 0))
    .toSorted((a, b) => compareLabelSets(a.labels, b.labels) || (a.route.receiver < b.route.receiver ? -1 : 1));
  const shown: string[] = [];
  for (const group of groups) {
    const alerts: string[] = [];
    for (const alert of [...group.alerts()].sort(compareAlerts)) {
      const pause = slice.yieldToEventLoop();
      if (pause !== undefined) await pause;
      const suppression = suppressionOf(alert, context, features, group.mutedBy);
      if (!passes(alert, suppression, filter, now)) continue;
      // Shows only the receivers that the request's receiver filter accepts.
      const receivers = dispatcher.receiversOf(alert.labels).filter((name) => filter.acceptsReceiver(name));
      const acknowledgement = acknowledgementOf(alert, features, filter);
      alerts.push(goJson(describe(alert, suppression, receivers.sort(), acknowledgement)));
    }
    if (alerts.length === 0) continue;
    const { receiver, labels: routeLabels } = group.route;
    const rest = {
      labels: group.labels.toRecord(),
      receiver: { name: receiver },
      routeLabels: Object.fromEntries(routeLabels),
    };
    shown.push(`{"alerts":[${alerts.join(",")}],${plainJson(rest).slice(1)}`);
  }
  return `[${shown.join(",")}]\n`;
}
