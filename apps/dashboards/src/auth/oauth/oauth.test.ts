import { expect, test } from "vitest";
import { CLIENT_URL, type OidcServer, startOidcServer } from "../../testing/oidc-server.ts";
import { type RunningRole, withRole } from "../../testing/running-role.ts";

const NOBODY = { user: "" };

type Env = Readonly<Record<string, string>>;

const PREFIX = "GF_AUTH_GENERIC_OAUTH_";

/** Settings of a provider that name only its issuer. */
const oidcEnv = ({ issuer }: OidcServer, more: Env = {}): Env => ({
  GF_SERVER_ROOT_URL: CLIENT_URL,
  ...Object.fromEntries(
    Object.entries({
      ENABLED: "true",
      NAME: "Company",
      CLIENT_ID: "narthex",
      CLIENT_SECRET: "shared",
      ISSUER_URL: issuer,
      SCOPES: "openid profile email groups",
      ...more,
    }).map(([key, value]) => [PREFIX + key, value]),
  ),
});

/** Settings of a provider in Grafana's style, with all addresses. */
const grafanaEnv = (server: OidcServer, more: Env = {}): Env =>
  oidcEnv(server, {
    ISSUER_URL: "",
    AUTH_URL: `${server.issuer}/auth`,
    TOKEN_URL: `${server.issuer}/token`,
    API_URL: `${server.issuer}/me`,
    ...more,
  });

const cookiesOf = (headers: Headers): string =>
  headers
    .getSetCookie()
    .map((line) => line.split(";", 1)[0]!)
    .join("; ");

interface Arrival {
  readonly location: string | null;
  readonly cookie: string;
}

/**
 * Performs a sign-in at a fake provider, from the first request until the browser comes back. `wanted` is the page that
 * the browser had requested before the sign-in.
 */
async function signIn({ call }: RunningRole, server: OidcServer, wanted = ""): Promise<Arrival> {
  const begun = await call("GET", "/login/generic_oauth", undefined, NOBODY);
  expect(begun.status).toBe(302);
  const back = (await server.signIn(begun.headers.get("location")!)).slice(CLIENT_URL.length);
  const cookie = `${cookiesOf(begun.headers)}; redirect_to=${encodeURIComponent(wanted)}`;
  const arrived = await call("GET", back, undefined, { user: "", headers: { cookie } });
  return { location: arrived.headers.get("location"), cookie: cookiesOf(arrived.headers) };
}

const userOf = async ({ call }: RunningRole, { cookie }: Arrival) =>
  (await call("GET", "/api/user", undefined, { user: "", headers: { cookie } })).json;

const ANN = { sub: "7", preferred_username: "ann", name: "Ann", email: "ann@company.test", email_verified: true };

test.each([
  ["an issuer", oidcEnv],
  ["the addresses that Grafana's settings name", grafanaEnv],
  [
    "these addresses and the provider's keys",
    (server: OidcServer) => grafanaEnv(server, { JWK_SET_URL: `${server.issuer}/jwks`, USE_PKCE: "true" }),
  ],
] as const)("a person signs in at a provider with %s, and gets the role of its data", async (_what, envOf) => {
  const server = await startOidcServer();
  server.claims = { ...ANN, groups: ["ops"] };
  const env = {
    ...envOf(server),
    [`${PREFIX}ROLE_ATTRIBUTE_PATH`]: "contains(groups[*], 'ops') && 'Editor' || 'Viewer'",
  };
  await withRole({ env }, async (role) => {
    const arrived = await signIn(role, server, "/d/x");
    expect(arrived.location).toBe("/d/x");
    // A later sign-in of this browser must not lead to the page again.
    expect(arrived.cookie).toMatch(/; redirect_to=$/);
    expect(await userOf(role, arrived)).toMatchObject({ id: 2, login: "ann", email: "ann@company.test", name: "Ann" });
    expect((await role.call("GET", "/api/users/2/orgs")).json).toMatchObject([{ role: "Editor" }]);
    server.claims = { ...ANN, name: "Ann B.", groups: [] };
    expect(await userOf(role, await signIn(role, server))).toMatchObject({ id: 2, name: "Ann B." });
    expect((await role.call("GET", "/api/users/2/orgs")).json).toMatchObject([{ role: "Viewer" }]);
    expect(role.host.output.stderr).not.toMatch(/code=|shared|eyJ/);
  });
});

