import { RequestError } from "./failure.ts";
import type { ResponseHead } from "./http1-head.ts";
import type { RequestFields } from "./request-head.ts";
import { splitUserInfo } from "./user-info.ts";

/** Maximum number of requests in a chain of redirects, as in Go's client. */
const MAX_REDIRECTS = 10;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** HTTP statuses of redirects that keep method and body. */
const KEEPING: ReadonlySet<number> = new Set([307, 308]);

/**
 * Header fields that never contain secrets. A redirect to another host gets only these fields, because any other field
 * may contain a key.
 */
const WITHOUT_SECRETS: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "content-encoding",
  "content-type",
  "retry-attempt",
  "user-agent",
  "x-prometheus-refresh-interval-seconds",
  "x-prometheus-scrape-timeout-seconds",
  "x-prometheus-remote-read-version",
  "x-prometheus-remote-write-version",
]);

type Answer = Pick<ResponseHead, "status" | "location">;

/**
 * Returns whether an answer is a redirect. An answer with a redirect status but without a location is an ordinary
 * response.
 */
const isRedirect = ({ status, location }: Answer): boolean =>
  REDIRECTS.has(status) && location !== undefined && location !== "";

/** A request for which redirects are followed. */
export interface RedirectableRequest {
  /** URL, which may contain user and password. */
  readonly url: string;
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly headers: RequestFields;
  readonly body?: string | Uint8Array | undefined;
  /** Whether the body contains a secret. A redirect that would send this body to another host is an error. */
  readonly bodyHoldsSecret?: boolean | undefined;
}

/**
 * A request and the redirects that follow it. As in Go's client, credentials are sent to the same host, on any port,
 * and to its subdomains. After a redirect to another host they are no longer sent, even if a later redirect leads back
 * to the first host. Unlike in Go's client, a redirect from https to http counts as a redirect to another host, because
 * the credentials could be read in transit.
 */
export class RequestChain {
  /** URL of the next request, which may contain user and password. */
  url: string;
  method: NonNullable<RedirectableRequest["method"]>;
  body: string | Uint8Array | undefined;
  /** Whether a redirect has led to another host, or from https to http. */
  isForeign = false;
  readonly #first: RedirectableRequest;
  #headers: RequestFields;
  #referer: RequestFields = {};
  #redirects = 0;

  constructor(first: RedirectableRequest) {
    this.#first = first;
    this.url = first.url;
    this.method = first.method ?? "GET";
    this.body = first.body;
    this.#headers = first.headers;
  }

  /**
   * Returns the header fields of the next request. An Authorization field of the request itself takes precedence over
   * credentials in the URL, and these take precedence over the configuration.
   * @param configured fields of the client's configuration
   * @param isToken true if the configured Authorization replaces every other one, as in Go's OAuth 2.0 client
   */
  fields(configured: RequestFields, isToken = false): RequestFields {
    const own: RequestFields = { ...this.#headers, ...this.#referer };
    const isOwn = hasAuthorization(own);
    const { authorization } = isOwn ? { authorization: "" } : splitUserInfo(this.url);
    const fields = authorization === "" ? own : { ...own, Authorization: authorization };
    if (this.isForeign) return fields;
    if (!isOwn && authorization === "") return { ...fields, ...configured };
    return isToken
      ? { ...without(fields, isAuthorization), ...configured }
      : { ...fields, ...without(configured, isAuthorization) };
  }

  /**
   * Follows a redirect. Returns false if the answer is not a redirect. Throws RequestError with Go's message if the
   * redirect is refused.
   */
  follow(answer: Answer): boolean {
    if (!isRedirect(answer)) return false;
    const from = this.url;
    const to = redirectTarget(from, answer.location!, this.#redirects++);
    this.isForeign ||= !keepsCredentials(this.#first.url, to) || isDowngrade(from, to);
    if (!KEEPING.has(answer.status)) this.#becomeGet();
    if (this.isForeign) {
      this.#headers = without(this.#headers, (name) => !WITHOUT_SECRETS.has(name));
      if (this.body !== undefined && this.#first.bodyHoldsSecret === true) {
        const where = isDowngrade(from, to) ? "from https to http" : "to another host";
        throw new RequestError(`the redirect leads ${where}, and the request's body contains a secret`, to);
      }
    }
    const value = referer(from, to, this.isForeign);
    this.#referer = value === "" ? {} : { Referer: value };
    this.url = to;
    return true;
  }

  #becomeGet(): void {
    this.method = "GET";
    this.body = undefined;
    this.#headers = without(this.#headers, (name) => name.startsWith("content-"));
  }
}

const isAuthorization = (name: string): boolean => name === "authorization";

const hasAuthorization = (fields: RequestFields): boolean =>
  Object.keys(fields).some((name) => isAuthorization(name.toLowerCase()));

/**
 * Returns the header fields for which `isLeftOut` returns false.
 * @param isLeftOut receives the name of a field in lower case
 */
const without = (fields: RequestFields, isLeftOut: (name: string) => boolean): RequestFields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !isLeftOut(name.toLowerCase())));

/**
 * Returns the target URL of a redirect. Throws RequestError if there are too many redirects or the location is invalid.
 */
function redirectTarget(from: string, location: string, followed: number): string {
  if (!URL.canParse(location, from)) {
    throw new RequestError(`failed to parse Location header ${JSON.stringify(location)}`, from);
  }
  if (followed === MAX_REDIRECTS - 1) throw new RequestError(`stopped after ${MAX_REDIRECTS} redirects`, location);
  const to = new URL(location, from);
  if (to.protocol === "http:" || to.protocol === "https:") return to.href;
  throw new RequestError(`unsupported protocol scheme ${JSON.stringify(to.protocol.slice(0, -1))}`, to.href);
}

/** Returns whether a redirect leads from https to http. */
const isDowngrade = (from: string, to: string): boolean => /^https:/i.test(from) && /^http:/i.test(to);

/** Returns whether credentials for one URL may be sent to another URL. */
export function keepsCredentials(from: string, to: string): boolean {
  const [first, next] = [new URL(from).hostname, new URL(to).hostname];
  if (next === first) return true;
  const isAddress = /[:[\]]|^[\d.]+$/.test(first);
  return !isAddress && next.endsWith(`.${first}`);
}

/**
 * Returns the Referer header after a redirect, without user and password. From https to http, the header is omitted
 * (""). For another host, it contains only the origin, because many webhook URLs have a key in the path.
 */
export function referer(from: string, to: string, isForeign: boolean): string {
  if (isDowngrade(from, to)) return "";
  return isForeign ? `${new URL(from).origin}/` : splitUserInfo(from).url;
}
