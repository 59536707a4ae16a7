/** HTTP status of each kind of failure in the JSON envelope. */
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

/** An invalid request, or a failure that is reported to the client. Handlers throw it, and the envelope prints it. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly type: ApiErrorType;

  constructor(type: ApiErrorType, message: string) {
    super(message);
    this.type = type;
  }
}

/** Returns the error for an invalid parameter, in Prometheus' words. */
export const invalidParameter = (name: string, problem: string): ApiError =>
  new ApiError("bad_data", `invalid parameter "${name}": ${problem}`);
