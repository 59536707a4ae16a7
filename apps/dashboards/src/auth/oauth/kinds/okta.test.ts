import { expect, test } from "vitest";
import { UnsecuredJWT } from "jose";
import { type OAuthVendor, startOAuthVendor } from "../../../testing/oauth-vendor.ts";
import { openVendor, outcome, signInAt } from "../../../testing/vendor-sign-in.ts";
import { oktaKind } from "./okta.ts";
import { accessTokenClaims } from "../id-token.ts";

const ID_TOKEN = {
  sub: "00uid4BxXw6I6TV4m0g3",
  ver: 1,
  idp: "00o1",
  name: "Ann Example",
  email: "ann@company.test",
  preferred_username: "ann@company.test",
};

const USER_INFO = {
  ...ID_TOKEN,
  email_verified: true,
  groups: ["Everyone", "Example::DevOps"],
  grafana_role: "Editor",
};

/** Starts a fake Okta with the account of Ann. */
async function startOkta(change: object = {}) {
  const vendor = await startOAuthVendor({
    tokenPath: "/oauth2/v1/token",
    keysPath: "/oauth2/v1/keys",
    givesRefreshToken: (begun) => (begun.get("scope") ?? "").split(" ").includes("offline_access"),
  });
  vendor.idToken = { ...ID_TOKEN, ...change };
  vendor.api["/oauth2/v1/userinfo"] = () => ({ body: { ...USER_INFO, ...change } });
  return vendor;
}

const settingsOf = ({ url }: OAuthVendor, more: Readonly<Record<string, string>> = {}) => ({
  AUTH_URL: `${url}/oauth2/v1/authorize`,
  TOKEN_URL: `${url}/oauth2/v1/token`,
  API_URL: `${url}/oauth2/v1/userinfo`,
  ...more,
});

test("a user of Okta signs in with the groups and the role of the UserInfo", async () => {
  const vendor = await startOkta();
  const values = settingsOf(vendor, {
    JWK_SET_URL: `${vendor.url}/oauth2/v1/keys`,
    ROLE_ATTRIBUTE_PATH: "grafana_role",
  });
  expect(await outcome(vendor, oktaKind, values)).toEqual({
    provider: "oauth_okta",
    subject: "00uid4BxXw6I6TV4m0g3",
    login: "ann@company.test",
    email: "ann@company.test",
    name: "Ann Example",
    groups: ["Everyone", "Example::DevOps"],
    areGroupsOmitted: false,
    role: "Editor",
  });
  // The expression needs claims of both the ID token and the UserInfo. With the ID token alone, the role would be
  // Viewer.
  const both = "grafana_role=='Editor' && contains(groups[*], 'Example::DevOps') && 'Admin' || 'Viewer'";
  expect((await outcome(vendor, oktaKind, { ...values, ROLE_ATTRIBUTE_PATH: both })).role).toBe("Admin");
});

test("Okta's access token, whose subject is the login and not the id, does not prevent a sign-in", async () => {
  const vendor = await startOkta();
  const claims = { sub: "ann@company.test", uid: ID_TOKEN.sub, groups: ["GrafanaAdmin"], grafana_role: "Admin" };
  const token = new UnsecuredJWT(claims).encode();
  expect(accessTokenClaims(token)).toMatchObject(claims);
  vendor.accessToken = token;
  const account = await outcome(vendor, oktaKind, settingsOf(vendor, { ROLE_ATTRIBUTE_PATH: "grafana_role" }));
  expect(account).toMatchObject({ subject: ID_TOKEN.sub, role: "Editor", groups: USER_INFO.groups });
});

test.each<[settings: Readonly<Record<string, string>>, refused: string | undefined]>([
  [{ ALLOWED_GROUPS: '"Example::DevOps" "Example::Dev"' }, undefined],
  [{ ALLOWED_GROUPS: "Example::Dev,Example::QA" }, "not-allowed"],
  [{ ALLOWED_DOMAINS: "company.test" }, undefined],
  [{ ALLOWED_DOMAINS: "other.test" }, "not-allowed"],
  [{ ROLE_ATTRIBUTE_PATH: "other_role", ROLE_ATTRIBUTE_STRICT: "true" }, "no-role"],
  [{ ORG_MAPPING: '["Example::DevOps:1:Editor"]', ROLE_ATTRIBUTE_STRICT: "true" }, undefined],
])("with %j, a user of Okta is refused with %j", async (settings, refused) => {
  const vendor = await startOkta();
  expect((await outcome(vendor, oktaKind, settingsOf(vendor, settings))).refused).toBe(refused);
});

test("a user without an address has the login of Okta instead, and an address counts although Okta has not verified it, as in Grafana", async () => {
  const vendor = await startOkta({ email: undefined });
  expect(await outcome(vendor, oktaKind, settingsOf(vendor))).toMatchObject({ login: "ann@company.test" });
  const unverified = await startOkta({ email_verified: false });
  expect(await outcome(unverified, oktaKind, settingsOf(unverified))).toMatchObject({ login: "ann@company.test" });
});

test.each<[answer: object, refused: string]>([
  [{ body: { ...USER_INFO, sub: "00uother" } }, "provider-refused"],
  [{ status: 403, body: {} }, "provider-refused"],
  [{ status: 401, headers: { "www-authenticate": 'Bearer error="invalid_token"' }, body: {} }, "provider-refused"],
  [{ status: 429, body: { errorCode: "E0000047" } }, "provider-unavailable"],
  [{ status: 500, body: {} }, "provider-unavailable"],
  [{ body: "<h1>Okta</h1>" }, "provider-unavailable"],
  [{ headers: { "content-type": "application/json" }, body: "{" }, "provider-unavailable"],
  [{ body: { ...USER_INFO, groups: ["x".repeat(3_000_000)] } }, "provider-unavailable"],
])("a UserInfo of Okta with a wrong answer is refused, case %#", async (answer, refused) => {
  const vendor = await startOkta();
  vendor.api["/oauth2/v1/userinfo"] = () => answer;
  expect((await outcome(vendor, oktaKind, settingsOf(vendor))).refused).toBe(refused);
});

test("Okta gives refresh tokens for the scope offline_access, which use_refresh_token adds", async () => {
  const vendor = await startOkta();
  expect((await signInAt(vendor, openVendor(oktaKind, settingsOf(vendor)))).tokens.refreshToken).toBe("");
  const provider = openVendor(oktaKind, settingsOf(vendor, { USE_REFRESH_TOKEN: "true" }));
  const { tokens } = await signInAt(vendor, provider);
  vendor.api["/oauth2/v1/userinfo"] = () => ({ body: { ...USER_INFO, groups: ["Everyone"] } });
  expect(await (await provider.refresh(tokens.refreshToken)).account()).toMatchObject({ groups: ["Everyone"] });
  const twice = settingsOf(vendor, { USE_REFRESH_TOKEN: "true", SCOPES: "openid offline_access" });
  const { url } = await openVendor(oktaKind, twice).begin("http://x/login/okta");
  expect(new URL(url).searchParams.get("scope")).toBe("openid offline_access");
});
