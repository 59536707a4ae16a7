import {
  DENIED,
  documentedPage,
  FLAG,
  LIST,
  listWith,
  NOT_SIGNED_IN,
  NUMBER,
  TEXT,
  TIME,
} from "../testing/documented-page.ts";

/** The pages show an `id` and a `dashboardId` or `folderId` too. Grafana's source no longer sends them. */
const ITEM = {
  created: TIME,
  updated: TIME,
  userId: 0,
  userLogin: "",
  userEmail: "",
  teamId: 0,
  team: "",
  permission: NUMBER,
  permissionName: TEXT,
  uid: TEXT,
  title: TEXT,
  slug: TEXT,
  isFolder: FLAG,
  url: TEXT,
};
const VIEWERS = { ...ITEM, role: "Viewer", permission: 1, permissionName: "View" };
const EDITORS = { ...ITEM, role: "Editor", permission: 2, permissionName: "Edit" };
const ITEMS = {
  items: [
    { role: "Viewer", permission: 1 },
    { role: "Editor", permission: 2 },
    { teamId: "{team}", permission: 1 },
    { userId: "{user}", permission: 4 },
  ],
};
const PEOPLE = [
  {
    does: "adds the user of the page's examples",
    ask: "POST /api/admin/users",
    body: { login: "user", email: "user@mygraf.com", password: "userpassword" },
    keeps: { user: "id" },
  },
  {
    does: "adds the team of the page's examples",
    ask: "POST /api/teams",
    body: { name: "A team" },
    keeps: { team: "teamId" },
  },
];

documentedPage("Folder Permissions API", [
  ...PEOPLE,
  {
    does: "adds the folder of the page's examples",
    ask: "POST /api/folders",
    body: { uid: "nErXDvCkzz", title: "Department ABC" },
    keeps: { folder: "id" },
  },
  {
    does: "lists the permissions",
    ask: "GET /api/folders/nErXDvCkzz/permissions",
    gives: listWith({ ...VIEWERS, uid: "nErXDvCkzz" }, EDITORS),
  },
  {
    does: "refuses clients that are not signed in",
    ask: "GET /api/folders/nErXDvCkzz/permissions",
    as: "",
    status: 401,
    gives: NOT_SIGNED_IN,
  },
  {
    does: "refuses people who do not manage the folder",
    ask: "GET /api/folders/nErXDvCkzz/permissions",
    as: "user:userpassword",
    status: 403,
    gives: DENIED,
  },
  {
    does: "refuses an unknown folder",
    ask: "GET /api/folders/unknown/permissions",
    status: 404,
    gives: { message: TEXT },
  },
  {
    does: "replaces the permissions",
    ask: "POST /api/folders/nErXDvCkzz/permissions",
    body: ITEMS,
    gives: { message: "Folder permissions updated", id: "{folder}", title: "Department ABC" },
  },
  {
    does: "lists the new permissions",
    ask: "GET /api/folders/nErXDvCkzz/permissions",
    gives: [
      VIEWERS,
      EDITORS,
      { ...ITEM, teamId: "{team}", team: "A team", permission: 1 },
      {
        ...ITEM,
        userId: "{user}",
        userLogin: "user",
        userEmail: "user@mygraf.com",
        permission: 4,
        permissionName: "Admin",
        isFolder: true,
        url: "/dashboards/f/nErXDvCkzz/department-abc",
      },
    ],
  },
  {
    does: "shows the permissions to a user who manages the folder",
    ask: "GET /api/folders/nErXDvCkzz/permissions",
    as: "user:userpassword",
    gives: [{ role: "Viewer" }, { role: "Editor" }, { teamId: "{team}" }, { userId: "{user}" }],
  },
  {
    does: "refuses an unknown level",
    ask: "POST /api/folders/nErXDvCkzz/permissions",
    body: { items: [{ role: "Viewer", permission: 3 }] },
    status: 400,
    gives: { message: TEXT },
  },
  {
    does: "refuses an unknown folder",
    ask: "POST /api/folders/unknown/permissions",
    body: { items: [] },
    status: 404,
    gives: { message: TEXT },
  },
]);

