import { expect, test } from "vitest";
import { type OAuthVendor, startOAuthVendor } from "../../../testing/oauth-vendor.ts";
import { openVendor, outcome, signInAt } from "../../../testing/vendor-sign-in.ts";
import { googleKind } from "./google.ts";
import { MAX_PAGES } from "./pages.ts";

const CLAIMS = {
  sub: "110169484474386276334",
  hd: "company.test",
  email: "ann@company.test",
  email_verified: true,
  name: "Ann Example",
};

const GROUPS_PATH = "/v1/groups/-/memberships:searchDirectGroups";
const GROUP_SCOPES = "openid email profile https://www.googleapis.com/auth/cloud-identity.groups.readonly";

/** Starts a fake Google with the account of Ann in the Workspace of company.test. */
async function startGoogle(change: object = {}) {
  const vendor = await startOAuthVendor({
    tokenPath: "/token",
    keysPath: "/oauth2/v3/certs",
    givesRefreshToken: (begun) => begun.get("access_type") === "offline" && begun.get("prompt") === "consent",
  });
  vendor.idToken = { ...CLAIMS, ...change };
  vendor.api["/v1/userinfo"] = () => ({ body: { ...CLAIMS, ...change } });
  return vendor;
}

const membership = (email: string) => ({
  membership: "groups/1/memberships/2",
  group: "groups/1",
  groupKey: { id: email },
  displayName: email,
});

const settingsOf = ({ url }: OAuthVendor, more: Readonly<Record<string, string>> = {}) => ({
  AUTH_URL: `${url}/o/oauth2/v2/auth`,
  TOKEN_URL: `${url}/token`,
  API_URL: `${url}/v1/userinfo`,
  JWK_SET_URL: `${url}/oauth2/v3/certs`,
  TEAMS_URL: `${url}${GROUPS_PATH}`,
  ...more,
});

test("a user of Google signs in with the address as login, and gets a role by it", async () => {
  const vendor = await startGoogle();
  const path = "email=='ann@company.test' && 'Admin' || 'Viewer'";
  expect(await outcome(vendor, googleKind, settingsOf(vendor, { ROLE_ATTRIBUTE_PATH: path }))).toEqual({
    provider: "oauth_google",
    subject: "110169484474386276334",
    login: "ann@company.test",
    email: "ann@company.test",
    name: "Ann Example",
    groups: [],
    areGroupsOmitted: false,
    role: "Admin",
  });
});

test.each([
  ["is not verified", { email_verified: false }],
  ["is not said to be verified", { email_verified: undefined }],
  ["is missing", { email: undefined }],
])("a user whose address %s cannot sign in, with and without an ID token", async (_what, change) => {
  const vendor = await startGoogle(change);
  expect((await outcome(vendor, googleKind, settingsOf(vendor))).refused).toBe("email-unverified");
  vendor.idToken = undefined;
  expect((await outcome(vendor, googleKind, settingsOf(vendor))).refused).toBe("email-unverified");
});

test("an ID token that another key has signed is refused", async () => {
  const [vendor, other] = [await startGoogle(), await startGoogle()];
  const values = settingsOf(vendor, { JWK_SET_URL: `${other.url}/oauth2/v3/certs` });
  expect((await outcome(vendor, googleKind, values)).refused).toBe("provider-refused");
});

test("an account of Google's first API, which names the claims differently, signs in", async () => {
  const vendor = await startGoogle();
  vendor.idToken = undefined;
  const { sub: id, email_verified: verified_email, ...more } = CLAIMS;
  vendor.api["/v1/userinfo"] = () => ({ body: { id, verified_email, ...more } });
  const values = settingsOf(vendor, { ALLOWED_DOMAINS: "company.test" });
  expect(await outcome(vendor, googleKind, values)).toMatchObject({ subject: CLAIMS.sub, email: CLAIMS.email });
});

const PRIVATE = { hd: undefined };

test.each<[settings: Readonly<Record<string, string>>, account: object, refused: string | undefined]>([
  [{ ALLOWED_DOMAINS: "company.test other.test" }, {}, undefined],
  [{ ALLOWED_DOMAINS: "Company.TEST" }, {}, undefined],
  [{ ALLOWED_DOMAINS: "other.test" }, {}, "not-allowed"],
  // A private account with a company's address is refused: anyone who has the address can open such an account.
  [{ ALLOWED_DOMAINS: "company.test" }, PRIVATE, "not-allowed"],
  [{ ALLOWED_DOMAINS: "company.test" }, { hd: "other.test" }, "not-allowed"],
  [{ ALLOWED_DOMAINS: "company.test", VALIDATE_HD: "false" }, PRIVATE, undefined],
  [{ ALLOWED_DOMAINS: "company.test", VALIDATE_HD: "false" }, { email: "a@evilcompany.test" }, "not-allowed"],
  [{ HOSTED_DOMAIN: "company.test" }, {}, undefined],
  [{ HOSTED_DOMAIN: "company.test" }, PRIVATE, "not-allowed"],
  [{ HOSTED_DOMAIN: "company.test", VALIDATE_HD: "false" }, { hd: "other.test" }, "not-allowed"],
  [{ HOSTED_DOMAIN: "*" }, { hd: "other.test" }, undefined],
  [{ HOSTED_DOMAIN: "*" }, PRIVATE, "not-allowed"],
  [{}, PRIVATE, undefined],
])("with %j, an account with %j is refused with %j", async (settings, account, refused) => {
  const vendor = await startGoogle(account);
  expect((await outcome(vendor, googleKind, settingsOf(vendor, settings))).refused).toBe(refused);
});

