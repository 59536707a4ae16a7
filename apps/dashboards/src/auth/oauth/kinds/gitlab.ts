import { isObject } from "../../../web/request-body.ts";
import { claimOf, type Claims, textsOf } from "../../external/claims.ts";
import { SignInError } from "../../external/external-account.ts";
import type { AccountSource, OAuthKind } from "../oauth-kind.ts";

const PAGE = 100;
/** Largest number of pages of groups that are read. */
const MAX_PAGES = 20;

/** GitLab. The groups are paths, such as `company/team`. */
export const gitlabKind: OAuthKind = {
  section: "auth.gitlab",
  provider: "oauth_gitlab",
  label: "GitLab",
  defaults: {
    scopes: "openid email profile",
    auth_url: "https://gitlab.com/oauth/authorize",
    token_url: "https://gitlab.com/oauth/token",
    api_url: "https://gitlab.com/api/v4",
  },
  async read(source) {
    const { idToken, settings, getJson } = source;
    const isOidc = Object.keys(idToken).length > 0;
    const answer = await getJson(
      isOidc ? new URL("/oauth/userinfo", settings.api_url).href : `${settings.api_url}/user`,
    );
    const user: Claims = isObject(answer) ? answer : {};
    if (!isOidc && claimOf(user, "state") !== "active") throw new SignInError("not-allowed");
    // An ID token names an address only if GitLab has checked it.
    const email = user["email_verified"] === false ? "" : claimOf(user, "email");
    const groups = isOidc ? textsOf(user["groups"]) : await groupsOf(source);
    return {
      subject: claimOf(user, "sub", "id"),
      login: claimOf(user, "nickname", "preferred_username", "username"),
      email,
      name: claimOf(user, "name"),
      groups,
      organizations: [],
      teamIds: [],
      claims: [{ ...user, groups }, idToken],
    };
  },
};

async function groupsOf({ settings, getJson }: AccountSource): Promise<readonly string[]> {
  const groups: string[] = [];
  for (let page = 1; page <= MAX_PAGES; page++) {
    const answer = await getJson(`${settings.api_url}/groups?min_access_level=10&per_page=${PAGE}&page=${page}`);
    const list = Array.isArray(answer) ? answer : [];
    for (const one of list) if (isObject(one)) groups.push(claimOf(one, "full_path"));
    if (list.length < PAGE) break;
  }
  return groups;
}
