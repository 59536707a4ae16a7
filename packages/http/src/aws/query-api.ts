import type { Signer } from "../client/sigv4.ts";
import { XmlElement } from "./xml.ts";

/** Sends a request and reads the whole answer, whatever its status. */
export type AwsTransport = (
  url: string,
  request: {
    readonly method: "GET" | "POST" | "PUT";
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly timeoutMs: number;
  },
) => Promise<{ readonly status: number; readonly text: string }>;

/** One service that is asked by AWS' Query protocol: a form goes out, XML comes back. */
export interface QueryApi {
  /** For messages: `EC2`. */
  readonly name: string;
  readonly endpoint: string;
  /** The API's date. */
  readonly version: string;
  readonly sign: Signer;
  readonly transport: AwsTransport;
}

/** What AWS says instead of an answer. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  /** For example `UnauthorizedOperation`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const TIMEOUT_MS = 60_000;

/** One call. Rejects with AwsError where AWS refuses it, else with what the transport or the signer says. */
export async function callQueryApi(
  api: QueryApi,
  action: string,
  params: Readonly<Record<string, string>> = {},
): Promise<XmlElement> {
  const url = new URL(api.endpoint);
  const body = new URLSearchParams({ Action: action, Version: api.version, ...params }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  const signed = await api.sign({ method: "POST", url, headers, body });
  const { status, text } = await api.transport(url.href, {
    method: "POST",
    headers: signed,
    body,
    timeoutMs: TIMEOUT_MS,
  });
  if (status === 200) return XmlElement.parse(text);
  throw await refusal(`operation error ${api.name}: ${action}`, status, text);
}

/** EC2 lists its errors, the other services give one. */
async function refusal(operation: string, status: number, text: string): Promise<Error> {
  const answer = await XmlElement.parse(text).catch(() => undefined);
  const error = answer?.child("Errors").children("Error")[0] ?? answer?.child("Error");
  const request = answer?.text("RequestID") ?? answer?.text("RequestId") ?? "";
  const where = `${operation}, https response error StatusCode: ${status}, RequestID: ${request}`;
  const code = error?.text("Code");
  if (code === undefined) return new Error(where);
  return new AwsError(code, `${where}, api error ${code}: ${error?.text("Message") ?? ""}`);
}
