import { isObject } from "../../../web/request-body.ts";
import { claimOf } from "../../external/claims.ts";
import { SignInError } from "../../external/external-account.ts";
import { listOf } from "../../external/role-mapping.ts";
import type { AccountSource, OAuthKind } from "../oauth-kind.ts";
import { accountIn, checkedUserInfo, hasVerified } from "./generic.ts";
import { type Groups, groupsOrError, listIn, MAX_PAGES } from "./pages.ts";

/** OAuth scope that allows to list the groups of an account. */
const GROUPS_SCOPE = "https://www.googleapis.com/auth/cloud-identity.groups.readonly";

/** Google, for accounts with a verified e-mail address, and optionally of one Workspace domain. */
export const googleKind: OAuthKind = {
  section: "auth.google",
  provider: "oauth_google",
  label: "Google",
  defaults: {
    scopes: "openid email profile",
    auth_url: "https://accounts.google.com/o/oauth2/v2/auth",
    token_url: "https://oauth2.googleapis.com/token",
    api_url: "https://openidconnect.googleapis.com/v1/userinfo",
    teams_url: "https://cloudidentity.googleapis.com/v1/groups/-/memberships:searchDirectGroups",
    jwk_set_url: "https://www.googleapis.com/oauth2/v3/certs",
  },
  signInParameters: ({ use_refresh_token: wantsRefresh, hosted_domain: hd }) => ({
    // Google returns a refresh token only if the request has these parameters.
    ...(wantsRefresh ? { access_type: "offline", prompt: "consent" } : {}),
    ...(hd === "" ? {} : { hd }),
  }),
  async read(source) {
    const { idToken, settings } = source;
    const user = Object.keys(idToken).length > 0 ? {} : await checkedUserInfo(source);
    const merged = { ...user, ...idToken };
    const data = await accountIn(source, [merged]);
    if (!hasVerified([idToken, user], data.email)) throw new SignInError("email-unverified");
    checkDomain(source, claimOf(merged, "hd"));
    const found = listOf(settings.scopes).includes(GROUPS_SCOPE)
      ? await groupsOrError(() => groupsOf(source, data.email))
      : { groups: data.groups };
    return { ...data, ...found, login: data.email, claims: [{ ...merged, groups: found.groups }] };
  },
};

/** Throws SignInError if the Workspace domain of an account is not allowed. Private accounts have no such domain. */
function checkDomain({ settings }: AccountSource, domain: string): void {
  const hd = domain.toLowerCase();
  const wanted = settings.hosted_domain.toLowerCase();
  const isWanted = wanted === "" || (wanted === "*" ? hd !== "" : hd === wanted);
  const allowed = listOf(settings.allowed_domains.toLowerCase());
  const isAllowed = !settings.validate_hd || allowed.length === 0 || allowed.includes(hd);
  if (!isWanted || !isAllowed) throw new SignInError("not-allowed");
}

/** Requests the email addresses of the groups of which an account is a direct member. */
async function groupsOf({ settings, call }: AccountSource, email: string): Promise<Groups> {
  const groups: string[] = [];
  const url = new URL(settings.teams_url);
  // The email address, escaped for a string in the query.
  const text = email.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
  url.searchParams.set("query", `member_key_id == '${text}'`);
  for (let page = 1; page <= MAX_PAGES; page++) {
    const { json } = await call(url.href);
    const answer = isObject(json) ? json : {};
    // Uses an empty list if the response has no `memberships`, as for an account without groups.
    for (const one of listIn(answer["memberships"] ?? [], url)) {
      const key = isObject(one) && isObject(one["groupKey"]) ? claimOf(one["groupKey"], "id") : "";
      if (key !== "") groups.push(key);
    }
    const next = claimOf(answer, "nextPageToken");
    if (next === "") return { groups };
    url.searchParams.set("pageToken", next);
  }
  return { groups, areGroupsOmitted: true };
}
