import type { OAuthKind } from "../oauth-kind.ts";
import { readGeneric } from "./generic.ts";

/** Okta. Its addresses contain the customer's domain, so they have no defaults. */
export const oktaKind: OAuthKind = {
  section: "auth.okta",
  provider: "oauth_okta",
  label: "Okta",
  defaults: { scopes: "openid profile email groups" },
  async read(source) {
    const data = await readGeneric(source);
    return { ...data, login: data.email };
  },
};
