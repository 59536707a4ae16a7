/** HTTP status for each error type of the JSON API. */
export const ERROR_STATUS = {
  bad_data: 400,
  execution: 422,
  canceled: 499,
  timeout: 503,
  internal: 500,
  not_found: 404,
  not_acceptable: 406,
  unavailable: 500,
} as const;

export type ApiErrorType = keyof typeof ERROR_STATUS;

/**
 * Error for an invalid request, or for a failure whose cause the client may see. Handlers throw it, and the server
 * sends it as JSON.
 */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly type: ApiErrorType;

  constructor(type: ApiErrorType, message: string) {
    super(message);
    this.type = type;
  }
}

/** Returns the error for an invalid parameter with Prometheus' message. */
export const invalidParameter = (name: string, problem: string): ApiError =>
  new ApiError("bad_data", `invalid parameter "${name}": ${problem}`);
