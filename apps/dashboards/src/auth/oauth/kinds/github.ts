import { isObject } from "../../../web/request-body.ts";
import { claimOf, type Claims } from "../../external/claims.ts";
import type { AccountSource, OAuthKind } from "../oauth-kind.ts";
import { pagedList } from "./pages.ts";

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
  ignoresCase: true,
  async read(source) {
    const { settings, call } = source;
    const { json } = await call(settings.api_url);
    const user: Claims = isObject(json) ? json : {};
    const teams = await pagedList(source, `${settings.api_url}/teams`, (team) => [
      { ids: idsOfTeam(team), groups: groupsOfTeam(team) },
    ]);
    const organizations =
      settings.allowed_organizations === ""
        ? []
        : (await pagedList(source, `${settings.api_url}/orgs`, (one) => [claimOf(one, "login")])).entries;
    const groups = teams.entries.flatMap((team) => team.groups);
    return {
      subject: claimOf(user, "id"),
      login: claimOf(user, "login"),
      email: await emailOf(source, user),
      name: claimOf(user, "name", "login"),
      groups,
      areGroupsOmitted: teams.isCut,
      organizations,
      teamIds: teams.entries.flatMap((team) => team.ids),
      claims: [{ ...user, groups }],
    };
  },
};

/** Returns the ids of a team and of its parent, because members of a team are also members of its parent. */
function idsOfTeam(team: Claims): readonly string[] {
  const parent = isObject(team["parent"]) ? claimOf(team["parent"], "id") : "";
  return [claimOf(team, "id"), parent].filter((id) => id !== "");
}

/**
 * Returns the two names of a team that Grafana accepts as groups: the URL of the team's page, and `@organization/team`.
 */
function groupsOfTeam(team: Claims): readonly string[] {
  const organization = isObject(team["organization"]) ? claimOf(team["organization"], "login") : "";
  const slug = claimOf(team, "slug");
  const short = organization === "" || slug === "" ? "" : `@${organization}/${slug}`;
  return [claimOf(team, "html_url"), short].filter((group) => group !== "");
}

/**
 * Returns the primary email address, which GitHub has verified. The profile does not contain it if the user hides it.
 */
async function emailOf(source: AccountSource, user: Claims): Promise<string> {
  const shown = claimOf(user, "email");
  if (shown !== "") return shown;
  const { entries } = await pagedList(source, `${source.settings.api_url}/emails`, (one) =>
    one["primary"] === true && one["verified"] === true ? [claimOf(one, "email")] : [],
  );
  return entries[0] ?? "";
}