documentedPage("Dashboard Permissions API", [
  ...PEOPLE,
  {
    does: "adds the dashboard of the page's examples",
    ask: "POST /api/dashboards/db",
    body: { dashboard: { uid: "dHEquNzGz", title: "Board" } },
  },
  {
    does: "lists the permissions",
    ask: "GET /api/dashboards/uid/dHEquNzGz/permissions",
    gives: listWith({ ...VIEWERS, uid: "dHEquNzGz", isFolder: false }, EDITORS),
  },
  {
    does: "refuses clients that are not signed in",
    ask: "GET /api/dashboards/uid/dHEquNzGz/permissions",
    as: "",
    status: 401,
    gives: NOT_SIGNED_IN,
  },
  {
    does: "refuses people who do not manage the dashboard",
    ask: "GET /api/dashboards/uid/dHEquNzGz/permissions",
    as: "user:userpassword",
    status: 403,
    gives: DENIED,
  },
  {
    does: "refuses an unknown dashboard",
    ask: "GET /api/dashboards/uid/unknown/permissions",
    status: 404,
    gives: { message: TEXT },
  },
  {
    does: "replaces the permissions",
    ask: "POST /api/dashboards/uid/dHEquNzGz/permissions",
    body: ITEMS,
    gives: { message: "Dashboard permissions updated" },
  },
  {
    does: "lists the new permissions",
    ask: "GET /api/dashboards/uid/dHEquNzGz/permissions",
    gives: [
      VIEWERS,
      EDITORS,
      { ...ITEM, teamId: "{team}", team: "A team", permission: 1 },
      {
        ...ITEM,
        userId: "{user}",
        userLogin: "user",
        userEmail: "user@mygraf.com",
        permission: 4,
        url: "/d/dHEquNzGz/board",
      },
    ],
  },
  {
    does: "refuses people who do not manage the dashboard any more",
    ask: "POST /api/dashboards/uid/dHEquNzGz/permissions",
    body: { items: [{ role: "Viewer", permission: 1 }] },
  },
  {
    does: "refuses the user whose permission was left out",
    ask: "POST /api/dashboards/uid/dHEquNzGz/permissions",
    as: "user:userpassword",
    body: ITEMS,
    status: 403,
    gives: DENIED,
  },
  {
    does: "refuses an unknown dashboard",
    ask: "POST /api/dashboards/uid/unknown/permissions",
    body: { items: [] },
    status: 404,
    gives: { message: TEXT },
  },
]);

const GRANT = {
  id: NUMBER,
  roleName: TEXT,
  isManaged: FLAG,
  isInherited: false,
  isServiceAccount: false,
  actions: LIST,
  permission: TEXT,
};
const QUERY_ACTIONS = ["datasources:query", "datasources:read"];
/** The page names `datasources:delete` too. Narthex needs the level Admin for it. */
const EDIT_ACTIONS = [...QUERY_ACTIONS, "datasources:write"];
/** Grafana without a licence shows that admins always have all rights. */
const ADMINS = { ...GRANT, isManaged: false, builtInRole: "Admin", permission: "Admin" };
const SOURCE = "/api/access-control/datasources/my_datasource";
const set = (path: string, permission: string): { ask: string; body: object; gives: object } => ({
  ask: `POST ${SOURCE}/${path}`,
  body: { permission },
  gives: { message: permission === "" ? "Permission removed" : "Permission updated" },
});