test("a sign-in ends only in the browser in which it began, once, and with the state and nonce of its beginning", async () => {
  const server = await startOidcServer();
  server.claims = ANN;
  await withRole({ env: oidcEnv(server) }, async (role) => {
    const begun = await role.call("GET", "/login/generic_oauth", undefined, NOBODY);
    const back = (await server.signIn(begun.headers.get("location")!)).slice(CLIENT_URL.length);
    const come = async (cookie: string, path = back) =>
      (await role.call("GET", path, undefined, { user: "", headers: { cookie } })).headers.get("location");
    const other = cookiesOf((await role.call("GET", "/login/generic_oauth", undefined, NOBODY)).headers);
    expect(await come("")).toBe("/login?error=expired");
    expect(await come(other)).toBe("/login?error=provider-refused");
    expect(await come("oauth_state=e30")).toBe("/login?error=expired");
    const own = cookiesOf(begun.headers);
    expect(await come(own, back.replace(/state=[^&]+/, "state=another"))).toBe("/login?error=provider-refused");
    expect(await come(own)).toBe("/");
    expect(await come(own)).toBe("/login?error=provider-refused");
    const refused = "/login/generic_oauth?error=access_denied&state=x";
    expect(await come(own, refused)).toBe("/login?error=provider-refused");
  });
});

test("an ID token of another sign-in is refused", async () => {
  for (const envOf of [oidcEnv, grafanaEnv]) {
    const server = await startOidcServer();
    server.claims = ANN;
    await withRole({ env: envOf(server) }, async (role) => {
      const begun = await role.call("GET", "/login/generic_oauth", undefined, NOBODY);
      const toProvider = new URL(begun.headers.get("location")!);
      toProvider.searchParams.set("nonce", "replayed");
      const back = (await server.signIn(toProvider.href)).slice(CLIENT_URL.length);
      const cookie = cookiesOf(begun.headers);
      const { headers } = await role.call("GET", back, undefined, { user: "", headers: { cookie } });
      expect(headers.get("location")).toBe("/login?error=provider-refused");
    });
  }
});

test.each<[what: string, more: Env, claims: object, outcome: string]>([
  ["outside of the allowed domains", { ALLOWED_DOMAINS: "other.test" }, {}, "not-allowed"],
  [
    "of a domain that ends like an allowed one",
    { ALLOWED_DOMAINS: "company.test" },
    { email: "a@evilcompany.test" },
    "not-allowed",
  ],
  ["outside of the allowed groups", { ALLOWED_GROUPS: "ops, dev" }, { groups: ["sales"] }, "not-allowed"],
  ["without a role", { ROLE_ATTRIBUTE_PATH: "role", ROLE_ATTRIBUTE_STRICT: "true" }, {}, "no-role"],
  ["that is unknown here", { ALLOW_SIGN_UP: "false" }, {}, "sign-up-off"],
  ["with the login of another user", {}, { preferred_username: "admin" }, "name-taken"],
  ["with the e-mail address of another user", {}, { email: "ADMIN@localhost" }, "name-taken"],
  ["with a login of service accounts", {}, { preferred_username: "sa-1-ci" }, "name-taken"],
])("an account %s cannot sign in", async (_what, more, claims, outcome) => {
  const server = await startOidcServer();
  server.claims = { ...ANN, ...claims };
  await withRole({ env: oidcEnv(server, more) }, async (role) => {
    expect((await signIn(role, server)).location).toBe(`/login?error=${outcome}`);
    expect((await role.call("GET", "/api/users/search")).json.totalCount).toBe(1);
  });
});

test("the role GrafanaAdmin makes an admin of the server only if this is allowed", async () => {
  for (const [isAllowed, expected] of [
    ["true", { isGrafanaAdmin: true }],
    ["false", { isGrafanaAdmin: false }],
  ] as const) {
    const server = await startOidcServer();
    server.claims = { ...ANN, groups: ["GrafanaAdmin"] };
    const env = oidcEnv(server, { ROLE_ATTRIBUTE_PATH: "groups[0]", ALLOW_ASSIGN_GRAFANA_ADMIN: isAllowed });
    await withRole({ env }, async (role) => {
      expect(await userOf(role, await signIn(role, server))).toMatchObject(expected);
      // As in Grafana, the role GrafanaAdmin makes the user an admin of the organization, whether or not it may make
      // the user a server admin.
      expect((await role.call("GET", "/api/users/2/orgs")).json).toMatchObject([{ role: "Admin" }]);
    });
  }
});

