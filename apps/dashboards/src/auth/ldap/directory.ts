import { readFile } from "node:fs/promises";
import type { ConnectionOptions } from "node:tls";
import { Client, type Entry, ResultCodeError } from "ldapts";
import { SignInError } from "../external/external-account.ts";
import { dnWith, filterWith } from "./names-in-templates.ts";
import type { LdapServer } from "./ldap-config.ts";

/** A user's entry in a directory. */
export interface DirectoryUser {
  readonly dn: string;
  readonly username: string;
  readonly name: string;
  readonly email: string;
  /** DNs of the user's groups. */
  readonly groups: readonly string[];
}

/** Maximum number of a user's groups that are read. */
const MAX_GROUPS = 1000;

/**
 * Finds a user in a directory and checks the password. Returns undefined if the user does not exist or the password is
 * wrong. Rejects with SignInError if the directory cannot be reached or refuses the search.
 */
export async function directorySignIn(
  server: LdapServer,
  name: string,
  password: string,
): Promise<DirectoryUser | undefined> {
  // Refuses an empty password, because directories would accept it as an anonymous sign-in.
  if (name === "" || password === "") return undefined;
  const tlsOptions = await tlsOptionsOf(server).catch(unavailable);
  const client = new Client({
    url: `${server.use_ssl && !server.start_tls ? "ldaps" : "ldap"}://${hostOf(server)}:${server.port}`,
    timeout: server.timeout * 1000,
    connectTimeout: server.timeout * 1000,
    ...(server.use_ssl && !server.start_tls ? { tlsOptions } : {}),
  });
  try {
    if (server.start_tls) await client.startTLS(tlsOptions);
    const isOwnBind = server.bind_dn.includes("%s");
    if (isOwnBind) {
      const isRight = await isBound(client, dnWith(server.bind_dn, name), password);
      if (!isRight) return undefined;
    } else if (server.bind_dn !== "") await client.bind(server.bind_dn, server.bind_password);
    const entry = await foundUser(client, server, name);
    if (entry === undefined) return undefined;
    const groups = await groupsOf(client, server, entry);
    if (!isOwnBind && !(await isBound(client, entry.dn, password))) return undefined;
    const { attributes } = server;
    return {
      dn: entry.dn,
      username: firstOf(entry, attributes.username) || name,
      name: [firstOf(entry, attributes.name), firstOf(entry, attributes.surname)].filter((one) => one !== "").join(" "),
      email: firstOf(entry, attributes.email),
      groups,
    };
  } catch (cause) {
    return unavailable(cause);
  } finally {
    await client.unbind().catch(() => undefined);
  }
}

function unavailable(cause: unknown): never {
  throw cause instanceof SignInError ? cause : new SignInError("provider-unavailable", { cause });
}

/**
 * LDAP result codes with which directories refuse a sign-in: 19 and 53 for locked users, 32 and 34 for a DN without an
 * entry, 48 for an entry without a password, 49 for a wrong password.
 */
const REFUSALS = new Set([19, 32, 34, 48, 49, 53]);

async function isBound(client: Client, dn: string, password: string): Promise<boolean> {
  try {
    await client.bind(dn, password);
    return true;
  } catch (error) {
    if (error instanceof ResultCodeError && REFUSALS.has(error.code)) return false;
    throw error;
  }
}

/** Searches for a user's entry. Returns undefined if no entry or several entries have the name. */
async function foundUser(client: Client, server: LdapServer, name: string): Promise<Entry | undefined> {
  const filter = filterWith(server.search_filter, name);
  const { username, name: first, surname, email, member_of: memberOf } = server.attributes;
  const other = server.group_search_filter_user_attribute;
  const attributes = [username, first, surname, email, memberOf, other].filter((one) => one !== "");
  for (const base of server.search_base_dns) {
    const { searchEntries } = await client.search(base, { scope: "sub", filter, attributes, sizeLimit: 2 });
    if (searchEntries.length > 0) return searchEntries.length === 1 ? searchEntries[0] : undefined;
  }
  return undefined;
}

/** Returns the groups that the user's entry lists, or those that the group filter of the settings finds. */
async function groupsOf(client: Client, server: LdapServer, user: Entry): Promise<readonly string[]> {
  if (server.group_search_filter === "") return valuesOf(user, server.attributes.member_of).slice(0, MAX_GROUPS);
  const attribute = server.group_search_filter_user_attribute || server.attributes.username;
  const value = attribute.toLowerCase() === "dn" ? user.dn : firstOf(user, attribute);
  const filter = filterWith(server.group_search_filter, value);
  const groups: string[] = [];
  const bases = server.group_search_base_dns.length > 0 ? server.group_search_base_dns : server.search_base_dns;
  for (const base of bases) {
    const { searchEntries } = await client.search(base, {
      scope: "sub",
      filter,
      attributes: ["cn"],
      sizeLimit: MAX_GROUPS,
    });
    for (const { dn } of searchEntries) groups.push(dn);
  }
  return groups;
}

/** Returns the values of an attribute. Attribute names are compared without upper and lower case. */
function valuesOf(entry: Entry, attribute: string): readonly string[] {
  if (attribute.toLowerCase() === "dn") return [entry.dn];
  const key = Object.keys(entry).find((one) => one.toLowerCase() === attribute.toLowerCase());
  return key === undefined ? [] : [entry[key] ?? []].flat().map(String);
}

const firstOf = (entry: Entry, attribute: string): string => valuesOf(entry, attribute)[0] ?? "";

const hostOf = ({ host }: LdapServer): string => {
  const [first = ""] = host.split(" ", 1);
  return first.includes(":") && !first.startsWith("[") ? `[${first}]` : first;
};

async function tlsOptionsOf(server: LdapServer): Promise<ConnectionOptions> {
  const pem = async (path: string): Promise<Buffer | undefined> => (path === "" ? undefined : readFile(path));
  const [ca, cert, key] = [await pem(server.root_ca_cert), await pem(server.client_cert), await pem(server.client_key)];
  return {
    rejectUnauthorized: !server.ssl_skip_verify,
    servername: server.host,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}
