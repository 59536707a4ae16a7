import type { Position, Printable, Report, Section } from "@narthex/config";
import type { Clock, Logger } from "@narthex/runtime";
import type { Delivery } from "@narthex/notification";
import type { Attempt } from "./attempt.ts";
import type { ReceiverGlobals } from "./global-section.ts";
import type { RateLimits } from "./http/rate-limits.ts";

/** Makes one attempt to send a notification. The caller handles retries, deduplication and metrics. */
export interface Sender {
  send(attempt: Attempt): Promise<Delivery>;
  close(): Promise<void>;
}

export interface SenderTools {
  readonly clock: Clock;
  /** Value of the User-Agent header: `Alertmanager/<version>`. */
  readonly userAgent: string;
  readonly hostname: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly rateLimits: RateLimits;
  /** Logger for errors of changed certificate files. */
  readonly logger?: Logger | undefined;
}

export interface IntegrationConfig {
  readonly sendResolved: boolean;
  /** Position of the integration in the file, for errors that are found when the values of `global` are filled in. */
  readonly place: Position;
}

/** A kind of receiver, such as email. registry.ts lists all kinds. */
export interface ReceiverKind<C extends IntegrationConfig> {
  /** Key for integrations of this kind in a receiver, such as `webhook_configs`. */
  readonly key: string;
  /** Name in metrics, logs and the notification log, such as `webhook`. */
  readonly kind: string;
  readonly section: Section<C>;
  /** Whether its messages show the context of a notification. Default: no. */
  readonly showsContext?: boolean;
  /** Returns whom an integration notifies, such as a mail address. Default: the host of the service. */
  target?(config: C): string;
  /**
   * Reports whether the template in a field is rendered as HTML. `section` is the printed configuration. Default: no
   * field is.
   */
  rendersHtml?(field: string, section: Printable): boolean;
  /** Returns the settings with missing values from `global`, or undefined after an error was reported. */
  resolve(config: C, globals: ReceiverGlobals, report: Report): C | undefined;
  open(config: C, tools: SenderTools): Promise<Sender>;
  /**
   * Checks the service without sending a notification. Present if a successful connection is not enough to know that
   * the service works.
   */
  readonly healthCheck?: ServiceHealthCheck<C>;
}

interface ServiceHealthCheck<C> {
  /**
   * Returns a key for the check. Configurations with equal keys share one check. Contains secrets, so never show it.
   */
  keyOf(config: C): string;
  /**
   * Connects to the service, and logs in only if the options say so. Rejects with HealthCheckError if the service would
   * accept no notification.
   */
  run(config: C, tools: SenderTools, options: HealthCheckOptions): Promise<HealthCheck>;
}

export interface HealthCheckOptions {
  readonly signal: AbortSignal;
  /** True to log in with the account of the configuration. */
  readonly signsIn: boolean;
}

/**
 * Result of a successful check of a service. `what` is a clause for a sentence, and `hint` names what may still fail.
 */
export interface HealthCheck {
  readonly what: string;
  /** A hint about what may still fail. Undefined if nothing is wrong. */
  readonly hint: string | undefined;
}

/**
 * Error of a check: the service would not accept a notification now. The message contains the reason, without secrets.
 */
export class HealthCheckError extends Error {
  override readonly name = "HealthCheckError";
}

/** Returns its argument. Lets TypeScript infer the type of the receiver's configuration. */
export const defineReceiver = <C extends IntegrationConfig>(kind: ReceiverKind<C>): ReceiverKind<C> => kind;
