import { DENIED, documentedPage, NOT_SIGNED_IN } from "../testing/documented-page.ts";

/** The page shows a `homeDashboardId` too. Grafana's source no longer sends it. */
const NONE = {
  theme: "",
  homeDashboardUID: "",
  timezone: "",
  weekStart: "",
  navbar: { bookmarkUrls: null },
  queryHistory: { homeTab: "" },
};
const UPDATED = { message: "Preferences updated" };
const GIVEN = { theme: "", homeDashboardUID: "home", timezone: "utc" };
const as = "user:userpassword";

documentedPage("User and Org Preferences API", [
  { does: "adds a user", ask: "POST /api/admin/users", body: { login: "user", password: "userpassword" } },
  {
    does: "adds the dashboard of the page's examples",
    ask: "POST /api/dashboards/db",
    body: { dashboard: { uid: "home", title: "Home" } },
  },
  { does: "shows that nothing is preferred", ask: "GET /api/user/preferences", as, gives: NONE },
  {
    does: "refuses clients that are not signed in",
    ask: "GET /api/user/preferences",
    as: "",
    status: 401,
    gives: NOT_SIGNED_IN,
  },
  { does: "changes the preferences of the user", ask: "PUT /api/user/preferences", as, body: GIVEN, gives: UPDATED },
  { does: "shows the preferences of the user", ask: "GET /api/user/preferences", as, gives: { ...NONE, ...GIVEN } },
  {
    does: "changes one preference of the user",
    ask: "PATCH /api/user/preferences",
    as,
    body: { theme: "dark" },
    gives: UPDATED,
  },
  {
    does: "changes the bookmarks and the tab of the history",
    ask: "PATCH /api/user/preferences",
    as,
    body: { navbar: { bookmarkUrls: ["/dashboards"] }, queryHistory: { homeTab: "starred" } },
    gives: UPDATED,
  },
  {
    does: "keeps the other preferences",
    ask: "GET /api/user/preferences",
    as,
    gives: {
      ...GIVEN,
      theme: "dark",
      navbar: { bookmarkUrls: ["/dashboards"] },
      queryHistory: { homeTab: "starred" },
    },
  },
  {
    does: "forgets the preferences that a request leaves out",
    ask: "PUT /api/user/preferences",
    as,
    body: { timezone: "Europe/London" },
    gives: UPDATED,
  },
  {
    does: "shows the last preferences",
    ask: "GET /api/user/preferences",
    as,
    gives: { ...NONE, timezone: "Europe/London" },
  },
  {
    does: "refuses an unknown theme",
    ask: "PUT /api/user/preferences",
    as,
    body: { theme: "pink" },
    status: 400,
    gives: { message: "Invalid theme" },
  },
  { does: "shows that the organization prefers nothing", ask: "GET /api/org/preferences", gives: NONE },
  { does: "refuses people who are not admins", ask: "GET /api/org/preferences", as, status: 403, gives: DENIED },
  { does: "changes the preferences of the organization", ask: "PUT /api/org/preferences", body: GIVEN, gives: UPDATED },
  { does: "shows the preferences of the organization", ask: "GET /api/org/preferences", gives: { ...NONE, ...GIVEN } },
  {
    does: "changes one preference of the organization",
    ask: "PATCH /api/org/preferences",
    body: { theme: "dark" },
    gives: UPDATED,
  },
  { does: "keeps the other preferences", ask: "GET /api/org/preferences", gives: { ...GIVEN, theme: "dark" } },
  {
    does: "refuses people who are not admins",
    ask: "PATCH /api/org/preferences",
    as,
    body: { theme: "light" },
    status: 403,
    gives: DENIED,
  },
]);
