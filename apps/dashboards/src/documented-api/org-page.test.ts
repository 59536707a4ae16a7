import { AGE, DENIED, documentedPage, NOT_SIGNED_IN, NUMBER, TEXT, TIME } from "../testing/documented-page.ts";

const ADDRESS = { address1: "", address2: "", city: "", zipCode: "", state: "", country: "" };
const MEMBER = {
  orgId: 1,
  userId: NUMBER,
  email: TEXT,
  avatarUrl: TEXT,
  login: TEXT,
  role: TEXT,
  lastSeenAt: TIME,
  lastSeenAtAge: AGE,
};
const ADMIN = { ...MEMBER, userId: 1, email: "admin@localhost", login: "admin", role: "Admin" };
const NOT_HERE = { message: "Organization not found" };

documentedPage("Organization API: current organization", [
  {
    does: "adds the user of the page's examples",
    ask: "POST /api/admin/users",
    body: { login: "user", email: "user@mygraf.com", password: "userpassword" },
    keeps: { user: "id" },
  },
  { does: "shows the organization", ask: "GET /api/org/", gives: { id: 1, name: "Main Org." } },
  { does: "shows the organization without the slash too", ask: "GET /api/org", gives: { id: 1, name: "Main Org." } },
  { does: "refuses clients that are not signed in", ask: "GET /api/org", as: "", status: 401, gives: NOT_SIGNED_IN },
  {
    does: "lists the members",
    ask: "GET /api/org/users",
    gives: [ADMIN, { ...MEMBER, userId: "{user}", login: "user", role: "Viewer" }],
  },
  {
    does: "refuses people who are not admins",
    ask: "GET /api/org/users",
    as: "user:userpassword",
    status: 403,
    gives: DENIED,
  },
  {
    does: "lists the names of the members",
    ask: "GET /api/org/users/lookup",
    gives: [
      { userId: 1, login: "admin", avatarUrl: TEXT },
      { userId: "{user}", login: "user", avatarUrl: TEXT },
    ],
  },
  {
    does: "refuses people who manage nothing",
    ask: "GET /api/org/users/lookup",
    as: "user:userpassword",
    status: 403,
    gives: DENIED,
  },
  { does: "adds a team", ask: "POST /api/teams", body: { name: "one" }, keeps: { team: "teamId" } },
  {
    does: "makes the user an admin of the team",
    ask: "PUT /api/teams/{team}/members",
    body: { members: [], admins: ["user@mygraf.com"] },
  },
  {
    does: "lists the names for an admin of a team",
    ask: "GET /api/org/users/lookup",
    as: "user:userpassword",
    gives: [{ login: "admin" }, { login: "user" }],
  },
  { does: "adds a folder", ask: "POST /api/folders", body: { uid: "own", title: "Own" } },
  { does: "deletes the team", ask: "DELETE /api/teams/{team}" },
  {
    does: "makes the user an admin of a folder",
    ask: "POST /api/access-control/folders/own/users/{user}",
    body: { permission: "Admin" },
  },
  {
    does: "lists the names for an admin of a folder",
    ask: "GET /api/org/users/lookup",
    as: "user:userpassword",
    gives: [{ login: "admin" }, { login: "user" }],
  },
  {
    does: "changes the role of a member",
    ask: "PATCH /api/org/users/{user}",
    body: { role: "Editor" },
    gives: { message: "Organization user updated" },
  },
  {
    does: "refuses an unknown role",
    ask: "PATCH /api/org/users/{user}",
    body: { role: "Owner" },
    status: 400,
    gives: { message: "Invalid role specified" },
  },
  {
    does: "refuses to leave the organization without an admin",
    ask: "PATCH /api/org/users/1",
    body: { role: "Viewer" },
    status: 400,
    gives: { message: "Cannot change role so that there is no organization admin left" },
  },
  {
    does: "refuses to add a member again",
    ask: "POST /api/org/users",
    body: { role: "Admin", loginOrEmail: "admin" },
    status: 409,
    gives: { message: "User is already member of this organization" },
  },
  {
    does: "refuses to add an unknown user",
    ask: "POST /api/org/users",
    body: { role: "Admin", loginOrEmail: "nobody" },
    status: 404,
    gives: { message: "User not found" },
  },
  {
    does: "refuses to remove the last admin",
    ask: "DELETE /api/org/users/1",
    status: 400,
    gives: { message: "Cannot remove last organization admin" },
  },
  {
    // Grafana's source deletes a user who belongs to no other organization, and then answers with this sentence.
    does: "removes a member, who is deleted because the user belongs to no other organization",
    ask: "DELETE /api/org/users/{user}",
    gives: { message: "User deleted" },
  },
  { does: "does not know the user afterwards", ask: "GET /api/users/{user}", status: 404 },
  {
    does: "renames the organization",
    ask: "PUT /api/org",
    body: { name: "Main Org 2." },
    gives: { message: "Organization updated" },
  },
  { does: "shows the new name", ask: "GET /api/org", gives: { id: 1, name: "Main Org 2." } },
  {
    does: "shows the new name to the members",
    ask: "GET /api/user/orgs",
    gives: [{ orgId: 1, name: "Main Org 2.", role: "Admin" }],
  },
  { does: "gives the old name back", ask: "PUT /api/org", body: { name: "Main Org." } },
  { does: "refuses an empty name", ask: "PUT /api/org", body: { name: "" }, status: 400, gives: { message: TEXT } },
  {
    does: "changes the address of the organization",
    ask: "PUT /api/org/address",
    body: { address1: "1 Road", city: "Town" },
    gives: { message: "Address updated" },
  },
  {
    does: "shows the new address",
    ask: "GET /api/org",
    gives: { address: { ...ADDRESS, address1: "1 Road", city: "Town" } },
  },
]);

