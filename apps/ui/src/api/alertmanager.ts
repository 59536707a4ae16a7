import { queryOptions } from "@tanstack/react-query";
import type { LabelSet } from "../format/series-name.ts";
import { fetchJson, send } from "./request.ts";
import type { Params } from "./request.ts";
import { apiPath } from "./root-path.ts";

/** An alert as the Alertmanager returns it. */
export interface ManagedAlert {
  readonly fingerprint: string;
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly updatedAt: string;
  readonly generatorURL?: string;
  readonly receivers: ReadonlyArray<{ readonly name: string }>;
  readonly status: {
    readonly state: "active" | "suppressed" | "unprocessed";
    readonly silencedBy: readonly string[];
    readonly inhibitedBy: readonly string[];
    readonly mutedBy?: readonly string[];
  };
  /** Missing if no one has acknowledged the alert. */
  readonly acknowledgement?: Acknowledgement;
}

/** A person's note that they are working on an alert. */
export interface Acknowledgement {
  readonly createdBy: string;
  readonly comment: string;
  readonly createdAt: string;
}

/** A group of alerts with equal grouping labels. `receiver` is missing if the browser grouped them. */
export interface AlertGroup {
  readonly labels: LabelSet;
  readonly routeLabels?: LabelSet;
  readonly receiver: { readonly name: string } | null;
  readonly alerts: readonly ManagedAlert[];
}

export interface Silence {
  readonly id: string;
  readonly status: { readonly state: "active" | "pending" | "expired" };
  readonly matchers: ReadonlyArray<{
    readonly name: string;
    readonly value: string;
    readonly isRegex: boolean;
    readonly isEqual?: boolean;
  }>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly updatedAt: string;
  readonly createdBy: string;
  readonly comment: string;
  readonly annotations?: LabelSet;
}

/** A silence in a request. If it has an id, it replaces the silence with that id. */
export type SilenceRequest = Omit<Silence, "id" | "status" | "updatedAt"> & { readonly id?: string };

/** One of the services that a receiver notifies. */
export interface Integration {
  /** Kind of the service: `email`, `slack` … */
  readonly name: string;
  readonly index: number;
  /** Mail address, channel or host; undefined if it is not known. */
  readonly target?: string;
}

/** A receiver, with its integrations if a route names it and the Alertmanager is one of Narthex. */
export interface Receiver {
  readonly name: string;
  readonly integrations?: readonly Integration[];
}

/** Outcome of the test of one integration. */
export interface TestResult {
  readonly integration: Integration;
  readonly outcome: string;
  readonly reason?: string;
}

/** One notification of a group to one integration, with each attempt. */
export interface NotificationRecord {
  readonly id: string;
  readonly at: string;
  readonly endedAt?: string;
  readonly outcome: "sent" | "failed" | "interrupted" | "sending";
  readonly error?: string;
  /** The reason for the notification: `first notification`, `new alerts added` … */
  readonly reason: string;
  readonly receiver: { readonly name: string };
  readonly integration: Integration;
  readonly groupKey: string;
  readonly groupLabels: LabelSet;
  readonly alertCount: number;
  readonly alerts: { readonly firing: readonly string[]; readonly resolved: readonly string[] };
  readonly attemptCount: number;
  readonly attempts: ReadonlyArray<{
    readonly at: string;
    readonly durationSeconds: number;
    readonly outcome: string;
    readonly reason?: string;
  }>;
  readonly nextAttemptAt?: string;
}

/** Explains for one alert whether a notification was sent, and why. */
export interface AlertReasons {
  readonly fingerprint: string;
  readonly sentences: readonly string[];
  /** For each route that does not match the alert, the reason why it does not match. */
  readonly refusals: readonly string[];
  readonly routes: ReadonlyArray<{
    readonly groupKey: string;
    readonly integrations: ReadonlyArray<{ readonly notifications: readonly NotificationRecord[] }>;
  }>;
}

