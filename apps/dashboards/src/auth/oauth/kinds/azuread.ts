import { isObject } from "../../../web/request-body.ts";
import { claimOf, textsOf } from "../../external/claims.ts";
import { SignInError } from "../../external/external-account.ts";
import { isRole, roleLevel } from "../../levels.ts";
import type { OAuthKind } from "../oauth-kind.ts";

/** Microsoft Entra ID. Roles are app roles in the claim `roles`, and organizations are tenants. */
export const azureadKind: OAuthKind = {
  section: "auth.azuread",
  provider: "oauth_azuread",
  label: "Microsoft",
  defaults: {
    scopes: "openid email profile",
    jwk_set_url: "https://login.microsoftonline.com/common/discovery/v2.0/keys",
    role_attribute_path: "role",
  },
  read({ idToken }) {
    const email = claimOf(idToken, "email", "preferred_username", "upn");
    // An account in more groups than a token can contain has none in its token.
    if (idToken["_claim_names"] !== undefined && email === "") throw new SignInError("no-account");
    const omitted = idToken["_claim_names"];
    const areGroupsOmitted = (isObject(omitted) && Object.hasOwn(omitted, "groups")) || idToken["hasgroups"] === true;
    const roles = textsOf(idToken["roles"]);
    return Promise.resolve({
      subject: claimOf(idToken, "oid", "sub"),
      login: email,
      email,
      name: claimOf(idToken, "name"),
      groups: textsOf(idToken["groups"]),
      areGroupsOmitted,
      organizations: textsOf(idToken["tid"]),
      teamIds: [],
      claims: [{ ...idToken, role: highestRole(roles) }],
    });
  },
};

/** Returns the highest of the app roles that are roles here; empty without one. */
function highestRole(roles: readonly string[]): string {
  if (roles.includes("GrafanaAdmin")) return "GrafanaAdmin";
  return roles.filter(isRole).toSorted((a, b) => roleLevel({ role: b }) - roleLevel({ role: a }))[0] ?? "";
}
