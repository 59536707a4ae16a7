import type { IncomingHttpHeaders } from "node:http";
import type { Discoverer } from "../discoverer.ts";

/** A request that a served API received. */
export interface ServedRequest {
  readonly method: string;
  /** Host of the URL without the port. A service can have several hosts. */
  readonly host: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An answer of a served API. */
export interface ServedAnswer {
  /** Default: 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text, or a value that is sent as JSON. */
  readonly body?: unknown;
}

/** How a section of the configuration reaches the served API. */
export interface ServedPlace {
  /** URL of the API, `http://127.0.0.1:port`, for sections with a field for it. */
  readonly url: string;
  /**
   * Lines for sections without such a field: they send all requests through the served API as a proxy, which answers
   * for every host.
   */
  readonly viaProxy: string;
  /** A folder for files that the section names. */
  readonly folder: string;
  /** File with the certificate of the proxy. */
  readonly certificate: string;
}

/**
 * One kind of discovery (or one role of a kind) with an API that answers for its service. Unit tests, the comparison with
 * Prometheus, the search for secrets and the benchmark all run the kinds of `served-kinds.ts`.
 */
export interface ServedKind {
  /** Key in the configuration, such as `hetzner_sd_configs`. */
  readonly key: string;
  /** Distinguishes the roles of a kind, otherwise "". */
  readonly role: string;
  /**
   * Returns the YAML of one section. Every secret in it must contain the text `canary`, and must be accepted by the API
   * alone: the API refuses requests without it.
   */
  section(place: ServedPlace): string;
  /** Returns the API for this number of instances, or of whatever the kind finds, on pages as the service has them. */
  serve(instances: number): (request: ServedRequest) => ServedAnswer;
  /** Variables of the environment that the kind reads, for kinds that have no field for it. */
  environment?(place: ServedPlace): Readonly<Record<string, string>>;
  /**
   * Returns a discoverer that reaches the served API without variables of the environment, and without pauses between
   * its requests. Default: the discoverer of the registry.
   */
  discoverer?(place: ServedPlace): Discoverer;
  /** Fewest targets for a number of instances, if some are skipped. Default: the number of instances. */
  fewestTargets?(instances: number): number;
  /** Whether Prometheus 3.5 has the kind. */
  readonly isInPrometheus: boolean;
  /** Whether vmagent has the kind, with the same labels. */
  readonly isInVmagent?: boolean;
}

/** Returns the value of the header `Authorization` for a token. */
export const bearer = (token: string): string => `Bearer ${token}`;

/** Returns the value of the header `Authorization` for a user and a password. */
export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

/** Returns a list with this number of items, made from their numbers 1, 2, …. */
export const numbered = <T>(count: number, make: (i: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, i) => make(i + 1));

/** Returns one page of a list, and the cursor of the next page: "" on the last page. */
export function pageOf<T>(all: readonly T[], size: number, cursor: string): { items: readonly T[]; next: string } {
  const from = cursor === "" ? 0 : Number(cursor);
  const end = from + size;
  return { items: all.slice(from, end), next: end < all.length ? String(end) : "" };
}

/** Returns variables with which a program sends requests to any host through the served API. */
export const proxyEnvironment = ({ url, certificate }: ServedPlace): Readonly<Record<string, string>> => ({
  HTTPS_PROXY: url,
  SSL_CERT_FILE: certificate,
  NODE_EXTRA_CA_CERTS: certificate,
});
