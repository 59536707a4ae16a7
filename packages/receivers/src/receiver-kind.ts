import type { Position, Printable, Report, Section } from "@narthex/config";
import type { Clock, Logger } from "@narthex/runtime";
import type { Delivery } from "@narthex/notification";
import type { Attempt } from "./attempt.ts";
import type { ReceiverGlobals } from "./global-section.ts";
import type { RateLimits } from "./http/rate-limits.ts";

/** Sends one notification once. The pipeline handles retries, deduplication and metrics. */
export interface Sender {
  send(attempt: Attempt): Promise<Delivery>;
  close(): Promise<void>;
}

/** Objects that a kind of receiver gets. */
export interface SenderTools {
  readonly clock: Clock;
  /** `Alertmanager/<version>`. */
  readonly userAgent: string;
  readonly hostname: string;
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly rateLimits: RateLimits;
  /** Reports changed certificates that cannot be used. */
  readonly logger?: Logger | undefined;
}

/** Settings of every kind. */
export interface IntegrationConfig {
  readonly sendResolved: boolean;
  /** Position of the section, for checks with `global`. */
  readonly place: Position;
}

/** A kind of receiver, which is one line of the list in registry.ts. */
export interface ReceiverKind<C extends IntegrationConfig> {
  /** Key in a receiver, such as `webhook_configs`. */
  readonly key: string;
  /** Name in metrics, logs and the notification log, such as `webhook`. */
  readonly kind: string;
  readonly section: Section<C>;
  /** Reports whether this field of the printed section is rendered as HTML. Default: never. */
  rendersHtml?(field: string, section: Printable): boolean;
  /** Fills in values of `global`. Returns undefined after a report. */
  resolve(config: C, globals: ReceiverGlobals, report: Report): C | undefined;
  open(config: C, tools: SenderTools): Promise<Sender>;
  /** For services for which a successful connection is not enough to know that they work. */
  readonly healthCheck?: ServiceHealthCheck<C>;
}

/** Checks a service without sending a notification. */
interface ServiceHealthCheck<C> {
  /**
   * Returns equal texts if the same service is checked in the same way. Contains secrets, and is only for comparison.
   */
  keyOf(config: C): string;
  /**
   * Connects to the service, and logs in only if asked to. Rejects with HealthCheckError if it would accept no notification.
   */
  run(config: C, tools: SenderTools, options: HealthCheckOptions): Promise<HealthCheck>;
}

export interface HealthCheckOptions {
  readonly signal: AbortSignal;
  /** True to log in with the account of the configuration. */
  readonly signsIn: boolean;
}

/** Result of a check: a clause, and a hint if notifications may still fail. */
export interface HealthCheck {
  readonly what: string;
  /** Undefined if nothing is wrong. */
  readonly hint: string | undefined;
}

/** The service would accept no notification now; the message contains the reason without secrets. */
export class HealthCheckError extends Error {
  override readonly name = "HealthCheckError";
}

/** Keeps the type of the configuration in the definition of a kind. */
export const defineReceiver = <C extends IntegrationConfig>(kind: ReceiverKind<C>): ReceiverKind<C> => kind;
