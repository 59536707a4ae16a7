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

/** Returns the e-mail address, or the name of the account, which is an address of a domain that the tenant owns. */
function emailOf(idToken: Claims): string {
  // With the optional claim `xms_edov`, Microsoft says whether the tenant owns the domain of the address.
  const owned = idToken["xms_edov"];
  const isUnverified = owned !== undefined && ![true, 1, "1", "true"].some((value) => value === owned);
  return claimOf(idToken, ...(isUnverified ? [] : ["email"]), "preferred_username", "upn");
}

/** Returns the groups in the token. Requests them at Microsoft Graph if the token leaves them out because of their number. */
async function groupsOf(source: AccountSource): Promise<Groups> {
  const { idToken, settings } = source;
  const groups = textsOf(idToken["groups"]);
  const names = idToken["_claim_names"];
  const areOmitted = (isObject(names) && Object.hasOwn(names, "groups")) || idToken["hasgroups"] === true;
  if (!settings.force_use_graph_api && (groups.length > 0 || !areOmitted)) return { groups };
  return groupsOrError(() => graphGroups(source));
}

/** Returns the highest of the app roles that are also roles of this program; empty without one. */
function highestRole(roles: readonly string[]): string {
  const given = new Set(roles.map((role) => role.toLowerCase()));
  return ROLE_NAMES.find((name) => given.has(name.toLowerCase())) ?? "";
}
