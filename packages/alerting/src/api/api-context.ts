import type { BodyLimits } from "@narthex/http";
import type { FastifyInstance } from "fastify";
import type { Clock } from "@narthex/runtime";
import type { Acknowledgements } from "../acknowledgements/acknowledgements.ts";
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

/** The data of the API that a reload of the configuration replaces. */
export interface ApiState {
  readonly dispatcher: Dispatcher;
  readonly inhibitor: Inhibitor;
  readonly route: Route;
  readonly intervals: ReadonlyMap<string, TimeInterval>;
  /** Integrations by receiver. */
  readonly integrations: ReadonlyMap<string, readonly Integration[]>;
  readonly resolveTimeoutMs: number;
  /** Receivers with their labels, in the order of the configuration file. */
  readonly receivers: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[];
  /** The configuration as YAML, with defaults and without secrets. */
  readonly configYaml: string;
}

/** State of the Alertmanager cluster, as the API shows it. */
export interface ClusterStatus {
  /** Name of this instance in the cluster, or undefined without a cluster. */
  readonly name?: string;
  /** All instances of the cluster, including this one, sorted by name. */
  readonly peers: readonly { readonly address: string; readonly name: string }[];
  readonly status: "disabled" | "ready" | "settling";
}

/** Objects that every route of the API uses. */
export interface ApiContext {
  readonly clock: Clock;
  readonly metrics: AlertingMetrics;
  readonly mode: MatcherMode;
  /** Time when the process started, Unix ms. */
  readonly startedAt: number;
  readonly versionInfo: Readonly<Record<string, string>>;
  /**
   * Limits on the size of request bodies. The default is 64 MiB for one body and 256 MiB for all bodies that are in
   * memory.
   */
  readonly bodyLimits?: BodyLimits;
}

/** The parts of an Alertmanager that the API shows and changes. */
export interface ApiFeatures {
  readonly alerts: AlertStore;
  /**
   * Returns a promise that resolves when all alerts that were received so far are on disk, or undefined if they already
   * are.
   */
  readonly alertsWritten: () => Promise<void> | undefined;
  readonly alertHistory: AlertHistory;
  readonly silences: Silences;
  readonly recurringSilences: RecurringSilences;
  readonly acknowledgements: Acknowledgements;
  readonly log: NotificationLog;
  readonly notificationHistory: NotificationHistory;
  readonly state: () => ApiState;
  readonly cluster: () => ClusterStatus;
  /** Returns problems with files of the process by name. The status endpoint shows them as additional fields. */
  readonly problems?: () => Readonly<Record<string, string>>;
  /**
   * Functions that add routes under `/narthex/` to the API. Errors of such routes have the same form as other errors of
   * the API.
   */
  readonly extensions?: readonly ((app: FastifyInstance) => void)[];
}
