import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import type { Principal } from "@narthex/http";
import { openSqlite } from "@narthex/store";
import fastify from "fastify";
import type { ApiContext, ApiFeatures } from "../api/api-context.ts";
import { apiV2 } from "../api/api.ts";
import { AlertHistory } from "../history/alert-history.ts";
import { NotificationHistory } from "../history/notification-history.ts";
import { NO_OBSERVER } from "../dispatch/notification-observer.ts";
import { RecurringSilences } from "../silences/recurring-silences.ts";
import { rig, type RigOptions, START, stateOf } from "./rig.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** The parsed body of the response, or undefined if it is empty. */
  readonly json: unknown;
}

export interface ApiRigOptions extends RigOptions {
  readonly context?: Partial<ApiContext>;
  readonly features?: Partial<ApiFeatures>;
  /** The signed-in sender of all requests. By default, the requests have no signed-in sender. */
  readonly principal?: Principal;
}

/** Returns the API of a test Alertmanager from rig(), with histories and recurring silences. */
export async function apiRig(options: ApiRigOptions = {}) {
  const [clock, store, logger] = [new ManualClock(START), openSqlite(":memory:"), memoryLogger()];
  const historyOptions = { clock, logger, retentionMs: 86_400_000 };
  const alertHistory = await AlertHistory.load({ ...historyOptions, collection: store.collection("events") });
  const notificationHistory = await NotificationHistory.load({
    ...historyOptions,
    collection: store.collection("told"),
  });
  const observer = {
    ...NO_OBSERVER,
    suppressed: alertHistory.suppressed.bind(alertHistory),
    passes: alertHistory.passes.bind(alertHistory),
    notifying: notificationHistory.notifying.bind(notificationHistory),
  };
  const r = await rig({ clock, store, observer, ...options });
  r.alerts.subscribe((alert) => {
    if (alertHistory.of(alert.fingerprint).length === 0) alertHistory.changed(alert, "fired");
  });
  const { silences } = r;
  const rules = { clock, logger, silences, collection: store.collection("rules") };
  const recurringSilences = await RecurringSilences.start(rules);
  const context: ApiContext = {
    clock,
    metrics: r.metrics,
    mode: "fallback",
    startedAt: START,
    versionInfo: { version: "1" },
    ...options.context,
  };
  const features: ApiFeatures = {
    alerts: r.alerts,
    alertsWritten: () => undefined,
    alertHistory,
    silences,
    recurringSilences,
    acknowledgements: r.acknowledgements,
    log: r.log,
    notificationHistory,
    state: () => ({
      ...stateOf(r, options),
      resolveTimeoutMs: 300_000,
      receivers: [
        { name: "all", labels: { team: "a" } },
        { name: "other", labels: {} },
      ],
      configYaml: "route: <here> & there\n",
    }),
    cluster: () => ({ status: "disabled", peers: [] }),
    ...options.features,
  };
  const app = fastify({ exposeHeadRoutes: false });
  const sender: { principal: Principal } = {
    principal: options.principal ?? { kind: "anonymous", name: "" },
  };
  app.decorateRequest("principal");
  app.addHook("onRequest", async (request) => void (request.principal = sender.principal));
  await app.register(apiV2(context, features), { prefix: "/api/v2" });
  const call = async (
    method: "DELETE" | "GET" | "OPTIONS" | "POST" | "PUT",
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> => {
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const answer = await app.inject({
      method,
      url: `/api/v2${path}`,
      headers: { ...type, ...headers },
      ...(body === undefined ? {} : { payload: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const { statusCode: status, body: text } = answer;
    return { status, headers: answer.headers, text, json: text === "" ? undefined : (JSON.parse(text) as unknown) };
  };
  /** Sends a GET request. Returns the status and the parsed body. */
  const get = async (path: string): Promise<readonly [number, unknown]> => {
    const { status, json } = await call("GET", path);
    return [status, json];
  };
  const post = async (path: string, body: unknown): Promise<readonly [number, unknown]> => {
    const { status, json } = await call("POST", path, body);
    return [status, json];
  };
  return { ...r, sender, alertHistory, notificationHistory, recurringSilences, app, call, get, post };
}
