import { isObject } from "../../../web/request-body.ts";
import { claimOf } from "../../external/claims.ts";
import { SignInError } from "../../external/external-account.ts";
import type { OAuthKind } from "../oauth-kind.ts";
import { readGeneric } from "./generic.ts";

/** Google, for accounts with a checked e-mail address, and optionally of one Workspace domain. */
export const googleKind: OAuthKind = {
  section: "auth.google",
  provider: "oauth_google",
  label: "Google",
  defaults: {
    scopes: "openid email profile",
    auth_url: "https://accounts.google.com/o/oauth2/v2/auth",
    token_url: "https://oauth2.googleapis.com/token",
    api_url: "https://openidconnect.googleapis.com/v1/userinfo",
    jwk_set_url: "https://www.googleapis.com/oauth2/v3/certs",
  },
  async read(source) {
    const data = await readGeneric(source);
    const isChecked = data.claims.some((part) => part["email_verified"] === true);
    const domain = data.claims.map((part) => (isObject(part) ? claimOf(part, "hd") : "")).find((hd) => hd !== "") ?? "";
    const wanted = source.settings.hosted_domain;
    if (!isChecked || (wanted !== "" && domain.toLowerCase() !== wanted.toLowerCase()))
      throw new SignInError("not-allowed");
    return { ...data, login: data.email };
  },
};
