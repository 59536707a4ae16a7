import { DENIED, documentedPage, NOT_SIGNED_IN, NUMBER, TEXT } from "../testing/documented-page.ts";

const TEAM = {
  id: NUMBER,
  orgId: 1,
  name: "MyTestTeam",
  email: "email@test.com",
  avatarUrl: TEXT,
  memberCount: NUMBER,
};
const NOT_FOUND = { message: "Team not found" };
const NO_PREFERENCES = { theme: "", homeDashboardUID: "", timezone: "" };
const member = (login: string): object => ({
  orgId: 1,
  teamId: "{team}",
  userId: NUMBER,
  email: `${login}@email.com`,
  login,
  avatarUrl: TEXT,
});
const user = (login: string): { does: string; ask: string; body: object; keeps: Record<string, string> } => ({
  does: `adds the user ${login} of the page's examples`,
  ask: "POST /api/admin/users",
  body: { login, email: `${login}@email.com`, password: "userpassword" },
  keeps: { [login]: "id" },
});

const TEAMS = [
  {
    does: "adds a team",
    ask: "POST /api/teams",
    body: { name: "MyTestTeam", email: "email@test.com" },
    gives: { message: "Team created", teamId: NUMBER, uid: TEXT },
    keeps: { team: "teamId" },
  },
  {
    does: "refuses a name that a team has",
    ask: "POST /api/teams",
    body: { name: "MyTestTeam" },
    status: 409,
    gives: { message: "Team name taken" },
  },
  { does: "refuses a team without a name", ask: "POST /api/teams", body: {}, status: 400, gives: { message: TEXT } },
  {
    does: "refuses people who may not add teams",
    ask: "POST /api/teams",
    as: "user1:userpassword",
    body: { name: "Own" },
    status: 403,
    gives: DENIED,
  },
  {
    does: "refuses clients that are not signed in",
    ask: "POST /api/teams",
    as: "",
    body: { name: "Own" },
    status: 401,
    gives: NOT_SIGNED_IN,
  },
  {
    // Grafana's source makes the creator an admin of the team, so that the new team has one member.
    does: "finds teams by a part of their name",
    ask: "GET /api/teams/search?perpage=10&page=1&query=mytestteam",
    gives: { totalCount: 1, teams: [{ ...TEAM, memberCount: 1 }], page: 1, perPage: 10 },
  },
  {
    does: "finds a team by its name",
    ask: "GET /api/teams/search?name=MyTestTeam",
    gives: { totalCount: 1, teams: [TEAM], page: 1, perPage: 1000 },
  },
  {
    // Grafana's documentation names status 404, but Grafana returns an empty list.
    does: "finds no team by a part of its name",
    ask: "GET /api/teams/search?name=MyTest",
    gives: { totalCount: 0, teams: [], page: 1, perPage: 1000 },
  },
  { does: "adds a second team", ask: "POST /api/teams", body: { name: "Another" }, keeps: { other: "teamId" } },
  {
    does: "adds two members to the second team",
    ask: "PUT /api/teams/{other}/members",
    body: { members: ["user1@email.com", "user2@email.com"], admins: [] },
  },
  {
    does: "lists the teams by the number of members",
    ask: "GET /api/teams/search?perpage=50&page=1&query=t&sort=memberCount-desc",
    gives: {
      totalCount: 2,
      teams: [
        { name: "Another", memberCount: 2 },
        { name: "MyTestTeam", memberCount: 1 },
      ],
    },
  },
  {
    does: "lists the teams by name, from the last",
    ask: "GET /api/teams/search?sort=name-desc",
    gives: { totalCount: 2, teams: [{ name: "MyTestTeam" }, { name: "Another" }] },
  },
  {
    does: "refuses an unknown order",
    ask: "GET /api/teams/search?sort=size-up",
    status: 400,
    gives: { message: TEXT },
  },
  {
    does: "lists only the own teams for a member",
    ask: "GET /api/teams/search",
    as: "user1:userpassword",
    gives: { totalCount: 1, teams: [{ name: "Another" }] },
  },
  {
    // Grafana's documentation shows times of creation and change, but Grafana does not send them.
    does: "shows a team",
    ask: "GET /api/teams/{team}",
    gives: { id: "{team}", orgId: 1, name: "MyTestTeam", email: "email@test.com" },
  },
  { does: "refuses an unknown team", ask: "GET /api/teams/999", status: 404, gives: NOT_FOUND },
  {
    does: "refuses people who are not members",
    ask: "GET /api/teams/{team}",
    as: "user1:userpassword",
    status: 403,
    gives: DENIED,
  },
  {
    does: "changes a team",
    ask: "PUT /api/teams/{team}",
    body: { name: "MyTestTeam", email: "other@test.com" },
    gives: { message: "Team updated" },
  },
  {
    // Grafana's documentation names status 409, but Grafana answers with 400.
    does: "refuses a name that another team has",
    ask: "PUT /api/teams/{team}",
    body: { name: "Another" },
    status: 400,
    gives: { message: "Team name taken" },
  },
  {
    does: "refuses to change an unknown team",
    ask: "PUT /api/teams/999",
    body: { name: "MyTestTeam", email: "other@test.com" },
    status: 404,
    gives: NOT_FOUND,
  },
];

