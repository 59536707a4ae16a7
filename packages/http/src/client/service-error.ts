interface ServiceErrorOptions {
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** Error for an answer of a service. */
export class ServiceError extends Error {
  override readonly name: string = "ServiceError";
  /** HTTP status of the answer, or 0 if the status is not the problem. */
  readonly status: number;
  /** Time in ms before which the service does not want another request, from its header `Retry-After`. */
  readonly retryAfterMs: number;

  constructor(message: string, { status = 0, retryAfterMs = 0, cause }: ServiceErrorOptions = {}) {
    super(message, { cause });
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}
