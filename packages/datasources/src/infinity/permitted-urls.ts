import type { DataSourceSettings } from "../data-source.ts";
import { textsAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";

/** Largest number of hosts in a source's settings. */
const MAX_HOSTS = 100;
/** Longest URL of a query. */
const MAX_URL = 16 * 1024;

/**
 * The URLs that queries of a source may request: those below the source's own URL, and below its allowed hosts. Without
 * this limit, everyone who may query the source could make this server request any address.
 */
export class PermittedUrls {
  readonly #base: URL | undefined;
  readonly #permitted: readonly URL[];

  /** Throws QueryFailure if the source's URL or an allowed host is not a URL. */
  constructor(settings: DataSourceSettings) {
    const { url, name, jsonData } = settings;
    const hosts = textsAt(jsonData, "allowedHosts").map((host) => host.trim());
    this.#base = url === "" || url === "__IGNORE_URL__" ? undefined : urlOf(url, `the URL of data source "${name}"`);
    const allowed = hosts
      .filter((host) => host !== "")
      .slice(0, MAX_HOSTS)
      .map((host) => urlOf(host, `the allowed host "${host}" of data source "${name}"`));
    this.#permitted = this.#base === undefined ? allowed : [this.#base, ...allowed];
  }

  get base(): URL | undefined {
    return this.#base;
  }

  /** Returns the URL of a query. Throws QueryFailure if queries may not request it. */
  resolve(written: string): URL {
    if (written.length > MAX_URL)
      throw new QueryFailure(400, `the URL of the query has more than ${MAX_URL} characters`);
    // The check of the path would not hold for servers that treat these characters as slashes and dots.
    if (/[\\\s\0]/.test(written) || /(?:^|\/)\.\.(?:[/?#;]|$)/.test(withMarks(written.split(/[?#]/)[0]!)))
      throw new QueryFailure(400, "the URL of the query contains a backslash, a space or ..; remove them");
    const url = urlOf(this.#absolute(written), "the URL of the query");
    if (url.username !== "" || url.password !== "")
      throw new QueryFailure(400, "the URL of the query contains a user or a password; write them into the settings");
    if (!this.permits(url))
      throw new QueryFailure(
        403,
        `requests to ${url.host} are not permitted: add the beginning of the URL to the allowed hosts of the data source`,
      );
    return url;
  }

  /** Reports whether queries may request a URL. */
  permits(url: URL): boolean {
    return this.#permitted.some((one) => isBelow(one, url));
  }

  #absolute(written: string): string {
    if (/^https?:\/\//i.test(written)) return written;
    if (this.#base === undefined)
      throw new QueryFailure(
        400,
        "the URL of the query must begin with http:// or https://, because the data source has no URL",
      );
    const base = this.#base.href.replace(/\/$/, "");
    if (written === "") return base;
    return written.startsWith("/") || written.startsWith("?") ? base + written : `${base}/${written}`;
  }
}

/**
 * Returns a path in which slashes and dots are not encoded. Some servers decode a path before they look for `..`, and some
 * do so twice.
 */
const withMarks = (written: string): string =>
  written
    .replaceAll(/%(?:25){1,9}/g, "%")
    .replaceAll(/%2e/gi, ".")
    .replaceAll(/%(?:2f|5c)/gi, "/");

function urlOf(text: string, what: string): URL {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw new QueryFailure(400, `${what} is not valid; write http://host:port/path`);
  return url;
}

/** Reports whether a URL has the scheme, host and port of another one, and a path at or below its path. */
function isBelow(prefix: URL, url: URL): boolean {
  if (prefix.origin !== url.origin) return false;
  const folder = prefix.pathname.replace(/\/$/, "");
  return url.pathname === folder || url.pathname.startsWith(`${folder}/`);
}
