import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { eventually, Fatal } from "./eventually.ts";
import { freePort } from "./ports.ts";
import { slapd } from "./requirements.ts";
import { Running } from "./running.ts";
import type { Workplace } from "./workplace.ts";

export const LDAP_BASE = "dc=example,dc=org";
export const LDAP_ADMIN = `cn=admin,${LDAP_BASE}`;
export const LDAP_ADMIN_PASSWORD = "directory";

/** An OpenLDAP server of one test, with users and groups. */
export class LdapServer implements AsyncDisposable {
  readonly port: number;
  readonly #config: string;
  #running: Running;

  private constructor(port: number, config: string) {
    this.port = port;
    this.#config = config;
    this.#running = this.#serve();
  }

  /**
   * Starts a server.
   *
   * @param users passwords by user name
   * @param groups members by group name
   */
  static async start(
    workplace: Workplace,
    users: Readonly<Record<string, string>>,
    groups: Readonly<Record<string, readonly string[]>>,
  ): Promise<LdapServer> {
    const data = workplace.path("directory");
    mkdirSync(data, { recursive: true });
    const config = workplace.write("slapd.conf", configuration(workplace.path("."), data));
    const ldif = workplace.write("directory.ldif", entries(users, groups));
    execFileSync(join(slapd, "../slapadd"), ["-f", config, "-l", ldif], { stdio: "pipe" });
    const server = new LdapServer(await freePort(), config);
    await server.#answers();
    return server;
  }

  #serve(): Running {
    // With -d, slapd stays in the foreground, so that the test can stop it.
    return new Running(slapd, ["-f", this.#config, "-h", `ldap://127.0.0.1:${this.port}`, "-d", "0"]);
  }

  async #answers(): Promise<void> {
    await eventually("slapd answers", async () => {
      if (this.#running.hasEnded) throw new Fatal(this.#running.output);
      await new Promise<void>((resolve, reject) => {
        const socket = connect(this.port, "127.0.0.1", () => (socket.destroy(), resolve()));
        socket.once("error", reject);
      });
    });
  }

  async stop(): Promise<void> {
    this.#running.kill("SIGTERM");
    await this.#running.ended;
  }

  async startAgain(): Promise<void> {
    this.#running = this.#serve();
    await this.#answers();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running[Symbol.asyncDispose]();
  }
}

const configuration = (folder: string, data: string): string => `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile ${folder}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
database mdb
maxsize 10485760
suffix "${LDAP_BASE}"
rootdn "${LDAP_ADMIN}"
rootpw ${LDAP_ADMIN_PASSWORD}
directory ${data}
overlay memberof
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="${LDAP_ADMIN}" read by users read by * none
`;

function entries(users: Readonly<Record<string, string>>, groups: Readonly<Record<string, readonly string[]>>): string {
  const base = [`dn: ${LDAP_BASE}`, "objectClass: dcObject", "objectClass: organization", "dc: example", "o: Example"];
  const people = Object.entries(users).map(([name, password]) => [
    `dn: cn=${name},${LDAP_BASE}`,
    "objectClass: inetOrgPerson",
    `cn: ${name}`,
    `givenName: ${name.toUpperCase()}`,
    "sn: Example",
    `mail: ${name}@example.org`,
    `userPassword: ${password}`,
    ...Object.entries(groups)
      .filter(([, members]) => members.includes(name))
      .map(([group]) => `memberOf: cn=${group},${LDAP_BASE}`),
  ]);
  const teams = Object.entries(groups).map(([name, members]) => [
    `dn: cn=${name},${LDAP_BASE}`,
    "objectClass: groupOfNames",
    `cn: ${name}`,
    ...members.map((member) => `member: cn=${member},${LDAP_BASE}`),
  ]);
  return [base, ...people, ...teams].map((lines) => `${lines.join("\n")}\n`).join("\n");
}
