import type { BodyLimits } from "@narthex/http";
import type { FastifyInstance } from "fastify";
import type { Clock } from "@narthex/runtime";
import type { AlertHistory } from "../history/alert-history.ts";
import type { AlertStore } from "../alerts/alert-store.ts";
import type { AlertingMetrics } from "../dispatch/alerting-metrics.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import type { Inhibitor } from "../routing/inhibition.ts";
import type { Integration } from "@narthex/notification";
import type { MatcherMode } from "../matchers/matcher-syntax.ts";
import type { NotificationHistory } from "../history/notification-history.ts";
import type { NotificationLog } from "../dispatch/notification-log.ts";
import type { RecurringSilences } from "../silences/recurring-silences.ts";
import type { Route } from "../routing/route.ts";
import type { Silences } from "../silences/silences.ts";
import type { TimeInterval } from "../routing/time-interval.ts";

/** The part of the configuration in use; changes with each reload. */
export interface ApiState {
  readonly dispatcher: Dispatcher;
  readonly inhibitor: Inhibitor;
  readonly route: Route;
  readonly intervals: ReadonlyMap<string, TimeInterval>;
  /** Integrations by receiver. */
  readonly integrations: ReadonlyMap<string, readonly Integration[]>;
  readonly resolveTimeoutMs: number;
  /** Receivers in the file's order, with their labels. */
  readonly receivers: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[];
  /** The configuration as YAML, defaults filled in, secrets hidden. */
  readonly configYaml: string;
}

/** The cluster in the form of the API. */
export interface ClusterStatus {
  /** Name of this instance; undefined without a cluster. */
  readonly name?: string;
  /** This instance among them, by name. */
  readonly peers: readonly { readonly address: string; readonly name: string }[];
  readonly status: "disabled" | "ready" | "settling";
}

/** Objects that every route of the API uses. */
export interface ApiContext {
  readonly clock: Clock;
  readonly metrics: AlertingMetrics;
  readonly mode: MatcherMode;
  /** Unix ms of the start. */
  readonly startedAt: number;
  readonly versionInfo: Readonly<Record<string, string>>;
  /** Limits of request bodies; default 64 MiB each and 256 MiB together. */
  readonly bodyLimits?: BodyLimits;
}

/** The parts of an Alertmanager that the API shows and changes. */
export interface ApiFeatures {
  readonly alerts: AlertStore;
  /** Resolves when the alerts put so far are on disk; undefined if they are. */
  readonly alertsWritten: () => Promise<void> | undefined;
  readonly alertHistory: AlertHistory;
  readonly silences: Silences;
  readonly recurringSilences: RecurringSilences;
  readonly log: NotificationLog;
  readonly notificationHistory: NotificationHistory;
  readonly state: () => ApiState;
  readonly cluster: () => ClusterStatus;
  /** Problems with files of the process, as further fields of the status. */
  readonly problems?: () => Readonly<Record<string, string>>;
  /** Further routes under `/narthex/`; their errors are answered as the API's own. */
  readonly extensions?: readonly ((app: FastifyInstance) => void)[];
}