const MEMBERS = [
  {
    does: "adds a member",
    ask: "POST /api/teams/{team}/members",
    body: { userId: "{user3}" },
    gives: { message: "Member added to Team" },
  },
  {
    does: "refuses to add a member again",
    ask: "POST /api/teams/{team}/members",
    body: { userId: "{user3}" },
    status: 400,
    gives: { message: "User is already added to this team" },
  },
  {
    does: "refuses members of an unknown team",
    ask: "POST /api/teams/999/members",
    body: { userId: "{user3}" },
    status: 404,
    gives: NOT_FOUND,
  },
  {
    does: "replaces all members and admins by their addresses",
    ask: "PUT /api/teams/{team}/members",
    body: { members: ["user1@email.com", "user2@email.com"], admins: ["user3@email.com"] },
    gives: { message: "Team memberships have been updated" },
  },
  {
    does: "refuses an unknown address",
    ask: "PUT /api/teams/{team}/members",
    body: { members: ["nobody@email.com"], admins: [] },
    status: 404,
    gives: { message: TEXT },
  },
  {
    does: "lists the members",
    ask: "GET /api/teams/{team}/members",
    gives: [member("user1"), member("user2"), member("user3")],
  },
  {
    does: "refuses people without a right on the team",
    ask: "GET /api/teams/{team}/members",
    as: "user4:userpassword",
    status: 403,
    gives: DENIED,
  },
  {
    does: "makes a member an admin of the team",
    ask: "PUT /api/teams/{team}/members/{user1}",
    body: { permission: 4 },
    gives: { message: "Team member updated" },
  },
  {
    does: "lets an admin of the team change it",
    ask: "PUT /api/teams/{team}",
    as: "user1:userpassword",
    body: { name: "MyTestTeam", email: "email@test.com" },
    gives: { message: "Team updated" },
  },
  {
    does: "removes a member",
    ask: "DELETE /api/teams/{team}/members/{user3}",
    gives: { message: "Team Member removed" },
  },
  {
    does: "refuses to remove a user who is not a member",
    ask: "DELETE /api/teams/{team}/members/{user3}",
    status: 404,
    gives: { message: TEXT },
  },
  {
    does: "refuses members of an unknown team",
    ask: "DELETE /api/teams/999/members/{user3}",
    status: 404,
    gives: NOT_FOUND,
  },
];

const PREFERENCES = [
  { does: "shows that nothing is preferred", ask: "GET /api/teams/{team}/preferences", gives: NO_PREFERENCES },
  {
    does: "adds the dashboard of the page's examples",
    ask: "POST /api/dashboards/db",
    body: { dashboard: { uid: "jcIIG-07z", title: "Home" } },
  },
  {
    does: "changes the preferences of a team",
    ask: "PUT /api/teams/{team}/preferences",
    body: { theme: "dark", homeDashboardUID: "jcIIG-07z", timezone: "utc" },
    gives: { message: "Preferences updated" },
  },
  {
    does: "shows the preferences of a team",
    ask: "GET /api/teams/{team}/preferences",
    gives: { theme: "dark", homeDashboardUID: "jcIIG-07z", timezone: "utc" },
  },
  {
    does: "leads a member without a preference to the dashboard of the team",
    ask: "GET /api/dashboards/home",
    as: "user2:userpassword",
    gives: { redirectUri: "/d/jcIIG-07z/home" },
  },
  {
    does: "shows the preferences to a member",
    ask: "GET /api/teams/{team}/preferences",
    as: "user2:userpassword",
    gives: { theme: "dark" },
  },
  {
    does: "refuses people who are not members",
    ask: "GET /api/teams/{team}/preferences",
    as: "user4:userpassword",
    status: 403,
    gives: DENIED,
  },
  {
    does: "refuses members who are not admins of the team",
    ask: "PUT /api/teams/{team}/preferences",
    as: "user2:userpassword",
    body: { theme: "light" },
    status: 403,
    gives: DENIED,
  },
  {
    does: "refuses an unknown theme",
    ask: "PUT /api/teams/{team}/preferences",
    body: { theme: "pink" },
    status: 400,
    gives: { message: "Invalid theme" },
  },
  {
    does: "forgets the preferences that a request leaves out",
    ask: "PUT /api/teams/{team}/preferences",
    body: { timezone: "browser" },
    gives: { message: "Preferences updated" },
  },
  {
    does: "shows the last preferences",
    ask: "GET /api/teams/{team}/preferences",
    gives: { ...NO_PREFERENCES, timezone: "browser" },
  },
];

documentedPage("Team API", [
  user("user1"),
  user("user2"),
  user("user3"),
  user("user4"),
  ...TEAMS,
  ...MEMBERS,
  ...PREFERENCES,
  { does: "deletes a team", ask: "DELETE /api/teams/{team}", gives: { message: "Team deleted" } },
  { does: "refuses a team that was deleted", ask: "DELETE /api/teams/{team}", status: 404, gives: { message: TEXT } },
]);
