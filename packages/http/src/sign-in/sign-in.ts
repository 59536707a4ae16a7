import type { Clock, Logger } from "@narthex/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isFromOwnPage, SAFE_METHODS } from "../server/own-page.ts";
import { plainError, redirectTo } from "../server/go-router.ts";
import { hasScope, type Identity, selectorOf } from "../server/principal.ts";
import { sentSession, sentToken } from "./credentials-of.ts";
import { type IdentityAnswer, IdentityClient } from "./identity-client.ts";
import { KeptIdentities } from "./kept-identities.ts";

export interface SignInOptions {
  /** Address of the dashboards role, whose sessions and tokens are accepted. Example: `http://dashboards:3000`. */
  readonly url: string;
  /** Prefix of the paths of all routes. */
  readonly prefix: string;
  /** Hosts whose pages may send changes, besides the host of the request. */
  readonly ownHosts: ReadonlySet<string>;
  /** Host of the server's own public address, if this address begins with `https:`. */
  readonly secureHost: string | undefined;
  /** Returns whether the web config file has users, who are also accepted. */
  readonly hasUsers: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Error that a value of `--web.sign-in-url` cannot be used. */
export class SignInUrlError extends Error {
  override readonly name = "SignInUrlError";
}

/** Checks an address of the dashboards role. Throws SignInUrlError. */
export function checkedSignInUrl(given: string): string {
  const url = URL.parse(given);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:") || url.hostname === "")
    throw new SignInUrlError(
      `--web.sign-in-url: ${JSON.stringify(given)} is not the address of narthex dashboards; write for example http://dashboards:3000`,
    );
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw new SignInUrlError("--web.sign-in-url must have no user, no password and no parameters");
  return given;
}

/**
 * Name of the cookie that marks a browser that was just redirected to the login, and the cookie's lifetime in seconds.
 */
const [LED_COOKIE, LED_SECONDS] = ["narthex_sign_in", 5] as const;

const UNREACHABLE =
  "Nobody can sign in at the moment, because the dashboards role (--web.sign-in-url) cannot be reached. The log has the reason.";

const OTHER_SITE = "A page of another site may not change anything here (headers Origin and Sec-Fetch-Site).";

/**
 * Accepts only requests of people and tokens of the dashboards role, and of users of the web config file. Each request
 * needs the scope of its route.
 */
export class SignIn {
  readonly #options: SignInOptions;
  readonly #client: IdentityClient;
  readonly #identities: KeptIdentities;

  constructor(options: SignInOptions) {
    this.#options = options;
    this.#client = new IdentityClient(options.url, options);
    this.#identities = new KeptIdentities(this.#client.ask, options);
  }

  /** Adds the check to all routes. */
  guard(app: FastifyInstance): void {
    app.addHook("onRequest", (request, reply) => this.#check(request, reply));
    app.addHook("onClose", () => this.#client.close());
  }

  async #check(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    const { scope } = request.routeOptions.config;
    // Accepts a user of the web config file, and routes that need no right. A certificate gives no right, because it
    // names no person of the dashboards role.
    if (request.principal.kind === "user" || scope === "open" || request.is404) return undefined;
    const answer = await this.#answerFor(request);
    // Stops if the connection has been closed in the meantime. Later handlers must not run, because they would wait for
    // a close event that has already happened.
    if (reply.raw.destroyed) return reply.hijack();
    if (answer === undefined) return plainError(reply.header("retry-after", "5"), 503, UNREACHABLE);
    if (answer.principal === undefined) return this.#refuse(request, reply, answer.loginUrl);
    if (
      answer.isSession &&
      !SAFE_METHODS.has(request.method) &&
      !isFromOwnPage(request.headers, this.#options.ownHosts)
    )
      return plainError(reply, 403, OTHER_SITE);
    request.principal = answer.principal;
    const refusal = refusalOf(request, answer.principal.identity!);
    return refusal === undefined ? undefined : plainError(reply, 403, refusal);
  }

  /**
   * Returns the answer of the dashboards role for the token of the request; without a token, for its session. Returns
   * undefined if the role cannot be reached.
   */
  async #answerFor({ headers }: FastifyRequest): Promise<(IdentityAnswer & { isSession: boolean }) | undefined> {
    const sent = [sentToken(headers.authorization), sentSession(headers)].filter((one) => one !== undefined);
    let refused: IdentityAnswer | undefined;
    let isUnknown = false;
    for (const credentials of sent.length === 0 ? [undefined] : sent) {
      const answer = await this.#identities.of(credentials);
      if (answer?.principal !== undefined) return { ...answer, isSession: credentials?.kind === "session" };
      if (answer === undefined) isUnknown = true;
      else refused ??= answer;
    }
    return isUnknown || refused === undefined ? undefined : { ...refused, isSession: false };
  }

  /** Redirects a browser that opens a page to the login. Refuses all other requests. */
  #refuse(request: FastifyRequest, reply: FastifyReply, loginUrl: string): FastifyReply {
    const isLed = (request.headers.cookie ?? "").includes(`${LED_COOKIE}=`);
    if (this.#isPage(request) && !isLed) {
      reply.header("set-cookie", `${LED_COOKIE}=1; Max-Age=${LED_SECONDS}; Path=/; HttpOnly; SameSite=Lax`);
      return redirectTo(
        request,
        reply.header("cache-control", "no-store"),
        linkTo(loginUrl, this.#addressOf(request)),
        302,
      );
    }
    const why = isLed
      ? " If you have just signed in, the browser has not sent the session's cookie here: both addresses need the same host name."
      : "";
    const challenge = this.#options.hasUsers() ? "Basic" : "Bearer";
    return plainError(
      reply.header("www-authenticate", challenge),
      401,
      `Unauthorized: sign in at ${loginUrl.replace(/\/return$/, "")}, or send the token of a service account (Authorization: Bearer).${why}`,
    );
  }

  /**
   * Returns the address that the browser has opened. The server's public address shows whether a proxy has ended TLS.
   */
  #addressOf({ protocol, host, originalUrl }: FastifyRequest): string {
    const isSecure = protocol === "https" || this.#options.secureHost === host;
    return `${isSecure ? "https" : "http"}://${host}${originalUrl}`;
  }

  #isPage({ method, headers, url }: FastifyRequest): boolean {
    const isApi = url.startsWith(`${this.#options.prefix}/api/`);
    return method === "GET" && !isApi && /\btext\/html\b/.test(headers.accept ?? "");
  }
}

const linkTo = (loginUrl: string, back: string): string => `${loginUrl}?to=${encodeURIComponent(back)}`;

/** Returns the reason why an account may not use a route; undefined if it may. */
function refusalOf({ routeOptions: { config } }: FastifyRequest, identity: Identity): string | undefined {
  const { scope = "admin", series } = config;
  if (scope !== "open" && !hasScope(identity, scope))
    return `Forbidden: the request needs the scope ${scope}, which ${identity.kind === "user" ? "you do" : "the token does"} not have.`;
  const { limit } = identity;
  if (limit === undefined || series === "none") return undefined;
  if (limit.kind === "nothing") return `Forbidden: ${limit.reason}.`;
  return series === "limited"
    ? undefined
    : `Forbidden: the answer cannot be limited to the series ${selectorOf(limit.matchers)}, which are all that you may read.`;
}
