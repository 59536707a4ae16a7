import { DENIED, documentedPage, NOT_SIGNED_IN, NUMBER, TEXT, textLike } from "../testing/documented-page.ts";

documentedPage("Authentication API", [
  { does: "lists no keys of the former kind", ask: "GET /api/auth/keys", gives: [] },
  { does: "lists no expired keys either", ask: "GET /api/auth/keys?includeExpired=true", gives: [] },
  {
    does: "is gone, and names the routes that replace it",
    ask: "POST /api/auth/keys",
    body: { name: "API", role: "Admin" },
    status: 410,
    gives: {
      message: textLike(/^this endpoint has been removed, please use POST \/api\/serviceaccounts and /),
    },
  },
  {
    does: "refuses an unknown key",
    ask: "DELETE /api/auth/keys/3",
    status: 404,
    gives: { message: "API key not found" },
  },
  { does: "adds a user", ask: "POST /api/admin/users", body: { login: "user", password: "userpassword" } },
  {
    does: "refuses people who are not admins",
    ask: "GET /api/auth/keys",
    as: "user:userpassword",
    status: 403,
    gives: DENIED,
  },
  {
    does: "refuses people who are not admins",
    ask: "POST /api/auth/keys",
    as: "user:userpassword",
    body: {},
    status: 403,
    gives: DENIED,
  },
]);

documentedPage("Frontend Settings API, Login API and Health API", [
  {
    does: "shows the settings of the pages",
    ask: "GET /api/frontend/settings",
    gives: {
      allowOrgCreate: false,
      appSubUrl: "",
      buildInfo: { buildstamp: NUMBER, commit: TEXT, version: TEXT },
      datasources: {},
      defaultDatasource: TEXT,
    },
  },
  { does: "shows that the user is signed in", ask: "GET /api/login/ping", gives: { message: "Logged in" } },
  {
    does: "refuses clients that are not signed in",
    ask: "GET /api/login/ping",
    as: "",
    status: 401,
    gives: NOT_SIGNED_IN,
  },
  {
    does: "shows the health to everyone",
    ask: "GET /api/health",
    as: "",
    gives: { commit: TEXT, database: "ok", version: TEXT },
  },
  {
    does: "signs a user in",
    ask: "POST /login",
    as: "",
    body: { user: "admin", password: "secret" },
    gives: { message: "Logged in" },
    keeps: { session: "cookie" },
  },
  { does: "knows the session", ask: "GET /api/login/ping", session: "session", gives: { message: "Logged in" } },
  {
    does: "refuses a wrong password",
    ask: "POST /login",
    as: "",
    body: { user: "admin", password: "wrong" },
    status: 401,
    gives: { message: "Invalid username or password", messageId: "password-auth.failed", statusCode: 401, traceID: "" },
  },
  { does: "signs the user out", ask: "GET /logout", session: "session", status: 302 },
  { does: "does not know the session afterwards", ask: "GET /api/login/ping", session: "session", status: 401 },
]);
