import { trimTrailing } from "@narthex/model";
import type { Signer } from "../client/sigv4.ts";

/** The answer to a request, for any HTTP status. */
export interface AwsAnswer {
  readonly status: number;
  readonly text: string;
  /** Fields of the answer by lower-case name. Some services name the error in a field. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Function that sends an HTTP request and reads the whole answer, even if its status is an error. */
export type AwsTransport = (
  url: string,
  request: {
    readonly method: "GET" | "POST" | "PUT";
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly timeoutMs: number;
  },
) => Promise<AwsAnswer>;

/** A service of AWS in one region, for one account. */
export interface AwsService {
  /** Name for messages, such as `EC2`. */
  readonly name: string;
  readonly endpoint: string;
  readonly sign: Signer;
  readonly transport: AwsTransport;
  /** Waits before a retry. Rejects if the caller has stopped. */
  readonly pause: (ms: number) => Promise<void>;
  /** Time after which a request fails. Default: one minute. */
  readonly timeoutMs?: number;
}

/** Error that an AWS service has returned. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  /** Error code such as `UnauthorizedOperation`. */
  readonly code: string;
  /** Whether the service was overloaded, so that it would also have refused other calls. */
  readonly isBusy: boolean;

  constructor(code: string, message: string, isBusy = false) {
    super(message);
    this.code = code;
    this.isBusy = isBusy;
  }
}

/** The request of one call. */
export interface AwsRequest {
  readonly method: "GET" | "POST";
  /** Path behind the endpoint, whose parts are encoded, and the query. Default: none. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The content of an answer with an error. */
export interface Refusal {
  /** Error code, or undefined if the answer does not come from the service. */
  readonly code: string | undefined;
  readonly message: string;
  readonly requestId: string;
}

const TIMEOUT_MS = 60_000;

const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 1000;

/** Error codes after which a call is tried again: throttling and timeouts (the default of AWS' SDK for Go). */
const RETRIED: ReadonlySet<string> = new Set([
  "BandwidthLimitExceeded",
  "EC2ThrottledException",
  "LimitExceededException",
  "PriorRequestNotComplete",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "RequestTimeout",
  "RequestTimeoutException",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "TransactionInProgressException",
]);

/**
 * Calls an operation of an AWS service, in any of its protocols. A call is tried up to three times if the service is
 * busy or cannot be reached, as AWS' SDKs do. Rejects with AwsError if AWS refuses the call, otherwise with the error of
 * the transport or the signer.
 * @param readRefusal reads the answer with an error
 */
export async function callAws(
  service: AwsService,
  operation: string,
  request: AwsRequest,
  readRefusal: (answer: AwsAnswer) => Promise<Refusal> | Refusal,
): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const answer = await send(service, request, attempt === ATTEMPTS);
    if (answer !== undefined) {
      if (answer.status >= 200 && answer.status < 300) return answer.text;
      const refusal = await readRefusal(answer);
      const isBusy = answer.status >= 500 || answer.status === 429 || RETRIED.has(refusal.code ?? "");
      if (!isBusy || attempt === ATTEMPTS)
        throw errorOf(`operation error ${service.name}: ${operation}`, answer, refusal, isBusy);
    }
    await service.pause(FIRST_PAUSE_MS * 2 ** (attempt - 1));
  }
}

/** Sends a request. Returns undefined if the service cannot be reached, and rejects instead at the last attempt. */
async function send(service: AwsService, request: AwsRequest, isLast: boolean): Promise<AwsAnswer | undefined> {
  const { method, path = "", headers = {}, body } = request;
  const url = new URL(path === "" ? service.endpoint : trimTrailing(service.endpoint, "/") + path);
  const signed = await service.sign({ method, url, headers, body });
  const sent = { method, headers: signed, timeoutMs: service.timeoutMs ?? TIMEOUT_MS };
  try {
    return await service.transport(url.href, body === undefined ? sent : { ...sent, body });
  } catch (error) {
    if (isLast) throw error;
    return undefined;
  }
}

function errorOf(
  operation: string,
  { status }: AwsAnswer,
  { code, message, requestId }: Refusal,
  isBusy: boolean,
): Error {
  const where = `${operation}, https response error StatusCode: ${status}, RequestID: ${requestId}`;
  return code === undefined ? new Error(where) : new AwsError(code, `${where}, api error ${code}: ${message}`, isBusy);
}
