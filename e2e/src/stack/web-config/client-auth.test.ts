import { expect, test } from "vitest";
import type { Outcome } from "./clients.ts";
import { ALLOWED_NAME, IDENTITIES, type Identity, makeIdentities } from "./identities.ts";
import { Program, type Role, ROLES, type Side } from "./programs.ts";
import { lacks } from "../../support/requirements.ts";
import { Workplace } from "../../support/workplace.ts";

const TYPES = [
  "NoClientCert",
  "RequestClientCert",
  "RequireAnyClientCert",
  "VerifyClientCertIfGiven",
  "RequireAndVerifyClientCert",
] as const;

type ClientAuthType = (typeof TYPES)[number];

/** A TLS configuration: the client certificate policy, and whether only certain names are allowed. */
interface Terms {
  readonly type: ClientAuthType;
  readonly hasNames: boolean;
}

const ALL_TERMS: readonly Terms[] = TYPES.flatMap((type) => [
  { type, hasNames: false },
  { type, hasNames: true },
]);

const nameOf = ({ type, hasNames }: Terms): string => `${type}${hasNames ? " with client_allowed_sans" : ""}`;

/** Outcomes of connection attempts, by configuration and client identity. */
type Matrix = Record<string, Record<string, Outcome>>;

/** Returns the outcome that Go's rules for client certificates require. */
function expected({ type, hasNames }: Terms, identity: Identity): Outcome {
  if (type === "NoClientCert") return "admitted";
  if (identity === "no certificate") {
    return type.startsWith("Require") || hasNames ? "refused" : "admitted";
  }
  if (type.includes("Verify") && (identity === "other CA" || identity === "expired")) return "refused";
  return hasNames && identity === "wrong SAN" ? "refused" : "admitted";
}

const EXPECTED: Matrix = Object.fromEntries(
  ALL_TERMS.map((terms) => [
    nameOf(terms),
    Object.fromEntries(IDENTITIES.map((identity) => [identity, expected(terms, identity)])),
  ]),
);

class Scene implements Disposable {
  readonly workplace = new Workplace();
  readonly identities = makeIdentities(this.workplace.folder);

  constructor() {
    const { ca, server } = this.identities;
    for (const [name, text] of Object.entries({ "ca.pem": ca, "server.pem": server.cert, "server.key": server.key })) {
      this.workplace.write(name, text);
    }
  }

  /** Writes the configuration file of a program. Returns its path. */
  configure(role: Role, side: Side, { type, hasNames }: Terms): string {
    const settings = [
      "cert_file: server.pem",
      "key_file: server.key",
      `client_auth_type: ${type}`,
      ...(type === "NoClientCert" ? [] : ["client_ca_file: ca.pem"]),
      ...(hasNames ? [`client_allowed_sans: [${ALLOWED_NAME}]`] : []),
    ];
    const client = role === "cluster" ? "tls_client_config: {insecure_skip_verify: true}\n" : "";
    return this.workplace.write(`${role}-${side}.yml`, `tls_server_config:\n  ${settings.join("\n  ")}\n${client}`);
  }

  async outcomes(program: Program, identities: readonly Identity[]): Promise<Matrix[string]> {
    const found: Matrix[string] = {};
    const { ca, clients } = this.identities;
    for (const identity of identities) found[identity] = await program.admits({ ca, identity: clients[identity] });
    return found;
  }

  /** Uses one process whose configuration file is replaced for each case. Resolves with the outcomes. */
  async whileItRuns(role: Role, side: Side): Promise<Matrix> {
    await using program = await Program.start(role, side, this.workplace, this.configure(role, side, ALL_TERMS[0]!));
    const matrix: Matrix = {};
    for (const terms of ALL_TERMS) {
      this.configure(role, side, terms);
      matrix[nameOf(terms)] = await this.outcomes(program, IDENTITIES);
    }
    return matrix;
  }

  /** Uses a separate process for each configuration. Resolves with the outcomes. */
  async oneByOne(role: Role, side: Side): Promise<Matrix> {
    const matrix: Matrix = {};
    for (const terms of ALL_TERMS) {
      await using program = await Program.start(role, side, this.workplace, this.configure(role, side, terms));
      // The client without a certificate comes last. If names are required, this client makes the original program
      // crash.
      matrix[nameOf(terms)] = await this.outcomes(program, IDENTITIES.toReversed());
    }
    return matrix;
  }

  [Symbol.dispose](): void {
    this.workplace[Symbol.dispose]();
  }
}

test.each(ROLES)(
  "%s: every client_auth_type admits the same clients as Go, right after the file changes",
  async (role) => {
    using scene = new Scene();
    expect(await scene.whileItRuns(role, "ours")).toEqual(EXPECTED);
  },
);

test.skipIf(lacks("peers")).each(ROLES)("the original of %s admits the same clients clients", async (role) => {
  using scene = new Scene();
  // The original program is restarted for each cluster configuration, because it reads its cluster TLS file only once.
  const theirs = role === "cluster" ? await scene.oneByOne(role, "theirs") : await scene.whileItRuns(role, "theirs");
  expect(theirs).toEqual(EXPECTED);
});
