import { lookup as lookupName } from "node:dns";
import { BlockList, isIP, isIPv4, type LookupFunction } from "node:net";
import { QueryFailure } from "../query-failure.ts";

export interface DestinationRules {
  /**
   * Allowed destinations in the form `host:port`, or `host` for the default port of the scheme. If empty, all hosts are
   * allowed.
   */
  readonly hosts?: readonly string[];
  /**
   * Whether link-local addresses are allowed. At such addresses, cloud servers provide the credentials of their
   * machines.
   */
  readonly allowsLinkLocal?: boolean;
}

/** Link-local and similar addresses at which cloud machines get their credentials. */
const LINK_LOCAL: readonly (readonly [address: string, prefix: number])[] = [
  ["169.254.0.0", 16],
  ["100.100.100.200", 32],
  ["fe80::", 10],
  ["fd00:ec2::254", 128],
];
const NO_HOST: readonly (readonly [address: string, prefix: number])[] = [
  ["0.0.0.0", 8],
  ["224.0.0.0", 4],
  ["255.255.255.255", 32],
  ["::", 128],
  ["ff00::", 8],
];

/**
 * Checks the hosts to which data sources connect. A host name is checked by the address that the connection actually
 * uses, so the name cannot resolve to another address between check and connection.
 */
export class Destinations {
  readonly #hosts: ReadonlySet<string>;
  readonly #refused: BlockList;
  readonly #lookupName: typeof lookupName;

  constructor({ hosts = [], allowsLinkLocal = false }: DestinationRules = {}, lookup = lookupName) {
    this.#lookupName = lookup;
    this.#hosts = new Set(hosts.map((host) => host.toLowerCase()));
    this.#refused = new BlockList();
    for (const [address, prefix] of [...NO_HOST, ...(allowsLinkLocal ? [] : LINK_LOCAL)])
      this.#refused.addSubnet(address, prefix, isIPv4(address) ? "ipv4" : "ipv6");
  }

  /** Throws QueryFailure if sources may not connect to a URL. */
  check(url: URL): void {
    if (url.protocol !== "http:" && url.protocol !== "https:")
      throw new QueryFailure(
        400,
        `the URL of a data source starts with http or https, not with "${url.protocol.slice(0, -1)}"`,
      );
    if (url.username !== "" || url.password !== "")
      throw new QueryFailure(
        400,
        "the URL of the data source holds a user or a password: write them as basicAuthUser and basicAuthPassword",
      );
    const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
    this.#checkPermitted(url.hostname, [url.host, `${url.hostname}:${port}`]);
  }

  /**
   * Throws QueryFailure if sources may not connect to a port of a host.
   * @param host name or address, without brackets
   */
  checkHost(host: string, port: number): void {
    const name = (isIP(host) === 6 ? `[${host}]` : host).toLowerCase();
    this.#checkPermitted(name, [`${name}:${port}`]);
  }

  #checkPermitted(hostname: string, places: readonly string[]): void {
    if (this.#hosts.size > 0 && !places.some((place) => this.#hosts.has(place)))
      throw new QueryFailure(403, "Data proxy hostname and IP are not included in whitelist");
    const address = hostname.replace(/^\[|\]$/g, "");
    if (isIP(address) !== 0 && this.#isRefused(address)) throw refusedAddress();
  }

  /**
   * Checks the addresses of a URL's host for requests through a proxy, because the proxy resolves the name itself.
   * Rejects with QueryFailure if an address is refused; a name that only the proxy can resolve is not checked.
   */
  async checkAddresses({ hostname }: URL): Promise<void> {
    const isRefused = await new Promise<boolean>((resolve) => {
      this.#lookupName(hostname.replace(/^\[|\]$/g, ""), { all: true }, (error, addresses) =>
        resolve(error === null && addresses.some(({ address }) => this.#isRefused(address))),
      );
    });
    if (isRefused) throw refusedAddress();
  }

  /** Resolves host names for connections. Refused addresses are removed from the result. */
  readonly lookup: LookupFunction = (name, options, done) => {
    this.#lookupName(name, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        done(error, "", 0);
        return;
      }
      const allowed = addresses.filter(({ address }) => !this.#isRefused(address));
      const [first] = allowed;
      if (first === undefined) done(refusedAddress(), "", 0);
      else if (options.all === true) done(null, allowed);
      else done(null, first.address, first.family);
    });
  };

  #isRefused(address: string): boolean {
    return this.#refused.check(address, isIPv4(address) ? "ipv4" : "ipv6");
  }
}

const refusedAddress = (): QueryFailure =>
  new QueryFailure(
    403,
    "data sources at addresses of the link or of no host are refused; " +
      "security.data_source_allow_link_local allows those of the link",
  );
