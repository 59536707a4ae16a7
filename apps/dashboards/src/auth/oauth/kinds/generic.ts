import { isObject } from "../../../web/request-body.ts";
import { claimOf, type Claims, textIn, textsIn, textsOf } from "../../external/claims.ts";
import { SignInError } from "../../external/external-account.ts";
import type { AccountData, AccountSource, OAuthKind } from "../oauth-kind.ts";

/** Any provider of OAuth 2.0 or OpenID Connect. */
export const genericKind: OAuthKind = {
  section: "auth.generic_oauth",
  provider: "oauth_generic_oauth",
  label: "OAuth",
  defaults: { scopes: "user:email" },
  read: readGeneric,
};

/**
 * Reads an account from the ID token, the UserInfo at api_url and the access token. Each property comes from the first
 * of these that has it.
 */
export async function readGeneric(source: AccountSource): Promise<AccountData> {
  const { settings, idToken, accessToken } = source;
  const claims = [idToken, await userInfo(source), accessToken].filter((part) => Object.keys(part).length > 0);
  const subjects = new Set(claims.map((part) => claimOf(part, "sub", "id")).filter((subject) => subject !== ""));
  // An answer about another account than that of the ID token is not from this sign-in.
  if (subjects.size > 1 && claimOf(idToken, "sub") !== "") throw new SignInError("provider-refused");
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

async function userInfo({ settings, getJson }: AccountSource): Promise<Claims> {
  const answer = settings.api_url === "" ? {} : await getJson(settings.api_url);
  return isObject(answer) ? answer : {};
}

/** Returns the address in `email`, in a list of `attributes`, or in `upn`. */
function emailOf(part: Claims, attribute: string): string {
  const attributes = isObject(part["attributes"]) ? part["attributes"] : {};
  return claimOf(part, "email") || (textsOf(attributes[attribute])[0] ?? "") || mailIn(claimOf(part, "upn"));
}

const mailIn = (text: string): string => (text.includes("@") ? text : "");

async function organizationsOf({ settings, getJson }: AccountSource): Promise<readonly string[]> {
  const answer = settings.api_url === "" ? [] : await getJson(`${settings.api_url}/orgs`);
  return Array.isArray(answer) ? answer.flatMap((one) => (isObject(one) ? textsOf(one["login"]) : [])) : [];
}

async function teamIdsOf({ settings, getJson }: AccountSource): Promise<readonly string[]> {
  if (settings.teams_url === "") return [];
  const answer = await getJson(settings.teams_url);
  return textsIn(answer as Claims, settings.team_ids_attribute_path);
}