// Grafana has these routes only in its Enterprise edition. Narthex has them without a licence.
documentedPage("Data source Permissions API", [
  ...PEOPLE,
  {
    does: "adds the data source of the page's examples",
    ask: "POST /api/datasources",
    body: { uid: "my_datasource", name: "Mine", type: "prometheus", url: "http://127.0.0.1:9", access: "proxy" },
    gives: { id: NUMBER, name: "Mine", message: "Datasource added" },
  },
  { does: "lets a user query", ...set("users/{user}", "Query") },
  { does: "lets a team edit", ...set("teams/{team}", "Edit") },
  { does: "lets a role edit", ...set("builtInRoles/Admin", "Edit") },
  {
    does: "lists the permissions",
    ask: `GET ${SOURCE}`,
    gives: listWith(
      {
        ...GRANT,
        roleName: "managed:users:{user}:permissions",
        isManaged: true,
        userId: "{user}",
        userLogin: "user",
        userAvatarUrl: TEXT,
        actions: QUERY_ACTIONS,
        permission: "Query",
      },
      {
        ...GRANT,
        roleName: "managed:teams:{team}:permissions",
        isManaged: true,
        team: "A team",
        teamId: "{team}",
        teamAvatarUrl: TEXT,
        actions: EDIT_ACTIONS,
        permission: "Edit",
      },
      { ...GRANT, builtInRole: "Admin", isManaged: true, permission: "Edit" },
    ),
  },
  {
    does: "lists the permissions of the data source of this type",
    ask: `GET ${SOURCE}?ds_type=prometheus`,
    gives: listWith({ teamId: "{team}", permission: "Edit" }),
  },
  { does: "refuses clients that are not signed in", ask: `GET ${SOURCE}`, as: "", status: 401, gives: NOT_SIGNED_IN },
  {
    does: "refuses people who do not manage it",
    ask: `GET ${SOURCE}`,
    as: "user:userpassword",
    status: 403,
    gives: DENIED,
  },
  { does: "ends the permission of a user", ...set("users/{user}", "") },
  { does: "ends the permission of a team", ...set("teams/{team}", "") },
  { does: "ends the permission of a role", ...set("builtInRoles/Viewer", "") },
  {
    does: "refuses an unknown level",
    ask: `POST ${SOURCE}/users/{user}`,
    body: { permission: "Own" },
    status: 400,
    gives: { message: TEXT },
  },
  {
    does: "refuses an unknown user",
    ask: `POST ${SOURCE}/users/999`,
    body: { permission: "Query" },
    status: 400,
    gives: { message: TEXT },
  },
  {
    does: "refuses an unknown team",
    ask: `POST ${SOURCE}/teams/999`,
    body: { permission: "Query" },
    status: 400,
    gives: { message: TEXT },
  },
  {
    does: "refuses an unknown role",
    ask: `POST ${SOURCE}/builtInRoles/Owner`,
    body: { permission: "Query" },
    status: 400,
    gives: { message: TEXT },
  },
  {
    does: "refuses people who do not manage it",
    ask: `POST ${SOURCE}/users/{user}`,
    as: "user:userpassword",
    body: { permission: "Admin" },
    status: 403,
    gives: DENIED,
  },
]);

const FOLDER = "/api/access-control/folders/f1";

documentedPage("Permissions of folders for provisioning tools", [
  ...PEOPLE,
  { does: "adds a folder", ask: "POST /api/folders", body: { uid: "f1", title: "F1" } },
  {
    does: "describes what a permission can be",
    ask: "GET /api/access-control/folders/description",
    gives: {
      assignments: { users: true, serviceAccounts: true, teams: true, builtInRoles: true },
      permissions: ["View", "Edit", "Admin"],
    },
  },
  {
    does: "sets several permissions at once",
    ask: `POST ${FOLDER}`,
    body: {
      permissions: [
        { userId: "{user}", permission: "Admin" },
        { teamId: "{team}", permission: "View" },
        { builtInRole: "Viewer", permission: "" },
      ],
    },
    gives: { message: "Permissions updated" },
  },
  {
    does: "lists the permissions, and that admins have all rights",
    ask: `GET ${FOLDER}`,
    gives: listWith(
      { ...GRANT, userId: "{user}", permission: "Admin", isManaged: true },
      { ...GRANT, teamId: "{team}", permission: "View", isManaged: true },
      ADMINS,
    ),
  },
  {
    does: "ends one permission",
    ask: `POST ${FOLDER}/users/{user}`,
    body: { permission: "" },
    gives: { message: "Permission removed" },
  },
]);
