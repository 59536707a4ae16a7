/** The kind of a sender, or the part of the server that changes records without a request. */
export type ActorKind = "user" | "service-account" | "certificate" | "anonymous" | "server" | "provisioning" | "import";

/** The account or the part of the server that did something. */
export interface Actor {
  readonly kind: ActorKind;
  /** Id of the account. */
  readonly id?: number;
  readonly login?: string;
  /** Id of the service account's token in the request. */
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

/** The properties of a record that may be shown, by name. */
export type ShownProperties = Readonly<Record<string, ShownValue>>;

/** An action and the stored object that it concerns. */
export interface AuditedEvent {
  readonly action: AuditAction;
  /** Kind of the record: `dashboard`. */
  readonly kind: string;
  /** Uid or id of the object. */
  readonly uid?: string;
  readonly name?: string;
  /** Shown properties that differ, before and after the change. */
  readonly before?: ShownProperties;
  readonly after?: ShownProperties;
  /** Names of the properties that differ, but whose values are not shown. */
  readonly changed?: readonly string[];
  /** The top-level properties that differ in a dashboard's JSON. */
  readonly paths?: readonly string[];
  /** Number of similar events since the last one that were not recorded, because there were too many. */
  readonly omitted?: number;
}

/** One line of the audit log. */
export interface AuditRecord extends AuditedEvent {
  /** Key in the store. Later records have higher ids. */
  readonly id: string;
  /** Unix ms. */
  readonly time: number;
  readonly actor: Actor;
  /** Address of the client. Absent without a request. */
  readonly address?: string;
  readonly requestId?: string;
}