test("a disabled user cannot sign in at the provider, and the groups of an account give teams", async () => {
  const server = await startOidcServer();
  server.claims = { ...ANN, groups: ["ops"] };
  await withRole({ env: oidcEnv(server) }, async (role) => {
    const { teamId } = (await role.call("POST", "/api/teams", { name: "Operations" })).json;
    expect((await role.call("POST", `/api/teams/${teamId}/groups`, { groupId: "OPS" })).json).toEqual({
      message: "Group added to Team",
    });
    const arrived = await signIn(role, server);
    const teams = async () =>
      (await role.call("GET", "/api/users/2/teams")).json.map(({ name }: { name: string }) => name);
    expect([(await userOf(role, arrived)).login, await teams()]).toEqual(["ann", ["Operations"]]);
    server.claims = { ...ANN, groups: [] };
    await signIn(role, server);
    expect(await teams()).toEqual([]);
    await role.call("POST", "/api/admin/users/2/disable");
    expect((await signIn(role, server)).location).toBe("/login?error=disabled");
  });
});

test("an account whose groups Microsoft omits cannot sign in while groups give teams", async () => {
  const server = await startOidcServer(["azuread"]);
  server.claims = { ...ANN, hasgroups: true };
  const env = Object.entries(oidcEnv(server)).map(([key, value]) => [key.replace("GENERIC_OAUTH", "AZUREAD"), value]);
  await withRole({ env: Object.fromEntries(env) as Env }, async ({ call }) => {
    const come = async () => {
      const begun = await call("GET", "/login/azuread", undefined, NOBODY);
      const back = (await server.signIn(begun.headers.get("location")!)).slice(CLIENT_URL.length);
      const options = { user: "", headers: { cookie: cookiesOf(begun.headers) } };
      return (await call("GET", back, undefined, options)).headers.get("location");
    };
    expect(await come()).toBe("/");
    await call("POST", "/api/teams", { name: "Operations" });
    await call("POST", "/api/teams/1/groups", { groupId: "ops" });
    expect(await come()).toBe("/login?error=groups-unknown");
  });
});

test("a provider that does not answer is named as the cause, and the sign-out ends the provider's session", async () => {
  const server = await startOidcServer();
  server.claims = ANN;
  await withRole({ env: oidcEnv(server) }, async (role) => {
    server.isDown = true;
    const begun = await role.call("GET", "/login/generic_oauth", undefined, NOBODY);
    expect(begun.headers.get("location")).toBe("/login?error=provider-unavailable");
    server.isDown = false;
    const { cookie } = await signIn(role, server);
    const out = await role.call("GET", "/logout", undefined, { user: "", headers: { cookie } });
    const target = new URL(out.headers.get("location")!);
    expect([target.origin, target.searchParams.get("post_logout_redirect_uri")]).toEqual([
      server.issuer,
      `${CLIENT_URL}/login`,
    ]);
    expect(await userOf(role, { cookie, location: null })).toMatchObject({ messageId: "auth.unauthorized" });
  });
});

test("a user who signs in at a provider is shown as external, with the provider's name", async () => {
  const server = await startOidcServer();
  server.claims = ANN;
  await withRole({ env: oidcEnv(server) }, async (role) => {
    await signIn(role, server);
    const labels = { authLabels: ["Generic OAuth"] };
    expect((await role.call("GET", "/api/users/2")).json).toMatchObject({ isExternal: true, ...labels });
    expect((await role.call("GET", "/api/users/search?query=ann")).json.users).toMatchObject([labels]);
    expect((await role.call("GET", "/api/user")).json).toMatchObject({ isExternal: false, authLabels: [] });
    expect((await role.call("GET", "/api/frontend/settings", undefined, NOBODY)).json.oauth).toEqual({
      generic_oauth: { name: "Company", icon: "signin" },
    });
  });
});

test.each([
  [{ CLIENT_ID: "" }, "auth.generic_oauth.client_id: set it"],
  [{ ISSUER_URL: "", AUTH_URL: "https://x/auth" }, "auth.generic_oauth.token_url: set it"],
  [{ ISSUER_URL: "company" }, "auth.generic_oauth.issuer_url: "],
  [{ ROLE_ATTRIBUTE_PATH: "a[" }, "auth.generic_oauth.role_attribute_path: "],
] as const)("the server does not start with the settings %j", async (more, problem) => {
  const env = oidcEnv({ issuer: "http://127.0.0.1:1" } as OidcServer, more);
  await expect(withRole({ env }, async () => undefined)).rejects.toThrow(problem);
});
