import type { OrgRole } from "@narthex/http";
import { isRole, roleLevel } from "../levels.ts";
import { ORG } from "../users/profile-view.ts";
import { type ExternalAccount, SignInError } from "./external-account.ts";
import { type Claims, textIn } from "./claims.ts";

/** Settings that determine an account's role from the provider's data. */
export interface RoleMapping {
  readonly role_attribute_path: string;
  readonly role_attribute_strict: boolean;
  readonly org_mapping: string;
  readonly allow_assign_grafana_admin: boolean;
  readonly skip_org_role_sync: boolean;
}

interface RoleSources {
  /** Data of the account from the provider. The role comes from the first part that contains a valid role. */
  readonly claims: readonly Claims[];
  readonly groups: readonly string[];
  /** The role of accounts for which the provider gives none. */
  readonly fallback: OrgRole;
  /** The name of the organization. */
  readonly organization: string;
}

/**
 * Returns the role and the right of server admins that the provider's data gives. Returns an empty object if this
 * program manages roles. Throws SignInError if a role is required, and the data gives none.
 */
export function mappedRole(
  mapping: RoleMapping,
  { claims, groups, fallback, organization }: RoleSources,
): Pick<ExternalAccount, "role" | "isServerAdmin"> {
  if (mapping.skip_org_role_sync) return {};
  const named = claims
    .map((part) => roleNamed(textIn(part, mapping.role_attribute_path)))
    .find((name) => name !== undefined);
  const isServerAdmin = named === SERVER_ADMIN && mapping.allow_assign_grafana_admin;
  const own = named === SERVER_ADMIN ? "Admin" : named;
  const role = [own, ...rolesOfGroups(mapping.org_mapping, groups, organization)].reduce(higher, undefined);
  if (role === undefined && mapping.role_attribute_strict) throw new SignInError("no-role");
  return { role: role ?? fallback, ...(mapping.allow_assign_grafana_admin ? { isServerAdmin } : {}) };
}

const SERVER_ADMIN = "GrafanaAdmin";

/** The names of roles in a provider's data, the highest first. */
export const ROLE_NAMES = [SERVER_ADMIN, "Admin", "Editor", "Viewer", "None"] as const;

/** Returns the role with a name, in upper or lower case as in Grafana; undefined without one. */
const roleNamed = (text: string): (typeof ROLE_NAMES)[number] | undefined =>
  ROLE_NAMES.find((name) => name.toLowerCase() === text.toLowerCase());

const higher = (a: OrgRole | undefined, b: OrgRole | undefined): OrgRole | undefined => {
  if (a === undefined || b === undefined) return a ?? b;
  return roleLevel({ role: b }) > roleLevel({ role: a }) ? b : a;
};

/** Returns the roles in the organization that entries such as `admins:Main Org.:Admin` give to groups. */
function rolesOfGroups(orgMapping: string, groups: readonly string[], ourName: string): readonly OrgRole[] {
  return listOf(orgMapping).flatMap((entry) => {
    // A group may contain colons, as an URN does, so the entry is read from its end.
    const [role = "", organization = "", ...group] = entry.split(":").toReversed();
    const isOurs = ["*", String(ORG.id), ourName].includes(organization);
    const name = group.toReversed().join(":");
    return isOurs && isRole(role) && (name === "*" || groups.includes(name)) ? [role] : [];
  });
}

/**
 * Returns the entries of a list in a setting: separated by commas or spaces, or a JSON list. An entry with spaces has
 * double quotes.
 */
export function listOf(text: string): readonly string[] {
  const trimmed = text.trim();
  if (trimmed.startsWith("[")) {
    try {
      const list: unknown = JSON.parse(trimmed);
      if (Array.isArray(list)) return list.filter((one) => typeof one === "string");
    } catch {
      // Not JSON: the text is a list of words, the first of which begins with a bracket.
    }
  }
  return [...trimmed.matchAll(/"([^"]*)"|[^\s,"]+/g)].map(([word, quoted]) => quoted ?? word);
}
