import type { OrgRole } from "@narthex/http";
import { parse } from "smol-toml";
import { type ExpansionSources, expandSetting } from "../../settings/expansion.ts";
import { SettingsError } from "../../settings/load-settings.ts";
import { isObject } from "../../web/request-body.ts";
import { isRole } from "../levels.ts";

/** A directory server in `ldap.toml`. The property names are those of Grafana's file. */
export interface LdapServer {
  readonly host: string;
  readonly port: number;
  readonly use_ssl: boolean;
  readonly start_tls: boolean;
  readonly ssl_skip_verify: boolean;
  readonly root_ca_cert: string;
  readonly client_cert: string;
  readonly client_key: string;
  readonly bind_dn: string;
  readonly bind_password: string;
  readonly timeout: number;
  readonly search_filter: string;
  readonly search_base_dns: readonly string[];
  readonly group_search_filter: string;
  readonly group_search_filter_user_attribute: string;
  readonly group_search_base_dns: readonly string[];
  readonly attributes: LdapAttributes;
  readonly group_mappings: readonly GroupMapping[];
}

interface LdapAttributes {
  readonly username: string;
  readonly name: string;
  readonly surname: string;
  readonly email: string;
  readonly member_of: string;
}

interface GroupMapping {
  /** DN of the group; `*` for all users. */
  readonly group_dn: string;
  readonly org_role: OrgRole;
  /** Whether members of the group are admins of the server; undefined if this right is managed in this program. */
  readonly grafana_admin: boolean | undefined;
}

/**
 * Parses `ldap.toml`. References such as `${NAME}` and `$__file{/path}` are replaced. Throws SettingsError with the file
 * and the place of the problem.
 */
export function ldapServers(file: string, text: string, sources: ExpansionSources): readonly LdapServer[] {
  let root: unknown;
  try {
    root = parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.trim() : String(cause);
    throw new SettingsError(`${file}: ${reason}`, { cause });
  }
  const servers = isObject(root) ? root["servers"] : undefined;
  if (!Array.isArray(servers) || servers.length === 0)
    throw new SettingsError(`${file}: add a section [[servers]] with the host of the directory`);
  return servers.map((server: unknown, i) => serverOf(new Section(`${file}: servers[${i}]`, server, sources)));
}

function serverOf(section: Section): LdapServer {
  const isSecure = section.flag("use_ssl");
  const server = {
    host: section.text("host"),
    port: section.number("port", isSecure && !section.flag("start_tls") ? 636 : 389),
    use_ssl: isSecure,
    start_tls: section.flag("start_tls"),
    ssl_skip_verify: section.flag("ssl_skip_verify"),
    root_ca_cert: section.text("root_ca_cert"),
    client_cert: section.text("client_cert"),
    client_key: section.text("client_key"),
    bind_dn: section.text("bind_dn"),
    bind_password: section.text("bind_password"),
    timeout: section.number("timeout", 10),
    search_filter: section.text("search_filter"),
    search_base_dns: section.texts("search_base_dns"),
    group_search_filter: section.text("group_search_filter"),
    group_search_filter_user_attribute: section.text("group_search_filter_user_attribute"),
    group_search_base_dns: section.texts("group_search_base_dns"),
    attributes: attributesOf(section.part("attributes")),
    group_mappings: section.parts("group_mappings").map(mappingOf),
  };
  if (server.host === "") throw section.problem("host", "set the address of the directory");
  if (server.search_filter === "") throw section.problem("search_filter", "set a filter, such as (cn=%s)");
  if (server.search_base_dns.length === 0)
    throw section.problem("search_base_dns", "set the DNs below which users are");
  return server;
}

const attributesOf = (section: Section): LdapAttributes => ({
  username: section.text("username", "cn"),
  name: section.text("name", "givenName"),
  surname: section.text("surname", "sn"),
  email: section.text("email", "mail"),
  member_of: section.text("member_of", "memberOf"),
});

function mappingOf(section: Section): GroupMapping {
  const role = section.text("org_role");
  if (!isRole(role)) throw section.problem("org_role", "set Admin, Editor, Viewer or None");
  const organization = section.number("org_id", 1);
  if (organization !== 1) throw section.problem("org_id", "there is only the organization 1");
  return {
    group_dn: section.text("group_dn"),
    org_role: role,
    grafana_admin: section.has("grafana_admin") ? section.flag("grafana_admin") : undefined,
  };
}

/** A table of the LDAP configuration file. Its methods check the types of the values that they read. */
class Section {
  readonly #place: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #sources: ExpansionSources;

  constructor(place: string, value: unknown, sources: ExpansionSources) {
    this.#place = place;
    this.#values = isObject(value) ? value : {};
    this.#sources = sources;
  }

  problem(key: string, remedy: string): SettingsError {
    return new SettingsError(`${this.#place}.${key}: ${remedy}`);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#values, key);
  }

  text(key: string, fallback = ""): string {
    const value = this.has(key) ? this.#values[key] : fallback;
    if (typeof value !== "string") throw this.problem(key, "write a text in quotes");
    return expandSetting(value, this.#sources);
  }

  flag(key: string): boolean {
    const value = this.has(key) ? this.#values[key] : false;
    if (typeof value !== "boolean") throw this.problem(key, "write true or false");
    return value;
  }

  number(key: string, fallback: number): number {
    const value = this.has(key) ? this.#values[key] : fallback;
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 65_535)
      throw this.problem(key, "write a whole number");
    return value;
  }

  texts(key: string): readonly string[] {
    const value = this.has(key) ? this.#values[key] : [];
    if (!Array.isArray(value) || value.some((one) => typeof one !== "string"))
      throw this.problem(key, "write a list of texts in quotes");
    return value.map((one) => expandSetting(String(one), this.#sources));
  }

  part(key: string): Section {
    return new Section(`${this.#place}.${key}`, this.#values[key], this.#sources);
  }

  parts(key: string): readonly Section[] {
    const value = this.has(key) ? this.#values[key] : [];
    if (!Array.isArray(value)) throw this.problem(key, "write [[servers.group_mappings]]");
    return value.map((one: unknown, i) => new Section(`${this.#place}.${key}[${i}]`, one, this.#sources));
  }
}
