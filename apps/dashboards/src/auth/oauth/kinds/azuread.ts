import { isObject } from "../../../web/request-body.ts";
import { claimOf, type Claims, textsOf } from "../../external/claims.ts";
import { SignInError } from "../../external/external-account.ts";
import { ROLE_NAMES } from "../../external/role-mapping.ts";
import type { AccountSource, OAuthKind } from "../oauth-kind.ts";
import { graphGroups } from "./microsoft-graph.ts";
import { type Groups, groupsOrError } from "./pages.ts";

const SIGN_IN_PATH = "/oauth2/v2.0/authorize";
const KEYS_PATH = "/discovery/v2.0/keys";

/** Microsoft Entra ID. Roles are app roles in the claim `roles`, and organizations are tenants. */
export const azureadKind: OAuthKind = {
  section: "auth.azuread",
  provider: "oauth_azuread",
  label: "Microsoft",
  defaults: { scopes: "openid email profile", role_attribute_path: "role" },
  needsOfflineScope: true,
  keysUrl: ({ auth_url: url }) =>
    url.endsWith(SIGN_IN_PATH)
      ? `${url.slice(0, -SIGN_IN_PATH.length)}${KEYS_PATH}`
      : `https://login.microsoftonline.com/common${KEYS_PATH}`,
  signInParameters: ({ domain_hint: hint }) => (hint === "" ? {} : { domain_hint: hint }),
  async read(source) {
    const { idToken } = source;
    if (claimOf(idToken, "ver") === "1.0") {
      const cause = new Error("the ID token has version 1.0: set auth_url and token_url to the addresses with v2.0");
      throw new SignInError("provider-refused", { cause });
    }
    const email = emailOf(idToken);
    const found = await groupsOf(source);
    return {
      subject: claimOf(idToken, "oid", "sub"),
      login: email,
      email,
      name: claimOf(idToken, "name"),
      ...found,
      organizations: textsOf(idToken["tid"]),
      teamIds: [],
      claims: [{ ...idToken, groups: found.groups, role: highestRole(textsOf(idToken["roles"])) }],
    };
  },
};

/** Returns the account's email address, or the account's name, which is an address in a domain of the tenant. */
function emailOf(idToken: Claims): string {
  // The optional claim `xms_edov`: whether the tenant owns the domain of the address, according to Microsoft.
  const owned = idToken["xms_edov"];
  const isUnverified = owned !== undefined && ![true, 1, "1", "true"].some((value) => value === owned);
  return claimOf(idToken, ...(isUnverified ? [] : ["email"]), "preferred_username", "upn");
}

/**
 * Returns the groups in the token. If the token omits them because there are too many, requests them from Microsoft
 * Graph.
 */
async function groupsOf(source: AccountSource): Promise<Groups> {
  const { idToken, settings } = source;
  const groups = textsOf(idToken["groups"]);
  const names = idToken["_claim_names"];
  const areOmitted = (isObject(names) && Object.hasOwn(names, "groups")) || idToken["hasgroups"] === true;
  if (!settings.force_use_graph_api && (groups.length > 0 || !areOmitted)) return { groups };
  return groupsOrError(() => graphGroups(source));
}

/** Returns the highest app role that is also a role of this program; empty if the account has no such role. */
function highestRole(roles: readonly string[]): string {
  const given = new Set(roles.map((role) => role.toLowerCase()));
  return ROLE_NAMES.find((name) => given.has(name.toLowerCase())) ?? "";
}
