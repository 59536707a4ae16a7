import { hostname } from "node:os";
import { trimLetters } from "@narthex/model";

/** External URL of a server, and the path prefix of its routes. */
export interface WebAddress {
  /** URL without a slash at its end. */
  readonly externalUrl: string;
  /** Prefix of all paths: "" or `/path`, without a slash at its end. */
  readonly routePrefix: string;
}

/**
 * Returns a URL with the name of this machine and the port of a listen address. This is the default of
 * `--web.external-url`.
 */
export const machineUrl = (listen: string): string =>
  `http://${hostname()}:${listen.slice(listen.lastIndexOf(":") + 1)}`;

/**
 * Returns the value of `--web.route-prefix`; if it is not set, the path of the external URL. An address without a
 * scheme has no path.
 */
export function routePrefixOf(flag: string, externalUrl: string): string {
  const path = flag === "" ? (URL.parse(externalUrl)?.pathname ?? "") : flag;
  const trimmed = trimLetters(path, "/");
  return trimmed === "" ? "" : `/${trimmed}`;
}
