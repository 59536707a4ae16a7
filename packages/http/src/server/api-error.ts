/** Kinds of failure in the JSON envelope and the HTTP status each is sent with. */
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

/** A request's own mistake or a failure the client is told about. Thrown by handlers, printed by the envelope. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly type: ApiErrorType;

  constructor(type: ApiErrorType, message: string) {
    super(message);
    this.type = type;
  }
}

/** The refusal of one parameter, in Prometheus' words. */
export const invalidParameter = (name: string, problem: string): ApiError =>
  new ApiError("bad_data", `invalid parameter "${name}": ${problem}`);
