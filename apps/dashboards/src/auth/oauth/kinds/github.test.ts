import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { type OAuthVendor, pageOf, startOAuthVendor } from "../../../testing/oauth-vendor.ts";
import { CLIENT_URL } from "../../../testing/oidc-server.ts";
import { withRole } from "../../../testing/running-role.ts";
import { openVendor, outcome, signInAt } from "../../../testing/vendor-sign-in.ts";
import { githubKind } from "./github.ts";
import { MAX_PAGES } from "./pages.ts";

const USER = {
  login: "octocat",
  id: 583_231,
  node_id: "MDQ6VXNlcjU4MzIzMQ==",
  type: "User",
  name: "Mona Lisa",
  company: "@github",
  email: "octocat@company.test",
};

const team = (id: number, slug: string, parent: number | null = null, organization = "Company") => ({
  id,
  name: slug,
  slug,
  html_url: `https://github.test/orgs/${organization}/teams/${slug}`,
  organization: { login: organization, id: 1 },
  parent: parent === null ? null : { id: parent, slug: "parent" },
});

/** Starts a fake GitHub Enterprise Server with the account `octocat`. */
async function startGithub(more: Readonly<Record<string, unknown>> = {}) {
  const vendor = await startOAuthVendor({ tokenPath: "/login/oauth/access_token" });
  vendor.tokens = { scope: "user:email,read:org" };
  const lists: Record<string, readonly unknown[]> = {
    teams: [team(11, "ops"), team(12, "on-call", 40)],
    orgs: [{ login: "Company", id: 1 }],
    emails: [
      { email: "old@company.test", primary: false, verified: true, visibility: null },
      { email: "octocat@company.test", primary: true, verified: true, visibility: "private" },
    ],
  };
  vendor.api["/api/v3/user"] = () => ({ body: { ...USER, ...more } });
  for (const name of Object.keys(lists)) {
    const path = `/api/v3/user/${name}`;
    vendor.api[path] = (request) => pageOf(request, lists[name]!, `${vendor.url}${path}`);
  }
  return { vendor, lists };
}

const settingsOf = ({ url }: OAuthVendor, more: Readonly<Record<string, string>> = {}) => ({
  AUTH_URL: `${url}/login/oauth/authorize`,
  TOKEN_URL: `${url}/login/oauth/access_token`,
  API_URL: `${url}/api/v3/user`,
  ...more,
});

test("a user of GitHub signs in with the teams of GitHub in both forms, and gets the role that they give", async () => {
  const { vendor } = await startGithub();
  const path = "contains(groups[*], '@Company/ops') && 'Editor' || 'Viewer'";
  expect(await outcome(vendor, githubKind, settingsOf(vendor, { ROLE_ATTRIBUTE_PATH: path }))).toEqual({
    provider: "oauth_github",
    subject: "583231",
    login: "octocat",
    email: "octocat@company.test",
    name: "Mona Lisa",
    groups: [
      "https://github.test/orgs/Company/teams/ops",
      "@Company/ops",
      "https://github.test/orgs/Company/teams/on-call",
      "@Company/on-call",
    ],
    areGroupsOmitted: false,
    role: "Editor",
  });
});

test("the role also follows from the user, in upper or lower case, and a user without a name has the login as name", async () => {
  const { vendor } = await startGithub({ name: null });
  const values = { ROLE_ATTRIBUTE_PATH: "[login=='octocat'][0] && 'grafanaADMIN' || 'Viewer'" };
  const all = { ...values, ALLOW_ASSIGN_GRAFANA_ADMIN: "true" };
  expect(await outcome(vendor, githubKind, settingsOf(vendor, all))).toMatchObject({
    name: "octocat",
    role: "Admin",
    isServerAdmin: true,
  });
  // Without ALLOW_ASSIGN_GRAFANA_ADMIN, the user still gets the role Admin in the organization, as in Grafana.
  const account = await outcome(vendor, githubKind, settingsOf(vendor, values));
  expect([account.role, account.isServerAdmin]).toEqual(["Admin", undefined]);
});

