import { Authority, type Pair } from "../../support/certificates.ts";

/** Client certificates. */
export const IDENTITIES = ["no certificate", "own CA", "other CA", "wrong SAN", "expired"] as const;

export type Identity = (typeof IDENTITIES)[number];

/** A server's certificate, its authority, and the clients' certificates. */
export interface Identities {
  readonly ca: string;
  readonly server: Pair;
  /** New certificate that replaces the server's certificate during the test. */
  readonly renewed: Pair;
  readonly clients: Readonly<Record<Identity, Pair | undefined>>;
}

/** Host name that the setting `client_allowed_sans` allows. */
export const ALLOWED_NAME = "client.test";

export function makeIdentities(folder: string): Identities {
  const [own, other] = [new Authority(folder, "own"), new Authority(folder, "other")];
  const alternatives = `DNS:${ALLOWED_NAME}`;
  const server = { name: "server", alternatives: "DNS:localhost,IP:127.0.0.1" };
  return {
    ca: own.pair.cert,
    server: own.issue(server),
    renewed: own.issue(server),
    clients: {
      "no certificate": undefined,
      "own CA": own.issue({ name: "client", alternatives }),
      "other CA": other.issue({ name: "foreign", alternatives }),
      "wrong SAN": own.issue({ name: "stranger", alternatives: "DNS:stranger.test" }),
      expired: own.issue({ name: "expired", alternatives, days: -1 }),
    },
  };
}
