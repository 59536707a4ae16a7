import * as client from "openid-client";
import { SignInError } from "../external/external-account.ts";

/** An answer of a provider's API. */
export interface ApiAnswer {
  readonly json: unknown;
  /** The `Link` header, which names other pages of a list; empty if it is missing. */
  readonly link: string;
}

/** Requests an address of the provider's API. Rejects with SignInError, or with an error that requested() converts. */
export async function callApi(
  configuration: client.Configuration,
  accessToken: string,
  url: string,
  body?: Readonly<Record<string, unknown>>,
): Promise<ApiAnswer> {
  const target = new URL(url);
  const answer = await client.fetchProtectedResource(
    configuration,
    accessToken,
    target,
    body === undefined ? "GET" : "POST",
    body === undefined ? undefined : JSON.stringify(body),
    new Headers({ accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }) }),
  );
  // Error messages contain the address without its query string, which may contain data of the account.
  const place = `${target.origin}${target.pathname}`;
  if (!answer.ok) {
    const cause = new Error(`${place} answered with the status ${answer.status}`);
    throw new SignInError(isLater(answer) ? "provider-unavailable" : "provider-refused", { cause });
  }
  try {
    return { json: await answer.json(), link: answer.headers.get("link") ?? "" };
  } catch {
    // The JSON parser's own message is not used, because it contains a part of the response.
    const cause = new Error(`the answer of ${place} is not JSON`);
    throw new SignInError("provider-unavailable", { cause });
  }
}

/** Reports whether the same request may succeed later. GitHub responds with status 403 to too many requests. */
function isLater({ status, headers }: Response): boolean {
  if (status >= 500 || status === 429) return true;
  return status === 403 && (headers.get("x-ratelimit-remaining") === "0" || headers.has("retry-after"));
}

/**
 * Sends a request to a provider. Rejects with SignInError, whose reason distinguishes a refusal from a missing
 * response.
 */
export async function requested<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (cause) {
    if (cause instanceof SignInError) throw cause;
    throw new SignInError(isRefusal(cause) ? "provider-refused" : "provider-unavailable", { cause });
  }
}

/** Error codes of openid-client which mean that the provider did not refuse. */
const UNREACHABLE = new Set([
  "OAUTH_TIMEOUT",
  "OAUTH_ABORT",
  "OAUTH_RESPONSE_IS_NOT_JSON",
  "OAUTH_RESPONSE_IS_NOT_CONFORM",
  "OAUTH_PARSE_ERROR",
]);

/** Reports whether an error means that the provider refused. Other errors may disappear at the next attempt. */
function isRefusal(error: unknown): boolean {
  if (error instanceof client.ResponseBodyError) return error.status < 500 && error.status !== 429;
  if (error instanceof client.ClientError) return error.code !== undefined && !UNREACHABLE.has(error.code);
  return error instanceof client.AuthorizationResponseError || error instanceof client.WWWAuthenticateChallengeError;
}
