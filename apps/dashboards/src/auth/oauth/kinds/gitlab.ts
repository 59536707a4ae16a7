import { isObject } from "../../../web/request-body.ts";
import { claimOf, type Claims, textsOf } from "../../external/claims.ts";
import { SignInError } from "../../external/external-account.ts";
import { listOf } from "../../external/role-mapping.ts";
import type { AccountData, AccountSource, OAuthKind } from "../oauth-kind.ts";
import { checkSubject, hasVerified } from "./generic.ts";
import { pagedList } from "./pages.ts";

const SIGN_IN_PATH = "/oauth/authorize";
const USER_INFO_PATH = "/oauth/userinfo";

/** GitLab. The groups are full paths, such as `company/team`. */
export const gitlabKind: OAuthKind = {
  section: "auth.gitlab",
  provider: "oauth_gitlab",
  label: "GitLab",
  defaults: {
    scopes: "openid email profile",
    auth_url: `https://gitlab.com${SIGN_IN_PATH}`,
    token_url: "https://gitlab.com/oauth/token",
    api_url: "https://gitlab.com/api/v4",
  },
  // Uses OpenID Connect if the scopes contain `openid`. The presence of an ID token does not decide, because a refresh
  // may return none.
  read: (source) => (listOf(source.settings.scopes).includes("openid") ? readUserInfo(source) : readApi(source)),
};

/** Reads the account after a sign-in with OpenID Connect. */
async function readUserInfo({ idToken, settings, userInfoUrl, call }: AccountSource): Promise<AccountData> {
  // If the discovery document names no UserInfo address, it is computed from the address of the sign-in page. A GitLab
  // that is installed under a path has this path in all addresses.
  const { json } = await call(userInfoUrl || settings.auth_url.replace(SIGN_IN_PATH, USER_INFO_PATH));
  const user: Claims = isObject(json) ? json : {};
  checkSubject(idToken, user);
  const email = claimOf(user, "email") || claimOf(idToken, "email");
  if (!hasVerified([user, idToken], email)) throw new SignInError("email-unverified");
  const groups = textsOf(user["groups"]);
  return {
    subject: claimOf(user, "sub"),
    login: claimOf(user, "preferred_username", "nickname") || claimOf(idToken, "preferred_username", "nickname"),
    email,
    name: claimOf(user, "name") || claimOf(idToken, "name"),
    groups,
    organizations: [],
    teamIds: [],
    claims: [{ ...idToken, ...user, groups }],
  };
}

/** Reads the account after a sign-in without OpenID Connect, which uses a scope such as `read_api`. */
async function readApi(source: AccountSource): Promise<AccountData> {
  const { settings, call } = source;
  const { json } = await call(`${settings.api_url}/user`);
  const user: Claims = isObject(json) ? json : {};
  // `confirmed_at` is empty until the user has confirmed the email address.
  if (claimOf(user, "confirmed_at") === "") throw new SignInError("email-unverified");
  if (claimOf(user, "state") !== "active") throw new SignInError("not-allowed");
  const list = await pagedList(source, `${settings.api_url}/groups?min_access_level=10`, (group) => {
    const path = claimOf(group, "full_path");
    return path === "" ? [] : [path];
  });
  return {
    subject: claimOf(user, "id"),
    login: claimOf(user, "username"),
    email: claimOf(user, "email"),
    name: claimOf(user, "name"),
    groups: list.entries,
    areGroupsOmitted: list.isCut,
    organizations: [],
    teamIds: [],
    claims: [{ ...user, groups: list.entries }],
  };
}
