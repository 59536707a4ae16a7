import { defaultHttpClient } from "@narthex/config";
import { Matcher } from "@narthex/model";
import type { Clock, Logger } from "@narthex/runtime";
import { limitedBody } from "../client/limited-body.ts";
import { failureReason } from "../client/failure.ts";
import { createHttpClient, type ExchangeClient } from "../client/http-client.ts";
import type { Principal, ReadLimit } from "../server/principal.ts";
import { isOrgRole, isScope } from "../server/scope.ts";
import { fieldOf, type SentCredentials } from "./credentials-of.ts";

/** Answer of the dashboards role about the sender of a request. */
export interface IdentityAnswer {
  /** The sender; undefined if the credentials are wrong, expired or missing. */
  readonly principal: Principal | undefined;
  /** Address of the login page, which leads back to the address in its parameter `to`. */
  readonly loginUrl: string;
}

/** Function that finds out who has sent a request. Rejects if the dashboards role does not answer. */
export type AskIdentity = (credentials: SentCredentials | undefined) => Promise<IdentityAnswer>;

/** Longest time in ms of an answer, and largest size of an answer in bytes. */
const [TIMEOUT_MS, MAX_BYTES] = [5000, 64 * 1024];

const PATH = "/api/narthex/identity";

/**
 * Sends credentials to the dashboards role and reads the answer about their owner. Does not follow redirects, because
 * they would send the secret to another address.
 */
export class IdentityClient {
  readonly #url: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #client: Promise<ExchangeClient> | undefined;

  /** @param url address of the dashboards role */
  constructor(url: string, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#url = `${url.replace(/\/+$/, "")}${PATH}`;
    this.#clock = clock;
    this.#logger = logger;
  }

  readonly ask: AskIdentity = async (credentials) => {
    const limit = new AbortController();
    const cancel = this.#clock.after(TIMEOUT_MS, () => limit.abort(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    try {
      const config = { ...defaultHttpClient, followRedirects: false };
      this.#client ??= createHttpClient(config, { clock: this.#clock, logger: this.#logger });
      const client = await this.#client;
      const headers = credentials === undefined ? {} : fieldOf(credentials);
      const { statusCode, body } = await client.request(this.#url, { headers, signal: limit.signal });
      const bytes = await limitedBody(body, MAX_BYTES, () => new Error("the answer is too long"));
      if (statusCode !== 200 && statusCode !== 401) throw new Error(`the answer has status ${statusCode}`);
      return answerIn(bytes.toString(), statusCode === 200);
    } catch (error) {
      throw new Error(`GET ${this.#url}: ${failureReason(limit.signal.aborted ? limit.signal.reason : error)}`, {
        cause: error,
      });
    } finally {
      cancel();
    }
  };

  async close(): Promise<void> {
    await (await this.#client)?.close();
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Reads an answer of the dashboards role. Throws an error for a body that this program does not understand, so that
 * such an answer grants no right.
 */
function answerIn(text: string, isFound: boolean): IdentityAnswer {
  const body: unknown = JSON.parse(text);
  if (!isObject(body) || typeof body["loginUrl"] !== "string") throw notUnderstood();
  const { loginUrl } = body;
  if (!isFound) return { principal: undefined, loginUrl };
  const { kind, id, login, role, scopes } = body;
  const isKnown = typeof id === "number" && id > 0 && typeof login === "string" && login !== "";
  if (!isKnown || !isOrgRole(role) || !Array.isArray(scopes)) throw notUnderstood();
  const limit = limitIn(body);
  const isAccount = kind === "service-account";
  return {
    loginUrl,
    principal: {
      kind: isAccount ? "token" : "user",
      name: login,
      identity: {
        kind: isAccount ? "service-account" : "user",
        id,
        role,
        isServerAdmin: false,
        teams: new Set(),
        scopes: new Set(scopes.filter(isScope)),
        ...(limit !== undefined && { limit }),
      },
    },
  };
}

/**
 * Returns the limit for what the sender may read. Both fields must exist, because an answer without them would mean no
 * limit.
 */
function limitIn({ matchers, nothing }: Readonly<Record<string, unknown>>): ReadLimit | undefined {
  if (typeof nothing === "string") return { kind: "nothing", reason: nothing };
  if (Array.isArray(matchers) && matchers.length > 0) return { kind: "matchers", matchers: matchers.map(matcherIn) };
  if (matchers === null && nothing === null) return undefined;
  throw notUnderstood();
}

/** Reads a matcher. Throws PatternError for an invalid regular expression. */
function matcherIn(given: unknown): Matcher {
  const { type, name, value } = isObject(given) ? given : {};
  const isType = type === "=" || type === "!=" || type === "=~" || type === "!~";
  if (!isType || typeof name !== "string" || name === "" || typeof value !== "string") throw notUnderstood();
  return new Matcher(type, name, value);
}

const notUnderstood = (): Error =>
  new Error("the answer is not understood: the address must be that of narthex dashboards of the same version");
