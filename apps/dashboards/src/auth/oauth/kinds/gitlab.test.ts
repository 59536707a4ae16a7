import { expect, test } from "vitest";
import { type OAuthVendor, pageOf, startOAuthVendor } from "../../../testing/oauth-vendor.ts";
import { openVendor, outcome, signInAt } from "../../../testing/vendor-sign-in.ts";
import { gitlabKind } from "./gitlab.ts";

/** Path under which the fake self-managed GitLab is installed. */
const BELOW = "/gitlab";

const CLAIMS = {
  sub: "42",
  sub_legacy: "f2ca1bb6c7e907d0",
  name: "Ann Example",
  nickname: "ann",
  preferred_username: "ann",
  email: "ann@company.test",
  email_verified: true,
  groups_direct: ["company"],
};

const USER_INFO = { ...CLAIMS, groups_direct: undefined, groups: ["company", "company/platform/on-call"] };

/** An account as GitLab's API returns it. */
const USER = {
  id: 42,
  username: "ann",
  name: "Ann Example",
  state: "active",
  email: "ann@company.test",
  confirmed_at: "2020-10-02T09:39:40.882Z",
};

/** Starts a fake self-managed GitLab, installed under a path, with the account `ann`. */
async function startGitlab() {
  const vendor = await startOAuthVendor({ tokenPath: `${BELOW}/oauth/token`, givesRefreshToken: () => true });
  vendor.idToken = CLAIMS;
  vendor.api[`${BELOW}/oauth/userinfo`] = () => ({ body: USER_INFO });
  return vendor;
}

/** Starts the fake GitLab with a scope that was used before OpenID Connect. */
async function startOldGitlab(user: object = {}) {
  const vendor = await startGitlab();
  vendor.idToken = undefined;
  const groups = ["company", "company/platform/on-call"].map((path, id) => ({
    id,
    name: "x",
    path: "x",
    full_path: path,
  }));
  vendor.api[`${BELOW}/api/v4/user`] = () => ({ body: { ...USER, ...user } });
  vendor.api[`${BELOW}/api/v4/groups`] = (request) => pageOf(request, groups, `${vendor.url}${BELOW}/api/v4/groups`);
  return vendor;
}

const settingsOf = ({ url }: OAuthVendor, more: Readonly<Record<string, string>> = {}) => ({
  AUTH_URL: `${url}${BELOW}/oauth/authorize`,
  TOKEN_URL: `${url}${BELOW}/oauth/token`,
  API_URL: `${url}${BELOW}/api/v4`,
  ...more,
});

const WAYS = [
  ["OpenID Connect", startGitlab, {}],
  ["the scope read_api", startOldGitlab, { SCOPES: "read_api" }],
] as const;

test.each(WAYS)(
  "a user signs in at a GitLab below a path with %s, with full paths of groups",
  async (_way, start, more) => {
    const vendor = await start();
    const path = "contains(groups[*], 'company/platform/on-call') && 'Editor' || 'Viewer'";
    expect(await outcome(vendor, gitlabKind, settingsOf(vendor, { ROLE_ATTRIBUTE_PATH: path, ...more }))).toEqual({
      provider: "oauth_gitlab",
      subject: "42",
      login: "ann",
      email: "ann@company.test",
      name: "Ann Example",
      groups: ["company", "company/platform/on-call"],
      areGroupsOmitted: false,
      role: "Editor",
    });
  },
);

test.each<[settings: Readonly<Record<string, string>>, refused: string | undefined]>([
  [{ ALLOWED_GROUPS: '["software engineers", "company/platform/on-call"]' }, undefined],
  [{ ALLOWED_GROUPS: "on-call" }, "not-allowed"],
  [{ ALLOWED_GROUPS: "company/platform" }, "not-allowed"],
  [{ ALLOWED_DOMAINS: "company.test" }, undefined],
  [{ ALLOWED_DOMAINS: "other.test" }, "not-allowed"],
  [{ ROLE_ATTRIBUTE_PATH: "is_admin && 'Admin'", ROLE_ATTRIBUTE_STRICT: "true" }, "no-role"],
])("with %j, a user of GitLab is refused with %j", async (settings, refused) => {
  for (const [, start, more] of WAYS) {
    const vendor = await start();
    expect((await outcome(vendor, gitlabKind, settingsOf(vendor, { ...settings, ...more }))).refused).toBe(refused);
  }
});