export interface AlertmanagerStatus {
  readonly cluster: {
    readonly name?: string;
    readonly status: string;
    readonly peers?: ReadonlyArray<{ readonly name: string; readonly address: string }>;
  };
  readonly config: { readonly original: string };
  readonly uptime: string;
  readonly versionInfo: Readonly<Record<string, string>>;
  readonly webConfigProblem?: string;
  readonly clusterTlsProblem?: string;
}

/** Query parameters that add the acknowledgements to a list of alerts. The original Alertmanager ignores them. */
export const withAcknowledgements = { narthex_acknowledgements: "true" };

export interface AcknowledgementRequest {
  readonly createdBy: string;
  readonly comment: string;
}

/**
 * Returns functions that call the API of an Alertmanager.
 * @param path path of the Alertmanager on this host, without a trailing slash
 */
export function alertmanagerAt(path: string) {
  const root = `${path}/api/v2`;
  const get = <T>(of: string, signal?: AbortSignal, params: Params = {}): Promise<T> =>
    fetchJson<T>(`${root}/${of}`, { params, ...(signal === undefined ? {} : { signal }) });
  const acknowledgementUrl = (fingerprint: string): string => `${root}/narthex/alerts/${fingerprint}/acknowledgement`;
  return {
    alertGroups: (params: Params, signal: AbortSignal) =>
      get<AlertGroup[]>("alerts/groups", signal, { ...params, ...withAcknowledgements }),
    alerts: (params: Params, signal: AbortSignal) => get<ManagedAlert[]>("alerts", signal, params),
    /** Acknowledges an alert. Fails with status 409 if another person has acknowledged it. */
    acknowledge: (fingerprint: string, request: AcknowledgementRequest) =>
      fetchJson<Acknowledgement>(acknowledgementUrl(fingerprint), { method: "POST", json: request }),
    withdrawAcknowledgement: (fingerprint: string) => send(acknowledgementUrl(fingerprint), { method: "DELETE" }),
    receivers: (signal: AbortSignal) => get<Receiver[]>("receivers", signal, { narthex_integrations: "true" }),
    /** Sends a test notification through all integrations of a receiver. */
    testReceiver: (name: string) =>
      fetchJson<{ readonly results: readonly TestResult[] }>(
        `${root}/narthex/receivers/${encodeURIComponent(name)}/test`,
        { method: "POST", json: {} },
      ),
    silences: (filter: readonly string[], signal: AbortSignal) => get<Silence[]>("silences", signal, { filter }),
    silence: (id: string, signal?: AbortSignal) => get<Silence>(`silence/${encodeURIComponent(id)}`, signal),
    /** Creates or changes a silence. Returns its id, which may be new. */
    saveSilence: async (silence: SilenceRequest) =>
      (await fetchJson<{ silenceID: string }>(`${root}/silences`, { method: "POST", json: silence })).silenceID,
    expireSilence: (id: string) => send(`${root}/silence/${id}`, { method: "DELETE" }),
    why: (fingerprint: string, signal: AbortSignal) => get<AlertReasons>(`narthex/alerts/${fingerprint}/why`, signal),
    notifications: (params: Params, signal: AbortSignal) =>
      get<NotificationRecord[]>("narthex/notifications", signal, params),
    status: (signal: AbortSignal) => get<AlertmanagerStatus>("status", signal),
  };
}

export type AlertmanagerApi = ReturnType<typeof alertmanagerAt>;

/** Functions that call the API of the Alertmanager whose pages are shown. */
export const alertmanager = alertmanagerAt(apiPath);

export const receiversQuery = queryOptions({
  queryKey: ["receivers"],
  queryFn: ({ signal }) => alertmanager.receivers(signal),
});

/**
 * Reports whether alerts lead to no notification, because the receivers in the routes have no integrations. False if the
 * integrations are not known.
 */
export function notifiesNobody(receivers: readonly Receiver[]): boolean {
  const used = receivers.flatMap(({ integrations }) => integrations ?? []);
  return used.length === 0 && receivers.some(({ integrations }) => integrations !== undefined);
}

/** Query cache key of all lists of alerts. */
export const alertGroupsKey = ["alert-groups"] as const;

/** Query cache key of all requests for silences: lists and single silences. */
export const silencesKey = ["silences"] as const;
