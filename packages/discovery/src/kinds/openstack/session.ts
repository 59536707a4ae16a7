import { maskPassword } from "@narthex/http";
import { AnswerError, failureOf, statusError } from "../../answers/answer-error.ts";
import { JsonApi } from "../../answers/json-api.ts";
import { JsonValue } from "../../answers/json-value.ts";
import { readPages } from "../../answers/pages.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import type { DiscoveryClient } from "../../discovery-client.ts";
import type { OpenstackAccount } from "./account.ts";
import { secretsIn, tokenRequest } from "./token-request.ts";

/** Type of a service in the catalog. */
type ServiceType = "compute" | "network" | "load-balancer";

export interface SessionOptions {
  readonly client: DiscoveryClient;
  readonly context: Pick<DiscoveryContext, "clock">;
  readonly account: OpenstackAccount;
  readonly region: string;
  /** Interface of the services' endpoints. */
  readonly availability: string;
  readonly timeoutMs: number;
}

/** A token of the Identity API, and the endpoints of the services that accept it. */
export class OpenstackSession {
  readonly #options: SessionOptions;
  readonly #catalog: JsonValue;
  readonly #api: JsonApi;
  /** Hosts in the catalog. */
  readonly #hosts: ReadonlySet<string>;

  private constructor(options: SessionOptions, token: string, catalog: JsonValue) {
    this.#options = options;
    this.#catalog = catalog;
    const urls = catalog.list("catalog").flatMap((service) => service.list("endpoints").map((one) => one.text("url")));
    this.#hosts = new Set(urls.filter((url) => URL.canParse(url)).map((url) => new URL(url).hostname));
    this.#api = new JsonApi({ ...options, base: "", headers: () => ({ "x-auth-token": token }) });
  }

  /** Requests a token. Rejects if the account is refused. */
  static async open(options: SessionOptions): Promise<OpenstackSession> {
    try {
      const { client, context, account, timeoutMs } = options;
      const url = `${await identityUrl(options)}auth/tokens`;
      const answer = await client.request(url, {
        method: "POST",
        headers: { accept: "application/json", "content-type": "application/json" },
        body: tokenRequest(account),
        bodyHoldsSecret: true,
        secrets: secretsIn(account),
        timeoutMs,
      });
      if (answer.status !== 201 && answer.status !== 200) throw statusError(url, answer, context.clock);
      const token = answer.headers["x-subject-token"];
      if (typeof token !== "string") throw new AnswerError("the answer has no header X-Subject-Token");
      return new OpenstackSession(options, token, (await JsonValue.parse(answer.text, context.clock)).field("token"));
    } catch (cause) {
      throw failureOf("could not authenticate to OpenStack", cause);
    }
  }

  /**
   * Returns the URL of a service in the region, with a slash at the end. Throws if the catalog does not contain it.
   * @param name the service in errors
   */
  endpoint(type: ServiceType, name: string): string {
    const { region, availability } = this.#options;
    const found = this.#catalog
      .list("catalog")
      .filter((service) => service.text("type") === type)
      .flatMap((service) => service.list("endpoints"))
      .filter((endpoint) => endpoint.text("interface") === availability)
      .find((endpoint) => [endpoint.text("region"), endpoint.text("region_id")].includes(region));
    if (found !== undefined) return withSlash(found.text("url"));
    throw new AnswerError(
      `could not create OpenStack ${name} session: the catalog has no ${availability} endpoint of type ${type} in region ${region}`,
    );
  }

  /** Returns all items of a list, which the answers contain under `key`. */
  list(url: string, key: string): Promise<readonly JsonValue[]> {
    return readPages(url, async (cursor) => {
      const page = await this.#api.get(cursor);
      const items = page.list(key);
      const next = page.list(`${key}_links`).findLast((link) => link.text("rel") === "next");
      const link = items.length === 0 ? "" : (next?.text("href") ?? "");
      return { items, next: link === "" ? undefined : this.#nextPage(cursor, link) };
    });
  }

  /**
   * Returns the URL of the next page. The token is sent only to the host of the list and to the hosts in the catalog, and
   * never in plain text if the list is read with TLS.
   */
  #nextPage(page: string, link: string): string {
    const next = securedLink(page, link);
    if (this.#hosts.has(new URL(next).hostname)) return next;
    throw new AnswerError(`the next page is on a host that the catalog does not contain: ${new URL(next).host}`);
  }
}

/**
 * Returns the absolute URL of a link in an answer. APIs behind a proxy often write their links with http: then the link
 * gets the scheme and the port of the page, because the next request has a secret. Throws if such a link leads to
 * another host.
 */
function securedLink(page: string, link: string): string {
  if (!URL.canParse(link, page)) throw new AnswerError(`the answer of ${maskPassword(page)} has an invalid link`);
  const [from, to] = [new URL(page), new URL(link, page)];
  if (to.protocol === "https:" || from.protocol === "http:") return to.href;
  if (to.hostname === from.hostname) return `${from.origin}${to.pathname}${to.search}`;
  throw new AnswerError(`a link of ${from.host} leads to ${to.host} without TLS: let the service write it with https`);
}

const withSlash = (url: string): string => (url.endsWith("/") ? url : `${url}/`);

/** Statuses of versions of the Identity API that can be used. */
const USABLE: readonly string[] = ["current", "supported", "stable"];

/**
 * Returns the URL of version 3 of the Identity API, with a slash at the end. If the configured URL has no version, the
 * API itself names its versions.
 */
async function identityUrl({ account, client, context, timeoutMs }: SessionOptions): Promise<string> {
  const endpoint = withSlash(account.identityEndpoint);
  if (endpoint.endsWith("/v3/")) return endpoint;
  const base = unversioned(account.identityEndpoint);
  const answer = await client.request(base, { headers: { accept: "application/json" }, timeoutMs });
  if (answer.status !== 200 && answer.status !== 300) throw statusError(base, answer, context.clock);
  const versions = (await JsonValue.parse(answer.text, context.clock)).field("versions").list("values");
  const usable = versions
    .filter((version) => version.text("id").includes("v3"))
    .map((version) => ({
      url: withSlash(
        version
          .list("links")
          .find((link) => link.text("rel") === "self")
          ?.text("href") ?? "",
      ),
      isUsable: USABLE.includes(version.text("status").toLowerCase()),
    }));
  const chosen = usable.find(({ url }) => url === endpoint) ?? usable.find(({ isUsable }) => isUsable);
  if (chosen !== undefined && chosen.url !== "/") return securedLink(base, chosen.url);
  throw new AnswerError(`${maskPassword(base)} does not offer version 3 of the Identity API`);
}

/** Returns a URL without its version and what follows the version. */
function unversioned(text: string): string {
  const url = new URL(text);
  const at = url.pathname.search(/v[0-9.]/);
  if (at >= 0) url.pathname = url.pathname.slice(0, at);
  url.search = "";
  url.hash = "";
  return withSlash(url.href);
}
