import { DENIED, documentedPage } from "../testing/documented-page.ts";

const GROUP = "cn=editors,ou=groups,dc=grafana,dc=org";

// Grafana has these routes only in its Enterprise edition. Narthex has them without a licence.
documentedPage("Team Sync API", [
  { does: "adds a team", ask: "POST /api/teams", body: { name: "editors" }, keeps: { team: "teamId" } },
  {
    does: "adds a group of another system",
    ask: "POST /api/teams/{team}/groups",
    body: { groupId: GROUP },
    gives: { message: "Group added to Team" },
  },
  {
    does: "refuses to add a group again",
    ask: "POST /api/teams/{team}/groups",
    body: { groupId: GROUP },
    status: 400,
    gives: { message: "Group is already added to this team" },
  },
  {
    does: "refuses groups of an unknown team",
    ask: "POST /api/teams/999/groups",
    body: { groupId: GROUP },
    status: 404,
    gives: { message: "Team not found" },
  },
  {
    does: "lists the groups",
    ask: "GET /api/teams/{team}/groups",
    gives: [{ orgId: 1, teamId: "{team}", groupId: GROUP }],
  },
  {
    // Grafana's documentation puts the answer into a list, but its Terraform provider reads an object, as other
    // searches send it.
    does: "finds groups by a part of their name",
    ask: "GET /api/teams/{team}/groups/search?query=group&page=1&perpage=10",
    gives: { totalCount: 1, teamGroups: [{ orgId: 1, teamId: "{team}", groupId: GROUP }], page: 1, perPage: 10 },
  },
  {
    does: "finds a group by its name",
    ask: "GET /api/teams/{team}/groups/search?name=editors",
    gives: { totalCount: 0, teamGroups: [], page: 1, perPage: 1000 },
  },
  {
    does: "adds a user",
    ask: "POST /api/admin/users",
    body: { login: "user", password: "userpassword" },
  },
  {
    does: "refuses people who are not members",
    ask: "GET /api/teams/{team}/groups/search?query=group",
    as: "user:userpassword",
    status: 403,
    gives: DENIED,
  },
  {
    does: "removes a group",
    ask: "DELETE /api/teams/{team}/groups?groupId=cn%3Deditors%2Cou%3Dgroups%2Cdc%3Dgrafana%2Cdc%3Dorg",
    gives: { message: "Team Group removed" },
  },
  {
    does: "refuses a group that the team does not have",
    ask: "DELETE /api/teams/{team}/groups?groupId=cn%3Deditors%2Cou%3Dgroups%2Cdc%3Dgrafana%2Cdc%3Dorg",
    status: 404,
  },
]);
