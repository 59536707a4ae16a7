import { expect, test } from "vitest";
import { type OAuthVendor, startOAuthVendor } from "../../../testing/oauth-vendor.ts";
import { openVendor, outcome, signInAt } from "../../../testing/vendor-sign-in.ts";
import type { AccountSource } from "../oauth-kind.ts";
import { azureadKind } from "./azuread.ts";
import { graphGroups } from "./microsoft-graph.ts";
import { MAX_PAGES } from "./pages.ts";

const TENANT = "8bab1c86-8fba-33e5-2089-1d1c80ec267d";
const GROUP = "11111111-0000-0000-0000-000000000001";
const GRAPH_PATH = "/v1.0/me/getMemberObjects";

const CLAIMS = {
  ver: "2.0",
  tid: TENANT,
  oid: "690222be-ff1a-4d56-abd1-7e4f7d38e474",
  sub: "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
  name: "Ann Example",
  email: "ann@company.test",
  preferred_username: "ann@company.onmicrosoft.test",
  groups: [GROUP],
  roles: ["viewer", "Editor"],
};

/**
 * Claims that replace `groups` for an account in more than 200 groups. The address in them differs from that of the
 * settings.
 */
const OMITTED = {
  groups: undefined,
  _claim_names: { groups: "src1" },
  _claim_sources: { src1: { endpoint: "http://127.0.0.1:1/users/690222be/getMemberObjects" } },
};

/** Starts a fake Entra ID and Microsoft Graph with the account of Ann. */
async function startEntra(change: object = {}) {
  const vendor = await startOAuthVendor({
    tokenPath: `/${TENANT}/oauth2/v2.0/token`,
    keysPath: `/${TENANT}/discovery/v2.0/keys`,
    givesRefreshToken: (begun) => (begun.get("scope") ?? "").split(" ").includes("offline_access"),
  });
  vendor.idToken = { ...CLAIMS, ...change };
  vendor.api[GRAPH_PATH] = ({ method, body }) =>
    method === "POST" && body === '{"securityEnabledOnly":false}'
      ? {
          body: {
            "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#Collection(Edm.String)",
            value: [GROUP, "g2"],
          },
        }
      : { status: 400, body: {} };
  return vendor;
}

const settingsOf = ({ url }: OAuthVendor, more: Readonly<Record<string, string>> = {}) => ({
  AUTH_URL: `${url}/${TENANT}/oauth2/v2.0/authorize`,
  TOKEN_URL: `${url}/${TENANT}/oauth2/v2.0/token`,
  API_URL: url,
  ...more,
});

test("a user of Entra ID signs in with the highest app role, and Graph is not asked", async () => {
  const vendor = await startEntra();
  expect(await outcome(vendor, azureadKind, settingsOf(vendor))).toEqual({
    provider: "oauth_azuread",
    subject: CLAIMS.oid,
    login: "ann@company.test",
    email: "ann@company.test",
    name: "Ann Example",
    groups: [GROUP],
    areGroupsOmitted: false,
    role: "Editor",
  });
  expect(vendor.requests).toEqual([]);
});

test.each<[settings: Readonly<Record<string, string>>, claims: object, refused: string | undefined]>([
  [{ ALLOWED_ORGANIZATIONS: `other ${TENANT}` }, {}, undefined],
  [{ ALLOWED_ORGANIZATIONS: TENANT }, { tid: "9188040d-6c67-4c5b-b112-36a304b66dad" }, "not-allowed"],
  [{ ALLOWED_ORGANIZATIONS: TENANT }, { tid: undefined }, "not-allowed"],
  [{ ALLOWED_GROUPS: GROUP }, {}, undefined],
  [{ ALLOWED_GROUPS: "g2" }, {}, "not-allowed"],
  [{ ALLOWED_GROUPS: "g2" }, OMITTED, undefined],
  [{ ALLOWED_GROUPS: "g3" }, OMITTED, "not-allowed"],
  [{ ALLOWED_DOMAINS: "company.test" }, {}, undefined],
  [{ ALLOWED_DOMAINS: "other.test" }, {}, "not-allowed"],
  // The claim `xms_edov` is false: the tenant does not own the domain of the address.
  [{ ALLOWED_DOMAINS: "company.test" }, { xms_edov: false }, "not-allowed"],
  [{ ALLOWED_DOMAINS: "company.test" }, { xms_edov: "0" }, "not-allowed"],
  [{ ALLOWED_DOMAINS: "company.test" }, { xms_edov: true }, undefined],
  [{ ROLE_ATTRIBUTE_STRICT: "true" }, {}, undefined],
  [{ ROLE_ATTRIBUTE_STRICT: "true" }, { roles: ["Other"], role: "Admin" }, "no-role"],
  [{}, { ver: "1.0" }, "provider-refused"],
  [{}, { aud: "another client" }, "provider-refused"],
])("with %j, an account with %j is refused with %j", async (settings, claims, refused) => {
  const vendor = await startEntra(claims);
  expect((await outcome(vendor, azureadKind, settingsOf(vendor, settings))).refused).toBe(refused);
});

