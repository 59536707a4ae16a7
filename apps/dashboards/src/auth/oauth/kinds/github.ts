import { isObject } from "../../../web/request-body.ts";
import { claimOf, type Claims } from "../../external/claims.ts";
import type { AccountSource, OAuthKind } from "../oauth-kind.ts";

const PAGE = 100;
/** Largest number of pages of a list that are read. */
const MAX_PAGES = 20;

/** GitHub, which has OAuth 2.0 without OpenID Connect. A team is the group `@organization/team`. */
export const githubKind: OAuthKind = {
  section: "auth.github",
  provider: "oauth_github",
  label: "GitHub",
  defaults: {
    scopes: "user:email read:org",
    auth_url: "https://github.com/login/oauth/authorize",
    token_url: "https://github.com/login/oauth/access_token",
    api_url: "https://api.github.com/user",
  },
  async read(source) {
    const { settings, getJson } = source;
    const answer = await getJson(settings.api_url);
    const user: Claims = isObject(answer) ? answer : {};
    const teams = await listOf(source, `${settings.api_url}/teams`);
    const organizations = settings.allowed_organizations === "" ? [] : await listOf(source, `${settings.api_url}/orgs`);
    const groups = teams.flatMap(groupsOfTeam);
    return {
      subject: claimOf(user, "id"),
      login: claimOf(user, "login"),
      email: await emailOf(source, user),
      name: claimOf(user, "name"),
      groups,
      organizations: organizations.map((one) => claimOf(one, "login")),
      teamIds: teams.map((team) => claimOf(team, "id")),
      claims: [{ ...user, groups }],
    };
  },
};

/** Returns both names of a team that Grafana accepts as groups. */
function groupsOfTeam(team: Claims): readonly string[] {
  const organization = isObject(team["organization"]) ? claimOf(team["organization"], "login") : "";
  const slug = claimOf(team, "slug");
  return [`https://github.com/orgs/${organization}/teams/${slug}`, `@${organization}/${slug}`];
}

/** Returns the primary address, which GitHub has checked. The profile has no address if the user hides it. */
async function emailOf(source: AccountSource, user: Claims): Promise<string> {
  const shown = claimOf(user, "email");
  if (shown !== "") return shown;
  const emails = await listOf(source, `${source.settings.api_url}/emails`);
  return claimOf(emails.find((one) => one["primary"] === true && one["verified"] === true) ?? {}, "email");
}

async function listOf({ getJson }: AccountSource, url: string): Promise<readonly Claims[]> {
  const found: Claims[] = [];
  for (let page = 1; page <= MAX_PAGES; page++) {
    const answer = await getJson(`${url}?per_page=${PAGE}&page=${page}`);
    const list = Array.isArray(answer) ? answer : [];
    for (const one of list) if (isObject(one)) found.push(one);
    if (list.length < PAGE) break;
  }
  return found;
}