test.each<[settings: Readonly<Record<string, string>>, refused: string | undefined]>([
  [{ ALLOWED_ORGANIZATIONS: "other company" }, undefined],
  [{ ALLOWED_ORGANIZATIONS: '["Other", "Company"]' }, undefined],
  [{ ALLOWED_ORGANIZATIONS: "other" }, "not-allowed"],
  [{ TEAM_IDS: "9,11" }, undefined],
  [{ TEAM_IDS: "40" }, undefined],
  [{ TEAM_IDS: "1" }, "not-allowed"],
  [{ ALLOWED_DOMAINS: "Company.TEST" }, undefined],
  [{ ALLOWED_DOMAINS: "any.test" }, "not-allowed"],
  [{ ALLOWED_GROUPS: "@Company/on-call" }, undefined],
  [{ ALLOWED_GROUPS: "@Company/sales" }, "not-allowed"],
  [{ ORG_MAPPING: "@Company/ops:Main Org.:Admin", ROLE_ATTRIBUTE_STRICT: "true" }, undefined],
  [{ ROLE_ATTRIBUTE_PATH: "role", ROLE_ATTRIBUTE_STRICT: "true" }, "no-role"],
])("with %j, a user of the organization Company is refused with %j", async (settings, refused) => {
  const { vendor } = await startGithub();
  const quoted = Object.entries(settings).map(([key, value]) => [key, value.replace(/@.*:Admin/, (one) => `"${one}"`)]);
  const account = await outcome(vendor, githubKind, settingsOf(vendor, Object.fromEntries(quoted)));
  expect(account.refused).toBe(refused);
});

test("a user with a hidden address gets the primary one that GitHub has verified, and no other one", async () => {
  const { vendor, lists } = await startGithub({ email: null });
  expect((await outcome(vendor, githubKind, settingsOf(vendor))).email).toBe("octocat@company.test");
  lists["emails"] = [
    { email: "octocat@company.test", primary: true, verified: false, visibility: null },
    { email: "other@company.test", primary: false, verified: true, visibility: null },
  ];
  expect((await outcome(vendor, githubKind, settingsOf(vendor))).email).toBe("");
  const allowed = settingsOf(vendor, { ALLOWED_DOMAINS: "company.test" });
  expect((await outcome(vendor, githubKind, allowed)).refused).toBe("not-allowed");
});

test("all 250 teams on three pages count, also if the server has smaller pages than requested", async () => {
  const { vendor, lists } = await startGithub();
  lists["teams"] = Array.from({ length: 250 }, (_, index) => team(index + 1, `team-${index + 1}`));
  const account = await outcome(vendor, githubKind, settingsOf(vendor, { TEAM_IDS: "250" }));
  expect([account.groups?.length, account.areGroupsOmitted]).toEqual([500, false]);
  expect(vendor.requests.filter(({ path }) => path.endsWith("/teams"))).toHaveLength(3);
  const path = "/api/v3/user/teams";
  vendor.api[path] = ({ query, ...request }) => {
    query.set("per_page", "30");
    return pageOf({ query, ...request }, lists["teams"]!, vendor.url + path);
  };
  expect((await outcome(vendor, githubKind, settingsOf(vendor, { TEAM_IDS: "250" }))).groups).toHaveLength(500);
});

test("an endless list of teams ends at a limit, and its groups count as omitted", async () => {
  const { vendor } = await startGithub();
  const page = Array.from({ length: 100 }, (_, index) => team(index + 1, `team-${index + 1}`));
  vendor.api["/api/v3/user/teams"] = () => ({
    body: page,
    headers: { link: '<http://attacker.test/>; rel="next"' },
  });
  expect((await outcome(vendor, githubKind, settingsOf(vendor))).areGroupsOmitted).toBe(true);
  expect(vendor.requests.filter(({ path }) => path.endsWith("/teams"))).toHaveLength(MAX_PAGES);
  vendor.api["/api/v3/user/teams"] = () => ({ body: [{ ...team(1, "long"), description: "x".repeat(3_000_000) }] });
  expect((await outcome(vendor, githubKind, settingsOf(vendor))).refused).toBe("provider-unavailable");
});

test("a slow GitHub with many pages does not keep a sign-in waiting for all of them", async () => {
  const { vendor, lists } = await startGithub();
  lists["teams"] = Array.from({ length: 1000 }, (_, index) => team(index + 1, `team-${index + 1}`));
  const path = "/api/v3/user/teams";
  const clock = new ManualClock(Date.now());
  const answer = vendor.api[path]!;
  vendor.api[path] = async (request) => {
    await clock.advance(9000);
    return answer(request);
  };
  await expect(signInAt(vendor, openVendor(githubKind, settingsOf(vendor), clock))).rejects.toMatchObject({
    problem: "provider-unavailable",
    cause: new Error("the account was not read in 30 s"),
  });
  expect(vendor.requests.filter((request) => request.path === path)).toHaveLength(4);
});

