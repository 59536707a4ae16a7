/**
 * The reason why a request to the stored rules fails.
 * - `bad` the request, or the group in it, is invalid
 * - `limit` the request exceeds a limit
 * - `missing` the group or the namespace does not exist
 * - `changed` another request has changed the group
 * - `protected` the namespace is a rule file of the configuration
 * - `disk` the change could not be stored; the old state stays
 */
type Reason = keyof typeof STATUS;

/** HTTP statuses of Mimir's answers, and 412 for a condition that Mimir does not know. */
const STATUS = { bad: 400, limit: 400, missing: 404, changed: 412, protected: 403, disk: 500 } as const;

/** A request to the stored rules fails. The message is for the client. */
export class RuleStoreError extends Error {
  override readonly name = "RuleStoreError";
  readonly reason: Reason;

  constructor(reason: Reason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }

  /** Status of the answer to the request. */
  get statusCode(): number {
    return STATUS[this.reason];
  }
}