test.each([
  ["is not verified", { email_verified: false }],
  ["is not said to be verified", { email_verified: undefined }],
  ["is verified only as a text", { email_verified: "true" }],
  ["is missing", { email: undefined }],
])("a user of OpenID Connect whose address %s cannot sign in", async (_what, change) => {
  const vendor = await startGitlab();
  vendor.idToken = { ...CLAIMS, ...change };
  vendor.api[`${BELOW}/oauth/userinfo`] = () => ({ body: { ...USER_INFO, ...change } });
  expect((await outcome(vendor, gitlabKind, settingsOf(vendor))).refused).toBe("email-unverified");
});

test("an address is not verified because another address of the account is", async () => {
  const vendor = await startGitlab();
  vendor.api[`${BELOW}/oauth/userinfo`] = () => ({
    body: { ...USER_INFO, email: "ceo@company.test", email_verified: false },
  });
  expect((await outcome(vendor, gitlabKind, settingsOf(vendor))).refused).toBe("email-unverified");
});

test.each([
  [{ confirmed_at: null }, "email-unverified"],
  [{ confirmed_at: undefined }, "email-unverified"],
  [{ state: "blocked" }, "not-allowed"],
])("a user of the API with %j cannot sign in", async (change, refused) => {
  const vendor = await startOldGitlab(change);
  expect((await outcome(vendor, gitlabKind, settingsOf(vendor, { SCOPES: "read_api" }))).refused).toBe(refused);
});

test("the data of another account than that of the ID token is refused", async () => {
  const vendor = await startGitlab();
  vendor.api[`${BELOW}/oauth/userinfo`] = () => ({ body: { ...USER_INFO, sub: "1" } });
  expect((await outcome(vendor, gitlabKind, settingsOf(vendor))).refused).toBe("provider-refused");
});

test("all 250 groups on three pages count", async () => {
  const vendor = await startOldGitlab();
  const groups = Array.from({ length: 250 }, (_, index) => ({ id: index, full_path: `company/team-${index}` }));
  vendor.api[`${BELOW}/api/v4/groups`] = (request) => pageOf(request, groups, `${vendor.url}${BELOW}/api/v4/groups`);
  const values = settingsOf(vendor, { SCOPES: "read_api", ALLOWED_GROUPS: "company/team-249" });
  expect((await outcome(vendor, gitlabKind, values)).groups).toHaveLength(250);
  const queries = vendor.requests.filter(({ path }) => path.endsWith("/groups")).map(({ query }) => query.toString());
  expect(queries).toEqual([1, 2, 3].map((page) => `min_access_level=10&per_page=100&page=${page}`));
});

test.each([
  [{ status: 403, body: { error: "insufficient_scope" } }, "provider-refused"],
  [{ status: 429, body: "Retry later" }, "provider-unavailable"],
  [{ status: 500, body: "<h1>500</h1>" }, "provider-unavailable"],
  [{ body: "<h1>Deploy in progress</h1>" }, "provider-unavailable"],
])("a sign-in for which GitLab answers with %j is refused with %s", async (answer, refused) => {
  const [vendor, old] = [await startGitlab(), await startOldGitlab()];
  vendor.api[`${BELOW}/oauth/userinfo`] = () => answer;
  old.api[`${BELOW}/api/v4/groups`] = () => answer;
  expect((await outcome(vendor, gitlabKind, settingsOf(vendor))).refused).toBe(refused);
  expect((await outcome(old, gitlabKind, settingsOf(old, { SCOPES: "read_api" }))).refused).toBe(refused);
});

test("GitLab needs no further scope for refresh tokens, and a refresh without an ID token reads the account", async () => {
  const vendor = await startGitlab();
  const provider = openVendor(gitlabKind, settingsOf(vendor));
  const begun = new URL((await provider.begin("http://x/login/gitlab")).url).searchParams;
  expect([begun.get("scope"), begun.has("code_challenge")]).toEqual(["openid email profile", true]);
  const { tokens } = await signInAt(vendor, provider);
  vendor.idToken = undefined;
  const next = await provider.refresh(tokens.refreshToken);
  expect(await next.account()).toMatchObject({ subject: "42", groups: ["company", "company/platform/on-call"] });
  await expect(provider.refresh(tokens.refreshToken)).rejects.toMatchObject({ problem: "provider-refused" });
  await expect(provider.refresh(next.tokens.refreshToken)).resolves.toBeDefined();
});

test("the token of a GitLab of which only the issuer is known is not sent to the public GitLab", () => {
  const { settings } = openVendor(gitlabKind, { ISSUER_URL: "https://gitlab.company.test" });
  expect([settings.api_url, settings.auth_url, settings.token_url]).toEqual(["", "", ""]);
});
