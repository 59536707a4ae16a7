import type { JsonObject } from "@narthex/dashboards";
import type { CountBytes } from "../cache/query-slots.ts";
import { answerEach } from "../answer-each.ts";
import {
  type Annotation,
  type DataQuery,
  type DataSource,
  type DataSourceSettings,
  type Health,
  type QueryAnswer,
  type RequestContext,
  type TimeRange,
  UNKNOWN_SENDER,
  type VariableValue,
} from "../data-source.ts";
import type { DataSourceEnvironment } from "../environment.ts";
import { asObject, flagAt, objectAt, textAt } from "../json-values.ts";
import { requestTimeoutMs } from "../outgoing/http-settings.ts";
import { SourceClient } from "../outgoing/source-client.ts";
import { QueryFailure } from "../query-failure.ts";
import { fillLegend } from "../prometheus/legend.ts";
import { alertFrame } from "./alert-frames.ts";
import { type AlertTarget, readAlertTarget, splitMatchers } from "./alert-target.ts";

const PATHS = {
  alerts: "/api/v2/alerts",
  groups: "/api/v2/alerts/groups",
  silences: "/api/v2/silences",
  receivers: "/api/v2/receivers",
  status: "/api/v2/status",
} as const;
const MAX_ANNOTATIONS = 5000;
const SHOWN_CHARS = 300;

let opened = 0;

/** A data source for an Alertmanager, which returns its alerts, groups and silences as tables. */
export class AlertmanagerSource implements DataSource {
  readonly #environment: DataSourceEnvironment;
  readonly #client: SourceClient;
  readonly #uid: string;
  readonly #prefix: string;
  readonly #timeoutMs: number;
  /** Prefix of the API's paths. Mimir and Cortex have the same API below another path. */
  readonly #root: string;

  /** Throws QueryFailure if the URL in the settings is invalid. */
  constructor(settings: DataSourceSettings, environment: DataSourceEnvironment) {
    this.#environment = environment;
    this.#uid = settings.uid;
    this.#prefix = `${settings.uid}\u0000alertmanager\u0000${++opened}\u0000`;
    this.#client = new SourceClient(settings, environment);
    this.#timeoutMs = requestTimeoutMs(settings, undefined, environment.timeoutMs);
    const implementation = textAt(settings.jsonData, "implementation");
    this.#root = implementation === "mimir" || implementation === "cortex" ? "/alertmanager" : "";
  }

