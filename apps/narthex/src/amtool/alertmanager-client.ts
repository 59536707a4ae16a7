import { decodeYaml, defaultHttpClient, diskFiles, type HttpClientConfig, httpClientSection } from "@narthex/config";
import { createHttpClient, describeFailure, type HttpClient, splitUserInfo } from "@narthex/http";
import { trimTrailing } from "@narthex/model";
import { buildInfo } from "@narthex/runtime";
import { CommandError, FatalCommandError } from "../command-line/command.ts";
import { summaryOf } from "./config-summary.ts";
import type {
  ApiAcknowledgement,
  ApiAlert,
  ApiExplanation,
  ApiNotification,
  ApiPreview,
  ApiOccurrence,
  ApiRecurringSilence,
  ApiSilence,
  ApiStatus,
  ApiTestResult,
  NewAcknowledgement,
  NewAlert,
  NewRecurringSilence,
  NewSilence,
} from "./api-shapes.ts";

/** An operation of the API: its request, its name in errors, and the names of its responses in the API description. */
interface Operation {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly name: string;
  readonly statuses: Readonly<Record<number, string>>;
}

const BAD = { 400: "BadRequest", 500: "InternalServerError" };
const MISSING = { 404: "NotFound", 500: "InternalServerError" };

const OPERATIONS = {
  status: { method: "GET", path: "/status", name: "getStatus", statuses: {} },
  alerts: { method: "GET", path: "/alerts", name: "getAlerts", statuses: BAD },
  postAlerts: { method: "POST", path: "/alerts", name: "postAlerts", statuses: BAD },
  silences: { method: "GET", path: "/silences", name: "getSilences", statuses: BAD },
  postSilence: {
    method: "POST",
    path: "/silences",
    name: "postSilences",
    statuses: { 400: "BadRequest", 404: "NotFound" },
  },
  silence: { method: "GET", path: "/silence/{silenceID}", name: "getSilence", statuses: MISSING },
  deleteSilence: { method: "DELETE", path: "/silence/{silenceID}", name: "deleteSilence", statuses: MISSING },
  why: { method: "GET", path: "/narthex/alerts/why", name: "getWhy", statuses: BAD },
  whyLabels: { method: "POST", path: "/narthex/alerts/why", name: "postWhy", statuses: BAD },
  acknowledgements: {
    method: "GET",
    path: "/narthex/acknowledgements",
    name: "getAcknowledgements",
    statuses: BAD,
  },
  acknowledge: {
    method: "POST",
    path: "/narthex/alerts/{fingerprint}/acknowledgement",
    name: "postAcknowledgement",
    statuses: { ...BAD, 404: "NotFound", 409: "Conflict" },
  },
  withdraw: {
    method: "DELETE",
    path: "/narthex/alerts/{fingerprint}/acknowledgement",
    name: "deleteAcknowledgement",
    statuses: MISSING,
  },
  recurring: { method: "GET", path: "/narthex/recurring-silences", name: "getRecurringSilences", statuses: BAD },
  postRecurring: { method: "POST", path: "/narthex/recurring-silences", name: "postRecurringSilence", statuses: BAD },
  previewRecurring: {
    method: "POST",
    path: "/narthex/recurring-silences/preview",
    name: "previewRecurringSilence",
    statuses: BAD,
  },
  deleteRecurring: {
    method: "DELETE",
    path: "/narthex/recurring-silences/{silenceID}",
    name: "deleteRecurringSilence",
    statuses: MISSING,
  },
  notifications: { method: "GET", path: "/narthex/notifications", name: "getNotifications", statuses: BAD },
  testReceiver: {
    method: "POST",
    path: "/narthex/receivers/{receiver}/test",
    name: "testReceiver",
    statuses: { 400: "BadRequest", 404: "NotFound", 429: "TooManyRequests" },
  },
  previewTemplate: {
    method: "POST",
    path: "/narthex/templates/render",
    name: "renderTemplate",
    statuses: { 400: "BadRequest", 404: "NotFound" },
  },
} as const satisfies Record<string, Operation>;