test("with the scope for groups, the groups on all pages count for roles and allowed groups", async () => {
  const vendor = await startGoogle();
  const all = Array.from({ length: 250 }, (_, index) => membership(`team-${index}@company.test`));
  vendor.api[GROUPS_PATH] = ({ query }) => {
    const from = Number(query.get("pageToken") ?? 0);
    const next = from + 100 < all.length ? { nextPageToken: String(from + 100) } : {};
    return { body: { memberships: all.slice(from, from + 100), ...next } };
  };
  const values = settingsOf(vendor, {
    SCOPES: GROUP_SCOPES,
    ROLE_ATTRIBUTE_PATH: "contains(groups[*], 'team-249@company.test') && 'Editor' || 'Viewer'",
  });
  const account = await outcome(vendor, googleKind, { ...values, ALLOWED_GROUPS: "team-249@company.test" });
  expect([account.groups?.length, account.areGroupsOmitted, account.role]).toEqual([250, false, "Editor"]);
  expect(vendor.requests.map(({ query }) => query.get("query"))).toEqual(
    Array.from({ length: 3 }, () => "member_key_id == 'ann@company.test'"),
  );
  expect((await outcome(vendor, googleKind, { ...values, ALLOWED_GROUPS: "ops@company.test" })).refused).toBe(
    "not-allowed",
  );
  vendor.requests.length = 0;
  await outcome(vendor, googleKind, settingsOf(vendor));
  expect(vendor.requests).toEqual([]);
});

test("an address with a quote does not change the query for groups, and an account may have no group", async () => {
  const vendor = await startGoogle({ email: "o'hara\\@company.test" });
  vendor.api[GROUPS_PATH] = () => ({ body: {} });
  const account = await outcome(vendor, googleKind, settingsOf(vendor, { SCOPES: GROUP_SCOPES }));
  expect([account.groups, account.areGroupsOmitted]).toEqual([[], false]);
  expect(vendor.requests[0]!.query.get("query")).toBe(String.raw`member_key_id == 'o\'hara\\@company.test'`);
});

test.each<[answer: object, expected: object]>([
  [
    { status: 403, body: { error: { code: 403 } } },
    { groups: [], areGroupsOmitted: true },
  ],
  [{ body: { nextPageToken: "1", memberships: [membership("a@x")] } }, { areGroupsOmitted: true }],
  [{ status: 429, body: {} }, { refused: "provider-unavailable" }],
  [{ status: 503, body: "<h1>503</h1>" }, { refused: "provider-unavailable" }],
  [{ body: "<h1>Sign in</h1>" }, { refused: "provider-unavailable" }],
  [{ body: { memberships: "many" } }, { refused: "provider-unavailable" }],
])("if the list of groups is %j, the sign-in has the outcome %j", async (answer, expected) => {
  const vendor = await startGoogle();
  vendor.api[GROUPS_PATH] = () => answer;
  const values = settingsOf(vendor, { SCOPES: GROUP_SCOPES });
  expect(await outcome(vendor, googleKind, values)).toMatchObject(expected);
  expect(vendor.requests.length).toBeLessThanOrEqual(MAX_PAGES);
});

test("the sign-in at Google asks for a refresh token and names the Workspace, unless the settings turn this off", async () => {
  const vendor = await startGoogle();
  const begin = async (more: Readonly<Record<string, string>>) => {
    const { url } = await openVendor(googleKind, settingsOf(vendor, more)).begin("http://x/login/google");
    return ["access_type", "prompt", "hd"].map((name) => new URL(url).searchParams.get(name));
  };
  expect(await begin({ HOSTED_DOMAIN: "company.test" })).toEqual(["offline", "consent", "company.test"]);
  expect(await begin({ USE_REFRESH_TOKEN: "false" })).toEqual([null, null, null]);
  const provider = openVendor(googleKind, settingsOf(vendor));
  const { tokens } = await signInAt(vendor, provider);
  // Google returns the refresh token only once.
  vendor.tokens = { refresh_token: undefined };
  expect((await provider.refresh(tokens.refreshToken)).tokens.refreshToken).toBe(tokens.refreshToken);
});