  async query(
    queries: readonly DataQuery[],
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<ReadonlyMap<string, QueryAnswer>> {
    return answerEach(queries, signal, async ({ refId, source }) => {
      const target = readAlertTarget(source);
      return { frames: [alertFrame(refId, target.kind, await this.#request(target, user, signal))], status: 200 };
    });
  }

  async health(signal: AbortSignal): Promise<Health> {
    try {
      const status = asObject(await this.#get(PATHS.status, new URLSearchParams(), signal, undefined));
      if (status === undefined) throw new QueryFailure(502, "the data source does not answer as an Alertmanager does");
      return { status: "OK", message: "Health check passed." };
    } catch (error) {
      if (!(error instanceof QueryFailure)) throw error;
      return { status: "ERROR", message: error.message };
    }
  }

  /**
   * Returns the values of a variable with the query `label_values(label)` or `label_values(matchers, label)`, from the
   * labels of the alerts.
   */
  async variableValues(
    query: string | JsonObject,
    _range: TimeRange,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<readonly VariableValue[]> {
    const written = (typeof query === "string" ? query : textAt(query, "query")).trim();
    if (!written.startsWith("label_values(") || !written.endsWith(")"))
      throw new QueryFailure(400, "an Alertmanager answers label_values(label) and label_values(matchers, label)");
    const parts = splitMatchers(written.slice("label_values(".length, -1).replaceAll(/[{}]/g, ""));
    const label = parts.at(-1)!.trim();
    const target = {
      ...readAlertTarget({ silenced: true, inhibited: true }),
      filters: parts.slice(0, -1).map((part) => part.trim()),
    };
    const values = new Set<string>();
    for (const alert of await this.#alerts(target, user, signal)) {
      const value = textAt(objectAt(alert, "labels") ?? {}, label);
      if (value !== "") values.add(value);
    }
    return [...values].sort().map((value) => ({ text: value, value }));
  }

  /** Returns an annotation for each alert: a region from its start to its end, limited to the range. */
  async annotations(
    query: JsonObject,
    { from, to }: TimeRange,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<readonly Annotation[]> {
    const alerts = await this.#alerts(readAlertTarget(objectAt(query, "target") ?? query), user, signal);
    const titleFormat = textAt(query, "titleFormat") || "{{alertname}}";
    const textFormat = textAt(query, "textFormat");
    const isRegion = flagAt(query, "useRegions") !== false;
    const marks: Annotation[] = [];
    for (const alert of alerts) {
      const time = Date.parse(textAt(alert, "startsAt"));
      const end = Date.parse(textAt(alert, "endsAt"));
      if (Number.isNaN(time) || time > to || end < from) continue;
      const labels = textsOf(objectAt(alert, "labels"));
      const annotations = textsOf(objectAt(alert, "annotations"));
      const { summary = "", description = summary } = annotations;
      const text = textFormat === "" ? description : fillLegend(textFormat, { ...annotations, ...labels });
      const tags = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
      const timeEnd = isRegion && end > time ? { timeEnd: Math.min(end, to) } : {};
      marks.push({ time, ...timeEnd, title: fillLegend(titleFormat, labels), text, tags });
      if (marks.length === MAX_ANNOTATIONS) break;
    }
    return marks;
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #alerts(target: AlertTarget, user: string, signal: AbortSignal): Promise<readonly JsonObject[]> {
    const answer = await this.#request({ ...target, kind: "alerts" }, user, signal);
    return (Array.isArray(answer) ? answer : []).map(asObject).filter((alert) => alert !== undefined);
  }

  #request(target: AlertTarget, user: string, signal: AbortSignal): Promise<unknown> {
    const parameters = new URLSearchParams();
    if (target.kind === "alerts" || target.kind === "groups") {
      for (const name of ["active", "silenced", "inhibited"] as const) parameters.set(name, String(target[name]));
      // Sends the parameter `unprocessed` only to the endpoint for alerts, because other endpoints do not support it.
      if (target.kind === "alerts") parameters.set("unprocessed", String(target.unprocessed));
      if (target.receiver !== "") parameters.set("receiver", target.receiver);
    }
    if (target.kind !== "receivers" && target.kind !== "status")
      for (const filter of target.filters) parameters.append("filter", filter);
    const path = PATHS[target.kind];
    const { desk } = this.#environment;
    return desk.flights.join(`${this.#prefix}${path}?${String(parameters)}`, signal, (shared) =>
      desk.slots.run(user, this.#uid, shared, (count) => this.#get(path, parameters, shared, count)),
    );
  }

  async #get(
    path: string,
    parameters: URLSearchParams,
    signal: AbortSignal,
    account: CountBytes | undefined,
  ): Promise<unknown> {
    const timeoutMs = this.#timeoutMs;
    const request = { method: "GET", path: this.#root + path, parameters, timeoutMs, account } as const;
    const response = await this.#client.send(request, signal);
    try {
      const pieces: Uint8Array[] = [];
      for await (const piece of response.body) pieces.push(piece);
      return answerOf(response.status, response.statusText, Buffer.concat(pieces).toString());
    } finally {
      response.close();
    }
  }
}

/** Parses a response of Alertmanager's API. Throws QueryFailure for an error response, whose body is a JSON text. */
function answerOf(status: number, statusText: string, text: string): unknown {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = undefined;
  }
  if (status === 401 || status === 403) throw new QueryFailure(400, "Authentication to data source failed");
  if (status !== 200) {
    const said = typeof answer === "string" ? answer : text.startsWith("<") ? "" : text;
    const detail = said === "" ? "" : `: ${said.slice(0, SHOWN_CHARS)}`;
    throw new QueryFailure(status < 500 ? 400 : 502, `the data source answered ${status} ${statusText}${detail}`);
  }
  if (answer === undefined) throw new QueryFailure(502, "the data source does not answer as an Alertmanager does");
  return answer;
}

/** Returns the entries of a JSON object whose values are texts. Other entries are left out. */
function textsOf(map: JsonObject | undefined): Readonly<Record<string, string>> {
  const texts = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(map ?? {})) if (typeof value === "string") texts[name] = value;
  return texts;
}
