import type { Signer } from "../client/sigv4.ts";
import { XmlElement } from "../xml/xml-element.ts";

/** Function that sends an HTTP request and reads the whole answer, even if its status is an error. */
export type AwsTransport = (
  url: string,
  request: {
    readonly method: "GET" | "POST" | "PUT";
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly timeoutMs: number;
  },
) => Promise<{ readonly status: number; readonly text: string }>;

/** A service of AWS that uses the Query protocol: requests are forms, answers are XML. */
export interface QueryApi {
  /** Name for messages, such as `EC2`. */
  readonly name: string;
  readonly endpoint: string;
  /** Version of the API, a date. */
  readonly version: string;
  readonly sign: Signer;
  readonly transport: AwsTransport;
  /** Waits before a retry. */
  readonly pause: (ms: number) => Promise<void>;
}

/** Error that an AWS service has returned. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  /** Error code such as `UnauthorizedOperation`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const TIMEOUT_MS = 60_000;

const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 1000;

/** Matches the error codes for throttling (see "Error retries" in the reference guide of AWS' SDKs). */
const THROTTLED =
  /^(?:Throttl|RequestThrottled|RequestLimitExceeded|TooManyRequests|BandwidthLimit|SlowDown|PriorRequestNotComplete)/;

/**
 * Calls an operation of an AWS service, and repeats a throttled call up to three times in total. Rejects with AwsError
 * if AWS refuses the call, otherwise with the error of the transport or signer.
 */
export async function callQueryApi(
  api: QueryApi,
  action: string,
  params: Readonly<Record<string, string>> = {},
): Promise<XmlElement> {
  for (let attempt = 1; ; attempt++) {
    const { status, text } = await send(api, { Action: action, Version: api.version, ...params });
    if (status === 200) return XmlElement.parse(text);
    const error = await refusal(`operation error ${api.name}: ${action}`, status, text);
    const busy = status >= 500 || status === 429 || (error instanceof AwsError && THROTTLED.test(error.code));
    if (!busy || attempt === ATTEMPTS) throw error;
    await api.pause(FIRST_PAUSE_MS * 2 ** (attempt - 1));
  }
}

async function send(api: QueryApi, form: Readonly<Record<string, string>>): ReturnType<AwsTransport> {
  const url = new URL(api.endpoint);
  const body = new URLSearchParams(form).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  const signed = await api.sign({ method: "POST", url, headers, body });
  return api.transport(url.href, { method: "POST", headers: signed, body, timeoutMs: TIMEOUT_MS });
}

/** Returns the error in an AWS answer. EC2 answers with a list of errors, other services with one error. */
async function refusal(operation: string, status: number, text: string): Promise<Error> {
  const answer = await XmlElement.parse(text).catch(() => undefined);
  const error = answer?.child("Errors").children("Error")[0] ?? answer?.child("Error");
  const request = answer?.text("RequestID") ?? answer?.text("RequestId") ?? "";
  const where = `${operation}, https response error StatusCode: ${status}, RequestID: ${request}`;
  const code = error?.text("Code");
  if (code === undefined) return new Error(where);
  return new AwsError(code, `${where}, api error ${code}: ${error?.text("Message") ?? ""}`);
}
