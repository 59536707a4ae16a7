/** The kind of account that sent a request, or the part of the server that changes records without a request. */
export type ActorKind = "user" | "service-account" | "certificate" | "anonymous" | "server" | "provisioning" | "import";

/** The account, or the part of the server, that caused an event. */
export interface Actor {
  readonly kind: ActorKind;
  /** Id of the account. */
  readonly id?: number;
  readonly login?: string;
  /** Id of the service account's token that was used in the request. */
  readonly tokenId?: number;
}

type AuditAction =
  | "created"
  | "changed"
  | "deleted"
  | "restored"
  | "signed-in"
  | "sign-in-failed"
  | "signed-out"
  | "session-ended"
  | "refused"
  | "reloaded"
  | "mail-sent"
  | "password-reset";

export type ShownValue =
  | string
  | number
  | boolean
  | null
  | readonly ShownValue[]
  | { readonly [key: string]: ShownValue };

/** Values of properties that may appear in the audit log, by property name. */
export type ShownProperties = Readonly<Record<string, ShownValue>>;

/** An action, and the stored object on which it was performed. */
export interface AuditedEvent {
  readonly action: AuditAction;
  /** Kind of the object, such as `dashboard`. */
  readonly kind: string;
  /** Uid or id of the object. */
  readonly uid?: string;
  readonly name?: string;
  /** Properties whose values differ before and after the change, and may appear in the audit log. */
  readonly before?: ShownProperties;
  readonly after?: ShownProperties;
  /** Names of properties that differ, but whose values must not appear in the audit log. */
  readonly changed?: readonly string[];
  /** The top-level properties that differ in a dashboard's JSON. */
  readonly paths?: readonly string[];
  /** Number of similar events since the last recorded one that were left out, because there were too many. */
  readonly omitted?: number;
}

/** One line of the audit log. */
export interface AuditRecord extends AuditedEvent {
  /** Key of the audit record in the store. Later records have higher ids. */
  readonly id: string;
  /** Unix ms. */
  readonly time: number;
  readonly actor: Actor;
  /** Network address of the client. Absent if there was no request. */
  readonly address?: string;
  readonly requestId?: string;
}
