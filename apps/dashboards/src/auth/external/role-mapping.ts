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
  /**
   * Data of the account from the provider, in several parts. The role comes from the first part that contains a valid
   * role.
   */
  readonly claims: readonly Claims[];
  readonly groups: readonly string[];
  /** Role of accounts for which the provider's data contains no role. */
  readonly fallback: OrgRole;
  /** The name of the organization. */
  readonly organization: string;
}

/**
 * Returns the role, and whether the account is a server admin, according to the provider's data. Returns an empty
 * object if roles are managed in this program. Throws SignInError if a role is required but missing.
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

/**
 * Returns the role with this name, regardless of upper and lower case, as in Grafana. Returns undefined for an unknown
 * name.
 */
const roleNamed = (text: string): (typeof ROLE_NAMES)[number] | undefined =>
  ROLE_NAMES.find((name) => name.toLowerCase() === text.toLowerCase());

const higher = (a: OrgRole | undefined, b: OrgRole | undefined): OrgRole | undefined => {
  if (a === undefined || b === undefined) return a ?? b;
  return roleLevel({ role: b }) > roleLevel({ role: a }) ? b : a;
};

/** Returns the roles that `org_mapping` entries such as `admins:Main Org.:Admin` assign to members of these groups. */
function rolesOfGroups(orgMapping: string, groups: readonly string[], ourName: string): readonly OrgRole[] {
  return listOf(orgMapping).flatMap((entry) => {
    // The entry is split from its end, because a group name may contain colons, for example in a URN.
    const [role = "", organization = "", ...group] = entry.split(":").toReversed();
    const isOurs = ["*", String(ORG.id), ourName].includes(organization);
    const name = group.toReversed().join(":");
    return isOurs && isRole(role) && (name === "*" || groups.includes(name)) ? [role] : [];
  });
}

/**
 * Parses a setting that is a list: entries separated by commas or spaces, or a JSON list. An entry with spaces is in
 * double quotes.
 */
export function listOf(text: string): readonly string[] {
  const trimmed = text.trim();
  if (trimmed.startsWith("[")) {
    try {
      const list: unknown = JSON.parse(trimmed);
      if (Array.isArray(list)) return list.filter((one) => typeof one === "string");
    } catch {
      // Ignores the parser's error: the text is not JSON, but a list of words whose first word begins with a bracket.
    }
  }
  return [...trimmed.matchAll(/"([^"]*)"|[^\s,"]+/g)].map(([word, quoted]) => quoted ?? word);
}
