import { hostname } from "node:os";
import { trimLetters } from "@narthex/model";

/** How a role is reached from outside, and below which path its routes lie. */
export interface WebAddress {
  /** Without a slash at its end. */
  readonly externalUrl: string;
  /** "" or `/path`, without a slash at its end. */
  readonly routePrefix: string;
}

/** The URL of this machine at the port of a listen address: the external URL where `--web.external-url` is not given. */
export const machineUrl = (listen: string): string =>
  `http://${hostname()}:${listen.slice(listen.lastIndexOf(":") + 1)}`;

/** What `--web.route-prefix` says, else the path of the external URL; an address without a scheme has none. */
export function routePrefixOf(flag: string, externalUrl: string): string {
  const path = flag === "" ? (URL.parse(externalUrl)?.pathname ?? "") : flag;
  const trimmed = trimLetters(path, "/");
  return trimmed === "" ? "" : `/${trimmed}`;
}
