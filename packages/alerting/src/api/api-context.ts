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

/** The parts of the API's data that change with each reload of the configuration. */
export interface ApiState {
  readonly dispatcher: Dispatcher;
  readonly inhibitor: Inhibitor;
  readonly route: Route;
  readonly intervals: ReadonlyMap<string, TimeInterval>;
  /** Integrations by receiver. */
  readonly integrations: ReadonlyMap<string, readonly Integration[]>;
  readonly resolveTimeoutMs: number;
  /** Receivers with their labels, in the order of the file. */
  readonly receivers: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[];
  /** The configuration as YAML, with defaults and without secrets. */
  readonly configYaml: string;
}

/** State of the cluster, as the API shows it. */
export interface ClusterStatus {
  /** Name of this instance, or undefined without a cluster. */
  readonly name?: string;
  /** All instances including this one, sorted by name. */
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
  /** Limits of request bodies. The default is 64 MiB for each body and 256 MiB for all together. */
  readonly bodyLimits?: BodyLimits;
}

/** The parts of an Alertmanager that the API shows and changes. */
export interface ApiFeatures {
  readonly alerts: AlertStore;
  /** Returns a promise that resolves when all alerts so far are on disk, or undefined if they already are. */
  readonly alertsWritten: () => Promise<void> | undefined;
  readonly alertHistory: AlertHistory;
  readonly silences: Silences;
  readonly recurringSilences: RecurringSilences;
  readonly log: NotificationLog;
  readonly notificationHistory: NotificationHistory;
  readonly state: () => ApiState;
  readonly cluster: () => ClusterStatus;
  /** Returns problems with files of the process, which the status shows as additional fields. */
  readonly problems?: () => Readonly<Record<string, string>>;
  /** Adds further routes under `/narthex/`. Their errors are answered like those of the API. */
  readonly extensions?: readonly ((app: FastifyInstance) => void)[];
}