test("a browser signs in with GitHub at the role, and the teams of GitHub give teams here", async () => {
  const { vendor } = await startGithub();
  const values = { ENABLED: "true", CLIENT_ID: "narthex", CLIENT_SECRET: "shared", ...settingsOf(vendor) };
  const own = Object.entries(values).map(([name, value]) => [`GF_AUTH_GITHUB_${name}`, value]);
  await withRole({ env: { GF_SERVER_ROOT_URL: CLIENT_URL, ...Object.fromEntries(own) } }, async ({ host, call }) => {
    await call("POST", "/api/teams", { name: "Operations" });
    await call("POST", "/api/teams/1/groups", { groupId: "@company/OPS" });
    const begun = await call("GET", "/login/github", undefined, { user: "" });
    const back = `/login/github${vendor.signIn(begun.headers.get("location")!)}`;
    const [cookie = ""] = begun.headers.getSetCookie().map((line) => line.split(";", 1)[0]!);
    const arrived = await call("GET", back, undefined, { user: "", headers: { cookie } });
    expect(arrived.headers.get("location")).toBe("/");
    expect((await call("GET", "/api/users/2/teams")).json).toMatchObject([{ name: "Operations" }]);
    expect(host.output.stderr).not.toContain(vendor.accessToken);
  });
});

test.each<[what: string, answer: object, refused: string]>([
  ["refuses", { status: 403, body: { message: "Resource not accessible" } }, "provider-refused"],
  ["has had too many requests", { status: 429, body: {} }, "provider-unavailable"],
  [
    "has had too many requests of the account",
    { status: 403, headers: { "x-ratelimit-remaining": "0" }, body: { message: "API rate limit exceeded" } },
    "provider-unavailable",
  ],
  ["fails", { status: 500, body: "<h1>Whoa there!</h1>" }, "provider-unavailable"],
  ["answers with a page", { body: "<h1>Maintenance</h1>" }, "provider-unavailable"],
  ["answers with an object", { body: { message: "Not a list" } }, "provider-unavailable"],
  ["leads elsewhere", { status: 302, headers: { location: "http://attacker.test/" } }, "provider-refused"],
])("a sign-in while GitHub %s has the matching reason", async (_what, answer, refused) => {
  for (const path of ["/api/v3/user/teams", "/api/v3/user/orgs"]) {
    const { vendor } = await startGithub();
    vendor.api[path] = () => answer;
    const values = settingsOf(vendor, { ALLOWED_ORGANIZATIONS: "Company" });
    expect((await outcome(vendor, githubKind, values)).refused).toBe(refused);
  }
});

test("a refusal names the status of GitHub's answer, but not the answer", async () => {
  const { vendor } = await startGithub();
  vendor.api["/api/v3/user"] = () => ({ status: 403, body: { message: "secret" } });
  const error = await signInAt(vendor, openVendor(githubKind, settingsOf(vendor))).catch((cause: unknown) => cause);
  expect((error as Error).cause).toEqual(new Error(`${vendor.url}/api/v3/user answered with the status 403`));
});

test("the code is refused if GitHub answers with an error, which has the status 200", async () => {
  const { vendor } = await startGithub();
  vendor.tokenAnswer = { body: { error: "bad_verification_code", error_description: "expired" } };
  expect((await outcome(vendor, githubKind, settingsOf(vendor))).refused).toBe("provider-refused");
});

test("a session with GitHub is not refreshed, because GitHub has no refresh tokens", async () => {
  const { vendor } = await startGithub();
  const provider = openVendor(githubKind, settingsOf(vendor));
  const begun = new URL((await provider.begin("http://x/login/github")).url).searchParams;
  expect([begun.get("scope"), begun.get("nonce"), begun.get("access_type")]).toEqual([
    "user:email read:org",
    null,
    null,
  ]);
  expect((await signInAt(vendor, provider)).tokens).toEqual({ expiresAt: 0, refreshToken: "", idToken: "" });
});

test("the tokens of another server are never sent to the public GitHub", () => {
  const { TOKEN_URL: token, API_URL: api, ...sign } = settingsOf({ url: "https://github.company.test" } as OAuthVendor);
  expect(() => openVendor(githubKind, { ...sign, API_URL: api })).toThrow("auth.github.token_url: set it");
  expect(() => openVendor(githubKind, { ...sign, TOKEN_URL: token })).toThrow("auth.github.api_url: set it");
  expect(openVendor(githubKind, {}).settings.api_url).toBe("https://api.github.com/user");
});
