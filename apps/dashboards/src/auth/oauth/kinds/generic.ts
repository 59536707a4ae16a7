import { isObject } from "../../../web/request-body.ts";
import { claimOf, type Claims, textIn, textsIn, textsOf } from "../../external/claims.ts";
import { SignInError } from "../../external/external-account.ts";
import type { AccountData, AccountSource, OAuthKind } from "../oauth-kind.ts";
import { listIn } from "./pages.ts";

/** Any provider of OAuth 2.0 or OpenID Connect. */
export const genericKind: OAuthKind = {
  section: "auth.generic_oauth",
  provider: "oauth_generic_oauth",
  label: "OAuth",
  defaults: { scopes: "user:email" },
  async read(source) {
    return accountIn(source, [source.idToken, await checkedUserInfo(source), source.accessToken]);
  },
};

/**
 * Reads an account from the ID token, the UserInfo response and the access token. Each property comes from the first of
 * these parts that contains it.
 */
export async function accountIn(source: AccountSource, parts: readonly Claims[]): Promise<AccountData> {
  const { settings } = source;
  const claims = parts.filter((part) => Object.keys(part).length > 0);
  const first = (read: (part: Claims) => string): string => claims.map(read).find((text) => text !== "") ?? "";
  const firstList = (path: string, read: (part: Claims) => readonly string[]): readonly string[] =>
    claims.map((part) => (path === "" ? read(part) : textsIn(part, path))).find((list) => list.length > 0) ?? [];
  const email = first(
    (part) => textIn(part, settings.email_attribute_path) || emailOf(part, settings.email_attribute_name),
  );
  const login = first(
    (part) => textIn(part, settings.login_attribute_path) || claimOf(part, "login", "username", "preferred_username"),
  );
  return {
    subject: first((part) => claimOf(part, "sub", "id")),
    login: login === "" ? email : login,
    email,
    name: first((part) => textIn(part, settings.name_attribute_path) || claimOf(part, "name", "display_name")),
    groups: firstList(settings.groups_attribute_path, (part) => textsOf(part["groups"])),
    organizations: settings.allowed_organizations === "" ? [] : await organizationsOf(source),
    teamIds: settings.team_ids === "" ? [] : await teamIdsOf(source),
    claims,
  };
}

/** Requests the UserInfo at api_url. Rejects with SignInError if it belongs to another account than the ID token. */
export async function checkedUserInfo({ settings, idToken, call }: AccountSource): Promise<Claims> {
  if (settings.api_url === "") return {};
  const { json } = await call(settings.api_url);
  const user: Claims = isObject(json) ? json : {};
  checkSubject(idToken, user);
  return user;
}

/**
 * Throws SignInError if the UserInfo belongs to another account than the ID token. The subject of the access token is
 * not compared: with Okta it is the login, and with Microsoft another id.
 */
export function checkSubject(idToken: Claims, user: Claims): void {
  const subjects = [claimOf(idToken, "sub"), claimOf(user, "sub", "id")];
  if (!subjects.includes("") && subjects[0] !== subjects[1]) {
    const cause = new Error("the UserInfo is about another account than the ID token");
    throw new SignInError("provider-refused", { cause });
  }
}

/** Reports whether the provider's data contains the email address as verified. */
export const hasVerified = (parts: readonly Claims[], email: string): boolean =>
  email !== "" &&
  parts.some(
    (part) => claimOf(part, "email") === email && (part["email_verified"] === true || part["verified_email"] === true),
  );

/** Returns the email address in the claim `email`, in a list of `attributes`, or in the claim `upn`. */
function emailOf(part: Claims, attribute: string): string {
  const attributes = isObject(part["attributes"]) ? part["attributes"] : {};
  return claimOf(part, "email") || (textsOf(attributes[attribute])[0] ?? "") || mailIn(claimOf(part, "upn"));
}

const mailIn = (text: string): string => (text.includes("@") ? text : "");

async function organizationsOf({ settings, call }: AccountSource): Promise<readonly string[]> {
  if (settings.api_url === "") return [];
  const url = new URL(`${settings.api_url}/orgs`);
  const { json } = await call(url.href);
  return listIn(json, url).flatMap((one) => (isObject(one) ? textsOf(one["login"]) : []));
}

async function teamIdsOf({ settings, call }: AccountSource): Promise<readonly string[]> {
  if (settings.teams_url === "") return [];
  const { json } = await call(settings.teams_url);
  return textsIn(json as Claims, settings.team_ids_attribute_path);
}
