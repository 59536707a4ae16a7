import { readFileSync } from "node:fs";
import type { Logger } from "@narthex/runtime";
import type { Context } from "../../context.ts";
import { SettingsError } from "../../settings/load-settings.ts";
import type { Settings } from "../../settings/setting-table.ts";
import { type ExternalAccount, SignInError } from "../external/external-account.ts";
import type { ExternalSignIn } from "../external/external-sign-in.ts";
import type { User } from "../users/users.ts";
import type { Ldap } from "./ldap.ts";
import { directorySignIn, type DirectoryUser } from "./directory.ts";
import { type LdapServer, ldapServers } from "./ldap-config.ts";

/** Opens the LDAP directories that the settings name. Throws SettingsError. */
export function openDirectories({ settings, host, logger }: Context, signIn: ExternalSignIn): Ldap {
  const file = settings["auth.ldap.config_file"];
  const read = (path: string): string => readFileSync(path, "utf8");
  let text: string;
  try {
    text = read(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SettingsError(`auth.ldap.config_file: ${reason}`, { cause });
  }
  return new Directories(ldapServers(file, text, { env: host.env, readFile: read }), { settings, logger, signIn });
}

interface DirectoriesParts {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly signIn: ExternalSignIn;
}

class Directories implements Ldap {
  readonly #servers: readonly LdapServer[];
  readonly #parts: DirectoriesParts;

  constructor(servers: readonly LdapServer[], parts: DirectoriesParts) {
    this.#servers = servers;
    this.#parts = parts;
  }

  async signIn(name: string, password: string): Promise<User | undefined> {
    const { settings, logger, signIn } = this.#parts;
    let unreachable: SignInError | undefined;
    for (const server of this.#servers) {
      let found: DirectoryUser | undefined;
      try {
        found = await directorySignIn(server, name, password);
      } catch (error) {
        if (!(error instanceof SignInError)) throw error;
        logger.error("An LDAP directory cannot be used", { host: server.host, port: server.port, err: error.cause });
        unreachable ??= error;
        continue;
      }
      if (found !== undefined)
        return signIn.userOf(this.#accountOf(server, found), settings["auth.ldap.allow_sign_up"], true);
    }
    if (unreachable !== undefined) throw unreachable;
    return undefined;
  }

  #accountOf(server: LdapServer, { dn, username, name, email, groups }: DirectoryUser): ExternalAccount {
    const { settings } = this.#parts;
    const account = { provider: "ldap", subject: dn, login: username, email, name, groups } as const;
    if (settings["auth.ldap.skip_org_role_sync"] || server.group_mappings.length === 0) return account;
    const own = new Set(groups.map((group) => group.toLowerCase()));
    const matching = server.group_mappings.filter(
      ({ group_dn: group }) => group === "*" || own.has(group.toLowerCase()),
    );
    // The first matching group determines the role. Users without a matching group may not sign in, as in Grafana.
    const [first] = matching;
    if (first === undefined) throw new SignInError("not-allowed");
    const isSetHere = server.group_mappings.every(({ grafana_admin: isAdmin }) => isAdmin === undefined);
    const isServerAdmin = matching.some(({ grafana_admin: isAdmin }) => isAdmin === true);
    return { ...account, role: first.org_role, ...(isSetHere ? {} : { isServerAdmin }) };
  }
}
