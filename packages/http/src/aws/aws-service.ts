import { trimTrailing } from "@narthex/model";
import { shortened } from "@narthex/runtime";
import type { CloudAnswer, CloudTransport } from "../client/cloud-transport.ts";
import { retried } from "../client/retried.ts";
import { retryAfter } from "../client/retry-after.ts";
import { ServiceError } from "../client/service-error.ts";
import type { Signer } from "../client/sigv4.ts";

/** A service of AWS in one region, for one account. */
export interface AwsService {
  /** Name for messages, such as `EC2`. */
  readonly name: string;
  readonly endpoint: string;
  readonly sign: Signer;
  readonly transport: CloudTransport;
  /** Returns the wall clock time, ms since 1970. */
  readonly now: () => number;
  /** Waits before a retry. Rejects if the caller has stopped. */
  readonly pause: (ms: number) => Promise<void>;
  /** Time after which a request fails. Default: one minute. */
  readonly timeoutMs?: number;
}

/** Error that an AWS service has returned. */
export class AwsError extends ServiceError {
  override readonly name = "AwsError";
  /** Error code such as `UnauthorizedOperation`. */
  readonly code: string;
  /** Whether the service was overloaded, so that it would also have refused other calls. */
  readonly isBusy: boolean;

  constructor(code: string, message: string, options: ConstructorParameters<typeof ServiceError>[1] = {}) {
    super(message, options);
    this.code = code;
    this.isBusy = isBusyStatus(this.status) || BUSY_CODES.has(code);
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

/** As in AWS' own clients. */
const RETRYING = { attempts: 3, pauseMs: 1000, maxPauseMs: 20_000 };

/** Error codes after which a call is tried again: throttling and timeouts (the default of AWS' SDK for Go). */
const BUSY_CODES: ReadonlySet<string> = new Set([
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

const isBusyStatus = (status: number): boolean => status >= 500 || status === 429;

/** Returns whether a call can succeed later. All errors that do not come from the service are failures of a connection. */
const isTransient = (error: unknown): boolean =>
  error instanceof AwsError ? error.isBusy : !(error instanceof ServiceError) || isBusyStatus(error.status);

/**
 * Calls an operation of an AWS service, in any of its protocols. A call is tried up to three times if the service is
 * busy or cannot be reached, as AWS' SDKs do. Rejects with AwsError if AWS refuses the call, otherwise with the error of
 * the transport or the signer.
 * @param readRefusal reads the answer with an error
 */
export async function callAws(
  service: AwsService,
  operation: string,
  { method, path = "", headers = {}, body }: AwsRequest,
  readRefusal: (answer: CloudAnswer) => Promise<Refusal> | Refusal,
): Promise<string> {
  const url = new URL(path === "" ? service.endpoint : trimTrailing(service.endpoint, "/") + path);
  let signed: Readonly<Record<string, string>> | undefined;
  const retrying = { ...RETRYING, isTransient: (error: unknown) => signed !== undefined && isTransient(error) };
  return retried(service.pause, retrying, async () => {
    signed = undefined;
    signed = await service.sign({ method, url, headers, body });
    const sent = { method, headers: signed, timeoutMs: service.timeoutMs ?? TIMEOUT_MS };
    const answer = await service.transport(url.href, body === undefined ? sent : { ...sent, body });
    if (answer.status >= 200 && answer.status < 300) return answer.text;
    throw errorOf(`operation error ${service.name}: ${operation}`, answer, await readRefusal(answer), service.now());
  });
}

function errorOf(
  operation: string,
  { status, headers }: CloudAnswer,
  { code, message, requestId }: Refusal,
  now: number,
): ServiceError {
  const options = { status, retryAfterMs: retryAfter(headers["retry-after"], now) ?? 0 };
  const where = `${operation}, https response error StatusCode: ${status}, RequestID: ${requestId}`;
  return code === undefined
    ? new ServiceError(where, options)
    : new AwsError(code, `${where}, api error ${code}: ${shortened(message)}`, options);
}
