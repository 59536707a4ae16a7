import { claimOf } from "../../external/claims.ts";
import type { OAuthKind } from "../oauth-kind.ts";
import { accountIn, checkedUserInfo } from "./generic.ts";

/** Okta. Its addresses contain the customer's domain, so they have no defaults. */
export const oktaKind: OAuthKind = {
  section: "auth.okta",
  provider: "oauth_okta",
  label: "Okta",
  defaults: { scopes: "openid profile email groups" },
  needsOfflineScope: true,
  async read(source) {
    const { idToken } = source;
    const user = await checkedUserInfo(source);
    // All claims of the account. Okta omits claims from an ID token that it returns together with an access token.
    const merged = { ...idToken, ...user };
    const data = await accountIn(source, [merged]);
    const email = data.email === "" ? claimOf(merged, "preferred_username") : data.email;
    return { ...data, email, login: email };
  },
};