/** Error for a response whose status is not 200. The message has the same form as in the original amtool. */
export class AnswerError extends CommandError {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

interface Destination {
  /** URL of the API, without user and password. */
  readonly base: string;
  /** Value of the Authorization header; empty if the address contains no user. */
  readonly authorization: string;
  readonly timeoutMs: number;
}

/** Client of an Alertmanager's API, version 2. Every failure is a CommandError. */
export class AlertmanagerClient {
  readonly #to: Destination;
  readonly #http: HttpClient;

  private constructor(to: Destination, http: HttpClient) {
    this.#to = to;
    this.#http = http;
  }

  static async connect(
    address: string,
    options: { readonly httpConfigFile: string; readonly timeoutMs: number },
  ): Promise<AlertmanagerClient> {
    const url = parseAddress(address);
    const { authorization } = splitUserInfo(url.href);
    const config = await clientConfig(options.httpConfigFile, authorization !== "");
    const base = `${url.protocol}//${url.host}${trimTrailing(url.pathname, "/")}/api/v2`;
    try {
      return new AlertmanagerClient(
        { base, authorization, timeoutMs: options.timeoutMs },
        await createHttpClient(config),
      );
    } catch (error) {
      // Creating the HTTP client fails, for example, if a TLS certificate cannot be read.
      throw new CommandError((error as Error).message, { cause: error });
    }
  }

  status(): Promise<ApiStatus> {
    return this.#call(OPERATIONS.status);
  }

  alerts(query: URLSearchParams): Promise<readonly ApiAlert[]> {
    return this.#call(OPERATIONS.alerts, { query });
  }

  async postAlerts(alerts: readonly NewAlert[]): Promise<void> {
    await this.#call(OPERATIONS.postAlerts, { body: alerts });
  }

  silences(query: URLSearchParams): Promise<readonly ApiSilence[]> {
    return this.#call(OPERATIONS.silences, { query });
  }

  silence(id: string): Promise<ApiSilence> {
    return this.#call(OPERATIONS.silence, { id });
  }