test("an account without an address has the name of the account instead", async () => {
  const vendor = await startEntra({ email: undefined });
  expect((await outcome(vendor, azureadKind, settingsOf(vendor))).login).toBe("ann@company.onmicrosoft.test");
});

test("the keys of the ID token are those of the tenant and the cloud in auth_url", async () => {
  const [vendor, other] = [await startEntra(), await startEntra()];
  const values = settingsOf(vendor, { AUTH_URL: settingsOf(other).AUTH_URL });
  expect((await outcome(vendor, azureadKind, values)).refused).toBe("provider-refused");
  const national = {
    AUTH_URL: "https://login.microsoftonline.us/t/oauth2/v2.0/authorize",
    TOKEN_URL: "https://x/token",
  };
  expect(openVendor(azureadKind, national).settings.jwk_set_url).toBe(
    "https://login.microsoftonline.us/t/discovery/v2.0/keys",
  );
});

test("an ID token counts as not checked yet, and not as refused, while the keys cannot be read", async () => {
  const vendor = await startEntra();
  for (const keys of ["http://127.0.0.1:1/keys", `${vendor.url}/missing`])
    expect((await outcome(vendor, azureadKind, settingsOf(vendor, { JWK_SET_URL: keys }))).refused).toBe(
      "provider-unavailable",
    );
  vendor.tokens = { id_token: "no.token.x" };
  expect((await outcome(vendor, azureadKind, settingsOf(vendor))).refused).toBe("provider-refused");
});

test.each([
  ["claim names", OMITTED],
  ["the claim hasgroups", { groups: undefined, hasgroups: true }],
])(
  "groups that %s leave out come from Microsoft Graph, and never from an address in the token",
  async (_what, claims) => {
    const vendor = await startEntra(claims);
    const values = settingsOf(vendor, { ROLE_ATTRIBUTE_PATH: "contains(groups[*], 'g2') && 'Admin' || role" });
    const account = await outcome(vendor, azureadKind, values);
    expect([account.groups, account.areGroupsOmitted, account.role]).toEqual([[GROUP, "g2"], false, "Admin"]);
    expect(vendor.requests.map(({ path }) => path)).toEqual([GRAPH_PATH]);
  },
);

test("with force_use_graph_api, the groups always come from Microsoft Graph", async () => {
  const vendor = await startEntra();
  const values = settingsOf(vendor, { FORCE_USE_GRAPH_API: "true" });
  expect((await outcome(vendor, azureadKind, values)).groups).toEqual([GROUP, "g2"]);
});

test("the groups on all pages of Microsoft Graph count, and a page on another server is not requested", async () => {
  const vendor = await startEntra(OMITTED);
  const pages = (last: object) => {
    vendor.api[GRAPH_PATH] = ({ method, query }) => {
      const page = Number(query.get("$skiptoken") ?? 0);
      const value = Array.from({ length: 100 }, (_, index) => `g-${page}-${index}`);
      const next = `${vendor.url}${GRAPH_PATH}?$skiptoken=${page + 1}`;
      if (method !== (page === 0 ? "POST" : "GET")) return { status: 405, body: {} };
      return { body: page < 2 ? { value, "@odata.nextLink": next } : { value, ...last } };
    };
  };
  pages({});
  const account = await outcome(vendor, azureadKind, settingsOf(vendor, { ALLOWED_GROUPS: "g-2-99" }));
  expect([account.groups?.length, account.areGroupsOmitted]).toEqual([300, false]);
  pages({ "@odata.nextLink": "http://127.0.0.1:1/" });
  expect((await outcome(vendor, azureadKind, settingsOf(vendor))).areGroupsOmitted).toBe(true);
});