documentedPage("Organization API: all organizations", [
  {
    does: "adds the user of the page's examples",
    ask: "POST /api/admin/users",
    body: { login: "user", email: "user@mygraf.com", password: "userpassword" },
    keeps: { user: "id" },
  },
  { does: "shows the organization", ask: "GET /api/orgs/1", gives: { id: 1, name: "Main Org.", address: ADDRESS } },
  { does: "refuses other organizations", ask: "GET /api/orgs/2", status: 404, gives: NOT_HERE },
  {
    does: "refuses people who do not manage the server",
    ask: "GET /api/orgs/1",
    as: "user:userpassword",
    status: 403,
    gives: DENIED,
  },
  {
    does: "finds the organization by name",
    ask: "GET /api/orgs/name/Main%20Org%2E",
    gives: { id: 1, name: "Main Org.", address: ADDRESS },
  },
  { does: "refuses other names", ask: "GET /api/orgs/name/Other", status: 404, gives: NOT_HERE },
  {
    // Narthex has one organization. The documentation answers with 200 and the id of the new organization.
    does: "refuses a second organization, and names the remedy",
    ask: "POST /api/orgs",
    body: { name: "New Org." },
    status: 400,
    gives: {
      message:
        "This server has one organization: separate people by teams and folders with permissions, or start another server for the new organization",
    },
  },
  {
    does: "refuses the name of the organization",
    ask: "POST /api/orgs",
    body: { name: "Main Org." },
    status: 409,
    gives: { message: "Organization name taken" },
  },
  {
    does: "refuses people who may not add organizations",
    ask: "POST /api/orgs",
    as: "user:userpassword",
    body: { name: "New Org." },
    status: 403,
    gives: DENIED,
  },
  { does: "lists the organizations", ask: "GET /api/orgs", gives: [{ id: 1, name: "Main Org." }] },
  {
    does: "lists a page of the organizations",
    ask: "GET /api/orgs?perpage=10&page=0",
    gives: [{ id: 1, name: "Main Org." }],
  },
  { does: "finds no organization with another name", ask: "GET /api/orgs?name=Other", gives: [] },
  {
    does: "renames the organization",
    ask: "PUT /api/orgs/1",
    body: { name: "Main Org 2." },
    gives: { message: "Organization updated" },
  },
  { does: "finds the new name", ask: "GET /api/orgs/name/Main%20Org%202%2E", gives: { id: 1, name: "Main Org 2." } },
  {
    does: "refuses to rename other organizations",
    ask: "PUT /api/orgs/2",
    body: { name: "x" },
    status: 404,
    gives: NOT_HERE,
  },
  {
    does: "changes the address of the organization",
    ask: "PUT /api/orgs/1/address",
    body: { city: "Town" },
    gives: { message: "Address updated" },
  },
  {
    // Grafana's source refuses to delete the organization in which the sender works.
    does: "refuses to delete the sender's organization",
    ask: "DELETE /api/orgs/1",
    status: 400,
    gives: { message: "Cannot delete your active organization" },
  },
  {
    does: "refuses to delete other organizations",
    ask: "DELETE /api/orgs/2",
    status: 404,
    gives: { message: "Failed to delete organization. ID not found" },
  },
  {
    does: "lists the members",
    ask: "GET /api/orgs/1/users",
    gives: [
      { orgId: 1, userId: 1, email: "admin@localhost", login: "admin", role: "Admin" },
      { orgId: 1, userId: "{user}", email: "user@mygraf.com", login: "user", role: "Viewer" },
    ],
  },
  {
    does: "changes the role of a member",
    ask: "PATCH /api/orgs/1/users/{user}",
    body: { role: "Admin" },
    gives: { message: "Organization user updated" },
  },
  {
    does: "removes a member, who stays a user",
    ask: "DELETE /api/orgs/1/users/{user}",
    gives: { message: "User removed from organization" },
  },
  { does: "shows that the user belongs to no organization", ask: "GET /api/users/{user}/orgs", gives: [] },
  { does: "lists the other members", ask: "GET /api/orgs/1/users", gives: [{ login: "admin" }] },
  {
    does: "refuses the user, who has no role",
    ask: "GET /api/search",
    as: "user:userpassword",
    status: 403,
    gives: DENIED,
  },
  {
    does: "adds a user to the organization",
    ask: "POST /api/orgs/1/users",
    body: { loginOrEmail: "user", role: "Viewer" },
    gives: { message: "User added to organization", userId: "{user}" },
  },
  {
    does: "refuses to add a member again",
    ask: "POST /api/orgs/1/users",
    body: { loginOrEmail: "user", role: "Viewer" },
    status: 409,
    gives: { message: "User is already member of this organization" },
  },
  {
    does: "refuses to add members to other organizations",
    ask: "POST /api/orgs/2/users",
    body: { loginOrEmail: "user", role: "Viewer" },
    status: 404,
    gives: NOT_HERE,
  },
]);