  /** Creates a silence, or replaces it if it has an id. Resolves with its id. */
  async postSilence(silence: NewSilence): Promise<string> {
    return (await this.#call<{ silenceID: string }>(OPERATIONS.postSilence, { body: silence })).silenceID;
  }

  async deleteSilence(id: string): Promise<void> {
    await this.#call(OPERATIONS.deleteSilence, { id });
  }

  /** Returns, for each matching alert, whether a notification was sent and why. Only Narthex has this API. */
  why(query: URLSearchParams): Promise<readonly ApiExplanation[]> {
    return this.#call(OPERATIONS.why, { query });
  }

  /** Returns what would happen to an alert with these labels. Only Narthex has this API. */
  whyLabels(labels: Readonly<Record<string, string>>): Promise<ApiExplanation> {
    return this.#call(OPERATIONS.whyLabels, { body: { labels } });
  }

  /** Returns the acknowledgements that are in force. Only Narthex has this API and the APIs of the next two methods. */
  acknowledgements(query: URLSearchParams): Promise<readonly ApiAcknowledgement[]> {
    return this.#call(OPERATIONS.acknowledgements, { query });
  }

  acknowledge(fingerprint: string, body: NewAcknowledgement): Promise<ApiAcknowledgement> {
    return this.#call(OPERATIONS.acknowledge, { id: fingerprint, body });
  }

  async withdrawAcknowledgement(fingerprint: string): Promise<void> {
    await this.#call(OPERATIONS.withdraw, { id: fingerprint });
  }

  /** Returns the history of notifications, the newest first. Only Narthex has this API. */
  notifications(query: URLSearchParams): Promise<readonly ApiNotification[]> {
    return this.#call(OPERATIONS.notifications, { query });
  }

  /** Sends a test notification through a receiver. Only Narthex has this API. */
  testReceiver(receiver: string, body: object): Promise<{ readonly results: readonly ApiTestResult[] }> {
    return this.#call(OPERATIONS.testReceiver, { id: receiver, body });
  }

  /** Renders a template on the server. Only Narthex has this API. */
  previewTemplate(body: object): Promise<ApiPreview> {
    return this.#call(OPERATIONS.previewTemplate, { body });
  }

  /**
   * Returns the rules of recurring silences, each with the times at which it is active next. Only Narthex has this API
   * and the APIs of the next three methods.
   */
  recurringSilences(query: URLSearchParams): Promise<readonly ApiRecurringSilence[]> {
    return this.#call(OPERATIONS.recurring, { query });
  }

  postRecurringSilence(rule: NewRecurringSilence): Promise<ApiRecurringSilence> {
    return this.#call(OPERATIONS.postRecurring, { body: rule });
  }

  /** Returns the next times at which time intervals are active. */
  previewRecurring(timeIntervals: readonly unknown[]): Promise<readonly ApiOccurrence[]> {
    return this.#call(OPERATIONS.previewRecurring, { body: { timeIntervals } });
  }

  async deleteRecurringSilence(id: string): Promise<void> {
    await this.#call(OPERATIONS.deleteRecurring, { id });
  }

  /**
   * Returns a warning if the Alertmanager's minor version differs from ours. Returns undefined if the Alertmanager does
   * not respond, because the command itself reports this.
   */
  async versionWarning(): Promise<string | undefined> {
    const own = buildInfo("amtool").version;
    try {
      const { version } = (await this.status()).versionInfo;
      if (minorOf(version) === minorOf(own)) return undefined;
      return `Warning: amtool version (${own}) and alertmanager version (${version}) are different.`;
    } catch (error) {
      if (error instanceof CommandError) return undefined;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  async #call<T>(operation: Operation, { query, id, body }: CallDetails = {}): Promise<T> {
    const { method, path } = operation;
    const { base, authorization, timeoutMs } = this.#to;
    const search = query === undefined || query.size === 0 ? "" : `?${query.toString()}`;
    const url =
      base + path.replace(/\{(?:silenceID|receiver|fingerprint)\}/, () => encodeURIComponent(id ?? "")) + search;
    try {
      const response = await this.#http.request(url, {
        method,
        headers: {
          accept: "application/json",
          ...(authorization === "" ? {} : { authorization }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
      });
      const text = await response.body.text();
      if (response.statusCode !== 200) throw answerError(operation, response.statusCode, text);
      return (text === "" ? undefined : JSON.parse(text)) as T;
    } catch (error) {
      if (error instanceof CommandError) throw error;
      throw new CommandError(describeFailure(method, url, error), { cause: error });
    }
  }
}

interface CallDetails {
  readonly query?: URLSearchParams;
  readonly id?: string;
  readonly body?: unknown;
}

const minorOf = (version: string): string => version.split(".").slice(0, 2).join(".");

/** Parses the URL of an Alertmanager. The default scheme is http. */
function parseAddress(address: string): URL {
  const text = address.includes("://") ? address : `http://${address.replace(/^\/\//, "")}`;
  const full = text.replace(/^(\w+:\/\/)(?=\/|$)/, "$1localhost:9093");
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new CommandError(`--alertmanager.url ${JSON.stringify(address)} is no URL; write http://host:port`);
  }
  return url;
}

async function clientConfig(file: string, isUserNamed: boolean): Promise<HttpClientConfig> {
  if (file === "") return defaultHttpClient;
  if (isUserNamed) throw new FatalCommandError("basic authentication and http.config.file are mutually exclusive");
  if (!(await diskFiles.exists(file))) throw new CommandError(`path '${file}' does not exist`);
  const decoded = decodeYaml(await diskFiles.read(file), file, httpClientSection({ enableHttp2: true }));
  if (decoded.ok) return decoded.value;
  throw new FatalCommandError(`failed to load HTTP config file: ${summaryOf(decoded.problems)}`);
}

/** Returns the error for an unexpected status, in the form `[POST /alerts][400] postAlertsBadRequest "why"`. */
function answerError({ method, path, name, statuses }: Operation, status: number, text: string): AnswerError {
  const known = statuses[status];
  if (known === undefined) return new AnswerError(`[${method} ${path}] ${name} (status ${status}): {}`, status);
  const reason = text.trim() === "" ? "" : ` ${text.trim()}`;
  return new AnswerError(`[${method} ${path}][${status}] ${name}${known}${reason}`, status);
}
