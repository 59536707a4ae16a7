import {
  DENIED,
  documentedPage,
  FLAG,
  NOT_SIGNED_IN,
  NUMBER,
  TEXT,
  textLike,
  TIME,
} from "../testing/documented-page.ts";

const ACCOUNT = {
  id: NUMBER,
  name: "grafana",
  // Grafana's documentation shows `sa-grafana`, but Grafana inserts the number of the organization.
  login: "sa-1-grafana",
  orgId: 1,
  isDisabled: false,
  role: "Viewer",
  avatarUrl: TEXT,
};
const DETAILS = { ...ACCOUNT, createdAt: TIME, updatedAt: TIME, teams: [] };
const TOKEN = {
  id: NUMBER,
  name: "grafana",
  created: TIME,
  expiration: TIME,
  secondsUntilExpiration: NUMBER,
  hasExpired: false,
};
const MAY = { "serviceaccounts:delete": true, "serviceaccounts:read": true, "serviceaccounts:write": true };

documentedPage("Service account API", [
  {
    does: "adds a service account",
    ask: "POST /api/serviceaccounts",
    body: { name: "grafana", role: "Viewer", isDisabled: false },
    status: 201,
    gives: DETAILS,
    keeps: { account: "id" },
  },
  {
    does: "refuses a name that a service account has",
    ask: "POST /api/serviceaccounts",
    body: { name: "grafana" },
    status: 400,
    gives: { message: TEXT },
  },
  { does: "refuses a service account without a name", ask: "POST /api/serviceaccounts", body: {}, status: 400 },
  {
    does: "refuses an unknown role",
    ask: "POST /api/serviceaccounts",
    body: { name: "other", role: "Owner" },
    status: 400,
    gives: { message: TEXT },
  },
  { does: "adds a user", ask: "POST /api/admin/users", body: { login: "user", password: "userpassword" } },
  {
    does: "refuses people who may not add service accounts",
    ask: "POST /api/serviceaccounts",
    as: "user:userpassword",
    body: { name: "other" },
    status: 403,
    gives: DENIED,
  },
  {
    does: "finds service accounts by a part of their name",
    ask: "GET /api/serviceaccounts/search?perpage=10&page=1&query=graf",
    gives: { totalCount: 1, serviceAccounts: [{ ...ACCOUNT, tokens: 0 }], page: 1, perPage: 10 },
  },
  {
    // Grafana's source sends the rights only if the request asks for them.
    does: "sends the rights on each service account if they are requested",
    ask: "GET /api/serviceaccounts/search?accesscontrol=true",
    gives: { totalCount: 1, serviceAccounts: [{ ...ACCOUNT, accessControl: MAY }] },
  },
  {
    does: "finds no service account with another name",
    ask: "GET /api/serviceaccounts/search?perpage=10&page=1&query=mygraf",
    gives: { totalCount: 0, serviceAccounts: [], page: 1, perPage: 10 },
  },
  {
    does: "finds no disabled service accounts",
    ask: "GET /api/serviceaccounts/search?disabled=true",
    gives: { totalCount: 0, serviceAccounts: [], page: 1, perPage: 1000 },
  },
  {
    does: "refuses clients that are not signed in",
    ask: "GET /api/serviceaccounts/search",
    as: "",
    status: 401,
    gives: NOT_SIGNED_IN,
  },
  {
    does: "shows a service account",
    ask: "GET /api/serviceaccounts/{account}",
    gives: { ...DETAILS, id: "{account}" },
  },
  {
    does: "refuses an unknown service account",
    ask: "GET /api/serviceaccounts/999",
    status: 404,
    gives: { message: TEXT, messageId: "serviceaccounts.ErrNotFound" },
  },
  {
    // Grafana's documentation shows only the service account, but Grafana puts it into an object with a message. In
    // Grafana the login keeps the first name. Narthex changes the login with the name, so that one name belongs to one
    // account.
    does: "changes a service account",
    ask: "PATCH /api/serviceaccounts/{account}",
    body: { name: "test", role: "Editor" },
    gives: {
      id: "{account}",
      name: "test",
      message: "Service account updated",
      serviceaccount: { ...DETAILS, id: "{account}", name: "test", login: "sa-1-test", role: "Editor" },
    },
  },
  {
    does: "refuses an unknown role",
    ask: "PATCH /api/serviceaccounts/{account}",
    body: { role: "Owner" },
    status: 400,
    gives: { message: TEXT },
  },
  {
    does: "adds a token",
    ask: "POST /api/serviceaccounts/{account}/tokens",
    body: { name: "grafana", secondsToLive: 604800 },
    // Grafana's documentation shows a key in the form before Grafana 9.
    gives: { id: NUMBER, name: "grafana", key: textLike(/^glsa_[0-9A-Za-z]{32}_[0-9a-f]{8}$/) },
    keeps: { token: "id", key: "key" },
  },
  {
    does: "refuses a name that a token has",
    ask: "POST /api/serviceaccounts/{account}/tokens",
    body: { name: "grafana" },
    status: 400,
    gives: { message: TEXT, messageId: "serviceaccounts.ErrTokenAlreadyExists" },
  },
  {
    does: "refuses a negative lifetime",
    ask: "POST /api/serviceaccounts/{account}/tokens",
    body: { name: "past", secondsToLive: -1 },
    status: 400,
    gives: { message: TEXT },
  },
  {
    does: "lists the tokens",
    ask: "GET /api/serviceaccounts/{account}/tokens",
    gives: [{ ...TOKEN, id: "{token}" }],
  },
  { does: "accepts the token", ask: "GET /api/org", token: "key", gives: { id: 1, name: "Main Org." } },
  {
    does: "adds a token that does not expire",
    ask: "POST /api/serviceaccounts/{account}/tokens",
    body: { name: "forever" },
    gives: { name: "forever" },
  },
  {
    does: "shows that the token does not expire",
    ask: "GET /api/serviceaccounts/{account}/tokens",
    gives: [TOKEN, { ...TOKEN, name: "forever", expiration: null, secondsUntilExpiration: 0, hasExpired: FLAG }],
  },
  {
    does: "removes a token",
    ask: "DELETE /api/serviceaccounts/{account}/tokens/{token}",
    gives: { message: "API key deleted" },
  },
  { does: "refuses the token from then on", ask: "GET /api/org", token: "key", status: 401 },
  {
    does: "refuses an unknown token",
    ask: "DELETE /api/serviceaccounts/{account}/tokens/{token}",
    status: 404,
    gives: { message: TEXT },
  },
  {
    does: "deletes a service account",
    ask: "DELETE /api/serviceaccounts/{account}",
    gives: { message: "Service account deleted" },
  },
  { does: "does not know the service account afterwards", ask: "GET /api/serviceaccounts/{account}", status: 404 },
]);