test.each<[answer: object, expected: object]>([
  [
    { status: 403, body: { error: { code: "Authorization_RequestDenied" } } },
    { groups: [], areGroupsOmitted: true },
  ],
  [{ status: 429, body: {} }, { refused: "provider-unavailable" }],
  [{ status: 500, body: "<h1>500</h1>" }, { refused: "provider-unavailable" }],
  [{ body: "<h1>Sign in</h1>" }, { refused: "provider-unavailable" }],
  [{ body: {} }, { refused: "provider-unavailable" }],
  [{ body: { value: ["x".repeat(3_000_000)] } }, { refused: "provider-unavailable" }],
])("if the answer of Graph is wrong, the sign-in has the outcome, case %#", async (answer, expected) => {
  const vendor = await startEntra(OMITTED);
  vendor.api[GRAPH_PATH] = () => answer;
  expect(await outcome(vendor, azureadKind, settingsOf(vendor))).toMatchObject(expected);
});

test("an endless list of Graph ends at a limit, and a refusal of Graph is the reason for unknown groups", async () => {
  const vendor = await startEntra(OMITTED);
  vendor.api[GRAPH_PATH] = () => ({ body: { value: ["g"], "@odata.nextLink": `${vendor.url}${GRAPH_PATH}?$skip=1` } });
  expect((await outcome(vendor, azureadKind, settingsOf(vendor))).areGroupsOmitted).toBe(true);
  expect(vendor.requests).toHaveLength(MAX_PAGES);
  vendor.api[GRAPH_PATH] = () => ({ status: 403, body: {} });
  const provider = openVendor(azureadKind, settingsOf(vendor, { ALLOWED_GROUPS: "g2" }));
  await expect(signInAt(vendor, provider)).rejects.toMatchObject({
    problem: "groups-unknown",
    cause: new Error(`${vendor.url}${GRAPH_PATH} answered with the status 403`),
  });
});

test.each([
  ["https://login.microsoftonline.com/t/oauth2/v2.0/authorize", "", "https://graph.microsoft.com"],
  ["https://login.microsoftonline.us/t/oauth2/v2.0/authorize", "", "https://graph.microsoft.us"],
  ["https://login.partner.microsoftonline.cn/t/x", "", "https://microsoftgraph.chinacloudapi.cn"],
  ["https://login.chinacloudapi.cn/t/x", "", "https://microsoftgraph.chinacloudapi.cn"],
  ["https://login.microsoftonline.us/t/x", "https://dod-graph.microsoft.us/v1.0", "https://dod-graph.microsoft.us"],
  // Without an address of the sign-in page, the UserInfo address in the issuer's discovery document shows in which
  // cloud the issuer is.
  ["", "https://graph.microsoft.com/oidc/userinfo", "https://graph.microsoft.com"],
])("with auth_url %j and api_url %j, Graph is %s", async (auth_url, api_url, graph) => {
  const asked: string[] = [];
  const settings = {
    ...openVendor(azureadKind, { AUTH_URL: "https://x/a", TOKEN_URL: "https://x/t" }).settings,
    auth_url,
    api_url,
  };
  const call: AccountSource["call"] = (url) => {
    asked.push(url);
    return Promise.resolve({ json: { value: [] }, link: "" });
  };
  await graphGroups({ settings, userInfoUrl: "", idToken: OMITTED, accessToken: {}, call });
  expect(asked).toEqual([`${graph}${GRAPH_PATH}`]);
});

test("Entra ID gives refresh tokens for offline_access, which is requested unless the settings turn this off", async () => {
  const vendor = await startEntra();
  const provider = openVendor(azureadKind, settingsOf(vendor, { DOMAIN_HINT: "company.test" }));
  const begun = new URL((await provider.begin("http://x/login/azuread")).url).searchParams;
  expect([begun.get("scope"), begun.get("domain_hint"), begun.has("code_challenge")]).toEqual([
    "openid email profile offline_access",
    "company.test",
    true,
  ]);
  const { tokens } = await signInAt(vendor, provider);
  vendor.idToken = { ...CLAIMS, roles: [] };
  expect(await (await provider.refresh(tokens.refreshToken)).account()).toMatchObject({ role: "Viewer" });
  const off = openVendor(azureadKind, settingsOf(vendor, { USE_REFRESH_TOKEN: "false" }));
  expect((await signInAt(vendor, off)).tokens.refreshToken).toBe("");
});
