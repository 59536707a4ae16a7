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
  /** Value of the User-Agent header: `Alertmanager/<version>`. */
  readonly userAgent: string;
  readonly hostname: string;
  /** Environment variables of the process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly rateLimits: RateLimits;
  /** Log for changed certificates that cannot be used. */
  readonly logger?: Logger | undefined;
}

/** Settings of every kind. */
export interface IntegrationConfig {
  readonly sendResolved: boolean;
  /** Position of the section in the file, for errors that are found later with the values of `global`. */
  readonly place: Position;
}

/** A kind of receiver, which is one line of the list in registry.ts. */
export interface ReceiverKind<C extends IntegrationConfig> {
  /** Key in a receiver, such as `webhook_configs`. */
  readonly key: string;
  /** Name in metrics, logs and the notification log, such as `webhook`. */
  readonly kind: string;
  readonly section: Section<C>;
  /** Reports whether this field of the printed section is rendered as HTML. Default: no field is. */
  rendersHtml?(field: string, section: Printable): boolean;
  /** Returns the settings with missing values from `global`, or undefined after an error was reported. */
  resolve(config: C, globals: ReceiverGlobals, report: Report): C | undefined;
  open(config: C, tools: SenderTools): Promise<Sender>;
  /** Check of the service, for services for which a successful connection is not enough to know that they work. */
  readonly healthCheck?: ServiceHealthCheck<C>;
}

/** Checks a service without sending a notification. */
interface ServiceHealthCheck<C> {
  /**
   * Returns a key that is equal for configurations with which the same service is checked in the same way. It contains
   * secrets, so use it only for comparison.
   */
  keyOf(config: C): string;
  /**
   * Connects to the service, and logs in only if the options require it. Rejects with HealthCheckError if the service
   * would accept no notification.
   */
  run(config: C, tools: SenderTools, options: HealthCheckOptions): Promise<HealthCheck>;
}

export interface HealthCheckOptions {
  readonly signal: AbortSignal;
  /** True to log in with the account of the configuration. */
  readonly signsIn: boolean;
}

/** Result of a check: a clause for a sentence, and a hint if notifications may still fail. */
export interface HealthCheck {
  readonly what: string;
  /** A hint what may fail. Undefined if nothing is wrong. */
  readonly hint: string | undefined;
}

/** The service would accept no notification now. The message contains the reason, without secrets. */
export class HealthCheckError extends Error {
  override readonly name = "HealthCheckError";
}

/** Returns the definition of a kind unchanged, but with the type of its configuration. */
export const defineReceiver = <C extends IntegrationConfig>(kind: ReceiverKind<C>): ReceiverKind<C> => kind;