documentedPage("Tutorial: service account tokens and dashboards for an organization", [
  {
    does: "adds the admin to the organization, where the admin is already",
    ask: "POST /api/orgs/1/users",
    body: { loginOrEmail: "admin", role: "Admin" },
    status: 409,
    gives: { message: "User is already member of this organization" },
  },
  {
    does: "switches to the organization",
    ask: "POST /api/user/using/1",
    gives: { message: "Active organization changed" },
  },
  {
    does: "adds the service account",
    ask: "POST /api/serviceaccounts",
    body: { name: "test", role: "Admin" },
    status: 201,
    gives: { name: "test", role: "Admin" },
    keeps: { account: "id" },
  },
  {
    does: "adds the token",
    ask: "POST /api/serviceaccounts/{account}/tokens",
    body: { name: "test-token" },
    gives: { id: NUMBER, name: "test-token", key: TEXT },
    keeps: { key: "key" },
  },
  {
    does: "saves a dashboard with the token",
    ask: "POST /api/dashboards/db",
    token: "key",
    body: {
      dashboard: {
        id: null,
        title: "Production Overview",
        tags: ["templated"],
        timezone: "browser",
        rows: [{}],
        schemaVersion: 6,
        version: 0,
      },
      overwrite: false,
    },
    gives: { id: NUMBER, uid: TEXT, url: textLike(/^\/d\/\w+\/production-overview$/), status: "success", version: 1 },
  },
]);
