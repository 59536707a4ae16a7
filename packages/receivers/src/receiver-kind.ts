import type { Position, Printable, Report, Section } from "@narthex/config";
import type { Clock, Logger } from "@narthex/runtime";
import type { Delivery } from "@narthex/notification";
import type { Attempt } from "./attempt.ts";
import type { ReceiverGlobals } from "./global-section.ts";
import type { RateLimits } from "./http/rate-limits.ts";

/** Sends one notification once; retries, deduplication and metrics belong to the pipeline around it. */
export interface Sender {
  send(attempt: Attempt): Promise<Delivery>;
  close(): Promise<void>;
}

/** What a kind of receiver gets to work with. */
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

/** Settings every kind has. */
export interface IntegrationConfig {
  readonly sendResolved: boolean;
  /** Where the section stands, for checks against `global`. */
  readonly place: Position;
}

/** A kind of receiver, which is one line of the list in registry.ts. */
export interface ReceiverKind<C extends IntegrationConfig> {
  /** Key in a receiver: `webhook_configs`. */
  readonly key: string;
  /** Name in metrics, logs and the notification log: `webhook`. */
  readonly kind: string;
  readonly section: Section<C>;
  /** Is this field of the section, as it is printed, rendered as HTML? Default: none is. */
  rendersHtml?(field: string, section: Printable): boolean;
  /** Fills in what `global` says; undefined after a report. */
  resolve(config: C, globals: ReceiverGlobals, report: Report): C | undefined;
  open(config: C, tools: SenderTools): Promise<Sender>;
  /** For services that take more than a connection. */
  readonly visit?: ServiceVisit<C>;
}

/** How a service is looked at without telling it anything. */
export interface ServiceVisit<C> {
  /** Equal where the same service is visited in the same way; holds secrets, and is for comparing alone. */
  keyOf(config: C): string;
  /** Talks to the service; signs in only if it is told so. Rejects with VisitError if it would take no notification. */
  run(config: C, tools: SenderTools, options: VisitOptions): Promise<Visit>;
}

export interface VisitOptions {
  readonly signal: AbortSignal;
  /** Is the account of the configuration signed in with? */
  readonly signsIn: boolean;
}

/** What a visit has found: a clause, and what mends it where notifications may still fail. */
export interface Visit {
  readonly what: string;
  /** undefined: all is well. */
  readonly hint: string | undefined;
}

/** A service that would take no notification now; the message says why, without secrets. */
export class VisitError extends Error {
  override readonly name = "VisitError";
}

/** Keeps the config's type while the kind is written. */
export const defineReceiver = <C extends IntegrationConfig>(kind: ReceiverKind<C>): ReceiverKind<C> => kind;
