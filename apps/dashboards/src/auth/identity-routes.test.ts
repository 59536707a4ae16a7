import { expect, test } from "vitest";
import { type RunningRole, withRole, writeBelow } from "../testing/running-role.ts";
import { loadSettings } from "../settings/load-settings.ts";
import { AnonymousAuthenticator } from "./authenticators/anonymous-authenticator.ts";
import { ReadLimits } from "./read-limit.ts";

const IDENTITY = "/api/narthex/identity";
const bearer = (key: string) => ({ user: "", headers: { authorization: `Bearer ${key}` } });

async function newToken({ call }: RunningRole, role: string, restriction: object = {}): Promise<string> {
  const account = await call("POST", "/api/serviceaccounts", {
    name: `a ${role} ${JSON.stringify(restriction)}`,
    role,
  });
  const made = await call("POST", `/api/serviceaccounts/${account.json.id}/tokens`, { name: "one", ...restriction });
  expect(made.status).toBe(200);
  return made.json.key;
}

const textOf = (matchers: readonly { type: string; name: string; value: string }[]): string =>
  `{${matchers.map(({ type, name, value }) => `${name}${type}"${value}"`).join(",")}}`;

async function sessionOf(url: string, user = "admin", password = "secret"): Promise<string> {
  const answer = await fetch(`${url}/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user, password }),
  });
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";", 1)[0])
    .join("; ");
}

test("the identity of a session is its user, with role, teams and scopes; nobody gets 401 and the address of the login", async () => {
  await withRole({}, async ({ call, url }) => {
    await call("POST", "/api/teams", { name: "Ops" });
    await call("POST", "/api/teams/1/members", { userId: 1 });
    const cookie = await sessionOf(url);
    const { status, json, headers } = await call("GET", IDENTITY, undefined, { user: "", headers: { cookie } });
    expect([status, json]).toEqual([
      200,
      {
        kind: "user",
        id: 1,
        login: "admin",
        name: "",
        role: "Admin",
        teams: ["Ops"],
        scopes: ["read", "query", "push", "silence", "rules", "admin"],
        matchers: null,
        nothing: null,
        loginUrl: "http://localhost:3000/login/return",
      },
    ]);
    expect(headers.get("cache-control")).toBe("no-store");
    for (const options of [{ user: "" }, bearer("glsa_wrong"), { user: "admin:wrong" }]) {
      const refused = await call("GET", IDENTITY, undefined, options);
      expect([refused.status, refused.json.loginUrl]).toEqual([401, "http://localhost:3000/login/return"]);
    }
  });
});

test("a disabled user, a disabled account, and an expired or deleted token are nobody", async () => {
  await withRole({}, async (started) => {
    const { call, url } = started;
    const statusOf = async (options: object) => (await call("GET", IDENTITY, undefined, options)).status;
    await call("POST", "/api/admin/users", { login: "eve", password: "eves password" });
    const session = { user: "", headers: { cookie: await sessionOf(url, "eve", "eves password") } };
    expect(await statusOf(session)).toBe(200);
    await call("POST", "/api/admin/users/2/disable");
    expect(await statusOf(session)).toBe(401);
    const [kept, expired, deleted] = [
      await newToken(started, "Viewer"),
      await newToken(started, "Editor", { secondsToLive: 0.001 }),
      await newToken(started, "Admin"),
    ];
    await call("DELETE", "/api/serviceaccounts/5/tokens/3");
    expect([await statusOf(bearer(kept)), await statusOf(bearer(expired)), await statusOf(bearer(deleted))]).toEqual([
      200, 401, 401,
    ]);
    await call("PATCH", "/api/serviceaccounts/3", { isDisabled: true });
    expect(await statusOf(bearer(kept))).toBe(401);
  });
});

test("anonymous access does not make a visitor a person", async () => {
  const env = { GF_AUTH_ANONYMOUS_ENABLED: "true", GF_AUTH_ANONYMOUS_ORG_ROLE: "Admin" };
  await withRole({ env }, async ({ call }) => {
    expect((await call("GET", IDENTITY, undefined, { user: "" })).status).toBe(401);
  });
});

test("a request for the identity never replaces the token of a session, although the token is old", async () => {
  const env = { GF_AUTH_TOKEN_ROTATION_INTERVAL_MINUTES: "0" };
  await withRole({ env }, async ({ call, url }) => {
    const cookie = await sessionOf(url);
    const asked = (path: string) => call("GET", path, undefined, { user: "", headers: { cookie } });
    for (let i = 0; i < 3; i++) {
      const answer = await asked(IDENTITY);
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([200, []]);
    }
    const other = await asked("/api/user");
    expect([other.status, other.headers.getSetCookie().length]).toEqual([200, 2]);
  });
});

test.each([
  ["Viewer", {}, ["read", "query"]],
  ["Editor", {}, ["read", "query", "push", "silence", "rules"]],
  ["Admin", { scopes: ["push"] }, ["push"]],
  ["Viewer", { scopes: ["push", "query"] }, ["query"]],
  ["None", { scopes: ["read"] }, []],
  ["Admin", { matchers: '{team="a"}' }, ["read", "query", "push", "silence"]],
  ["Admin", { matchers: '{team="a"}', scopes: ["admin", "rules", "query"] }, ["query"]],
])("a token of an account with the role %s and the restriction %j has the scopes %j", async (role, given, scopes) => {
  await withRole({}, async (started) => {
    const key = await newToken(started, role, given);
    const { json } = await started.call("GET", IDENTITY, undefined, bearer(key));
    expect(json.scopes).toEqual(scopes);
  });
});

test("the matchers of an account are those of its teams together, and a token limits them further", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/serviceaccounts", { name: "one", role: "Editor" });
    const tokenWith = async (name: string, restriction: object) =>
      (await call("POST", "/api/serviceaccounts/2/tokens", { name, ...restriction })).json.key;
    const [plain, limited] = [await tokenWith("plain", {}), await tokenWith("b", { matchers: "{env='x'}" })];
    const seen = async (key: string) => {
      const { json } = await call("GET", IDENTITY, undefined, bearer(key));
      return json.matchers === null ? json.nothing : textOf(json.matchers);
    };
    expect([await seen(plain), await seen(limited)]).toEqual([null, '{env="x"}']);
    await call("POST", "/api/admin/users", { login: "eve", password: "eves password" });
    for (const [name, narthexMatchers] of [
      ["A", '{team="a"}'],
      ["B", '{team="b"}'],
      ["all", undefined],
    ]) {
      const { json } = await call("POST", "/api/teams", { name, narthexMatchers });
      await call("POST", `/api/teams/${json.teamId}/members`, { userId: 3 });
    }
    const eve = { user: "eve:eves password" };
    const ofEve = async () => (await call("GET", IDENTITY, undefined, eve)).json;
    expect(await ofEve()).toMatchObject({
      teams: ["A", "B", "all"],
      matchers: [{ type: "=~", name: "team", value: "a|b" }],
      nothing: null,
    });
    expect((await call("PUT", "/api/teams/2", { name: "B", narthexMatchers: '{job="b"}' })).status).toBe(200);
    expect(await ofEve()).toMatchObject({
      matchers: null,
      nothing: expect.stringContaining("differ in more than one"),
    });
    await call("PATCH", "/api/org/users/3", { role: "Admin" });
    expect(await ofEve()).toMatchObject({ matchers: null, nothing: null });
  });
});

test("the matchers of the settings limit everyone who is in no team with matchers, but no admin", async () => {
  const env = { GF_AUTH_DEFAULT_MATCHERS: "{team='none'}" };
  await withRole({ env }, async ({ call }) => {
    await call("POST", "/api/admin/users", { login: "eve", password: "eves password" });
    await call("POST", "/api/serviceaccounts", { name: "one", role: "Editor" });
    const { key } = (await call("POST", "/api/serviceaccounts/3/tokens", { name: "b", matchers: "{env='x'}" })).json;
    const seen = async (options: Parameters<typeof call>[3]) => {
      const { matchers } = (await call("GET", IDENTITY, undefined, options)).json;
      return matchers === null ? null : textOf(matchers);
    };
    const eve = { user: "eve:eves password" };
    const senders = [eve, bearer(key), {}];
    expect(await Promise.all(senders.map(seen))).toEqual(['{team="none"}', '{env="x",team="none"}', null]);
    const join = async (name: string, narthexMatchers?: string) => {
      const { teamId } = (await call("POST", "/api/teams", { name, narthexMatchers })).json;
      await call("POST", `/api/teams/${teamId}/members`, { userId: 2 });
    };
    await join("All");
    expect(await seen(eve)).toBe('{team="none"}');
    await join("A", "{team='a'}");
    expect(await seen(eve)).toBe('{team="a"}');
    await call("DELETE", "/api/teams/2/members/2");
    expect(await seen(eve)).toBe('{team="none"}');
  });
});

test.each(["Viewer", "Editor", "Admin"] as const)(
  "the matchers of the settings limit visitors as %s, unless they are admins",
  async (role) => {
    const { values } = loadSettings({
      env: { GF_AUTH_DEFAULT_MATCHERS: "{team='none'}" },
      overrides: [],
      ini: undefined,
      readFile: () => "",
    });
    const { identity } = await new AnonymousAuthenticator(role, new ReadLimits(values)).identify();
    const matchers = identity?.limit?.kind === "matchers" ? identity.limit.matchers.map(String) : [];
    expect(matchers).toEqual(role === "Admin" ? [] : ['team="none"']);
  },
);

test("invalid matchers in the settings end the start with their key", async () => {
  const started = withRole({ env: { GF_AUTH_DEFAULT_MATCHERS: "{" } }, () => Promise.resolve());
  await expect(started).rejects.toThrow(/auth\.default_matchers: matchers: .*write for example/);
});

test("a team that is created with empty matchers does not limit its members", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/admin/users", { login: "eve", password: "eves password" });
    expect((await call("POST", "/api/teams", { name: "A", narthexMatchers: " " })).status).toBe(200);
    expect((await call("GET", "/api/teams/1")).json).not.toHaveProperty("narthexMatchers");
    await call("POST", "/api/teams/1/members", { userId: 2 });
    const ofEve = await call("GET", IDENTITY, undefined, { user: "eve:eves password" });
    expect([ofEve.status, ofEve.json]).toEqual([200, expect.objectContaining({ teams: ["A"], matchers: null })]);
  });
});

test("only an admin of the organization changes the limit of a team, or lets members leave it", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/admin/users", { login: "eve", password: "eves password" });
    await call("POST", "/api/teams", { name: "A", narthexMatchers: "{team='a'}" });
    await call("POST", "/api/teams/1/members", { userId: 2 });
    await call("PUT", "/api/teams/1/members/2", { permission: 4 });
    const eve = { user: "eve:eves password" };
    const asEve = async (method: string, path: string, body?: object) => (await call(method, path, body, eve)).status;
    expect(await asEve("PUT", "/api/teams/1", { name: "A2", narthexMatchers: "" })).toBe(403);
    expect(await asEve("DELETE", "/api/teams/1/members/2")).toBe(403);
    expect(await asEve("PUT", "/api/teams/1/members", { members: [], admins: [] })).toBe(403);
    expect(await asEve("DELETE", "/api/teams/1")).toBe(403);
    expect(await asEve("PUT", "/api/teams/1", { name: "A2" })).toBe(200);
    expect((await call("GET", "/api/teams/1")).json).toMatchObject({ name: "A2", narthexMatchers: '{team="a"}' });
    for (const narthexMatchers of ["{", "{}", "team"]) {
      const { status } = await call("PUT", "/api/teams/1", { name: "A", narthexMatchers });
      expect([narthexMatchers, status]).toEqual([narthexMatchers, narthexMatchers === "team" ? 200 : 400]);
    }
    expect((await call("PUT", "/api/teams/1", { name: "A", narthexMatchers: "" })).status).toBe(200);
    expect((await call("GET", "/api/teams/1")).json).not.toHaveProperty("narthexMatchers");
  });
});

test("a restriction with a mistake is refused, so that no token has more rights than its author wants", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/serviceaccounts", { name: "one" });
    for (const wrong of [
      { scopes: [] },
      { scopes: null },
      { scopes: ["write"] },
      { scopes: "read" },
      { matchers: "" },
      { matchers: null },
      { matchers: "{}" },
      { matchers: "{team=}" },
      { matchers: `{team="${"x".repeat(5000)}"}` },
    ]) {
      const { status } = await call("POST", "/api/serviceaccounts/2/tokens", { name: "x", ...wrong });
      expect([wrong, status]).toEqual([wrong, 400]);
    }
    const made = await call("POST", "/api/serviceaccounts/2/tokens", {
      name: "x",
      scopes: ["query", "read"],
      matchers: "{team='a'}",
    });
    expect(made.status).toBe(200);
    expect((await call("GET", "/api/serviceaccounts/2/tokens")).json).toMatchObject([
      { name: "x", scopes: ["read", "query"], matchers: '{team="a"}' },
    ]);
  });
});

test("a provisioning file restricts a token, and a reload with another restriction changes the token", async () => {
  const text = "a-token-of-forty-characters-for-scripts-";
  const file = (keys: string) =>
    `apiVersion: 1\nserviceAccounts:\n  - name: a\n    role: Admin\n    tokens: [{name: ci, token: ${text}${keys}}]\n`;
  const path = "provisioning/service-accounts/a.yaml";
  const files = { [path]: file(`, scopes: [read, push], matchers: '{team="a"}'`) };
  await withRole({ files }, async ({ call, folder }) => {
    const seen = async () => {
      const { json } = await call("GET", IDENTITY, undefined, bearer(text));
      return [json.scopes, json.matchers && textOf(json.matchers)];
    };
    expect(await seen()).toEqual([["read", "push"], '{team="a"}']);
    const reloaded = async (keys: string) => {
      writeBelow(folder, path, file(keys));
      return (await call("POST", "/api/admin/provisioning/service-accounts/reload")).status;
    };
    expect(await reloaded(", scopes: [query]")).toBe(200);
    expect(await seen()).toEqual([["query"], null]);
    for (const wrong of [", scopes: []", ", scopes: [all]", ", scopes:", ", matchers:", ", matchers: $NOT_SET"])
      expect([wrong, await reloaded(wrong)]).toEqual([wrong, 500]);
    expect(await seen()).toEqual([["query"], null]);
  });
});

test.each([
  ["http://localhost:9090/query?a=b", "http://localhost:9090/query?a=b"],
  ["https://localhost/x", "https://localhost/x"],
  ["http://elsewhere.example/", "/"],
  ["//localhost/x", "/"],
  ["javascript:alert(1)", "/"],
  ["http://localhost@elsewhere.example/", "/"],
  ["http://user@localhost/", "/"],
  ["http://localhost\\@elsewhere.example/", "/"],
  ["http://localhost.elsewhere.example/", "/"],
])("the login leads back to %s only on the same host: %s", async (wanted, target) => {
  await withRole({}, async ({ call, url }) => {
    const path = `/login/return?to=${encodeURIComponent(wanted)}`;
    const before = await call("GET", path, undefined, { user: "" });
    expect([before.status, before.headers.get("location")]).toEqual([302, "/login"]);
    const remembered = before.headers.getSetCookie().map((cookie) => cookie.split(";", 1)[0]!);
    expect(remembered).toHaveLength(target === wanted ? 1 : 0);
    const login = await call(
      "POST",
      "/login",
      { user: "admin", password: "secret" },
      { user: "", headers: { cookie: remembered.join("; ") } },
    );
    expect(login.json.redirectUrl).toBe(target === wanted ? path : "/");
    const cookie = await sessionOf(url);
    const after = await call("GET", path, undefined, { user: "", headers: { cookie } });
    expect([after.status, after.headers.get("location")]).toEqual([302, target]);
  });
});

test("the login leads back to a path that no header can contain as it is", async () => {
  await withRole({}, async ({ call, url }) => {
    const path = `/login/return?to=${encodeURIComponent("http://localhost:9090/graph?expr=\u00b5\u4f60")}`;
    const { status, headers } = await call("GET", path, undefined, {
      user: "",
      headers: { cookie: await sessionOf(url) },
    });
    expect([status, headers.get("location")]).toEqual([302, "http://localhost:9090/graph?expr=%C2%B5%E4%BD%A0"]);
  });
});

test("a token with less scopes cannot query a source that its account may not query", async () => {
  await withRole({}, async (started) => {
    const { call } = started;
    const source = { uid: "p", name: "p", type: "prometheus", url: "http://127.0.0.1:1", access: "proxy" };
    await call("POST", "/api/datasources", source);
    const path = "/api/datasources/uid/p";
    const statuses = async () => {
      const found = [];
      for (const [role, scopes] of [
        ["Editor", undefined],
        ["Editor", ["read"]],
        ["Admin", ["read"]],
        ["Viewer", undefined],
      ] as const)
        found.push((await call("GET", path, undefined, bearer(await tokenOf(role, scopes)))).status);
      return found;
    };
    const keys = new Map<string, string>();
    const tokenOf = async (role: string, scopes?: readonly string[]) => {
      const name = `${role} ${scopes?.join() ?? ""}`;
      const key = keys.get(name) ?? (await newToken(started, role, scopes === undefined ? {} : { scopes }));
      keys.set(name, key);
      return key;
    };
    expect(await statuses()).toEqual([200, 200, 200, 200]);
    await call("POST", "/api/access-control/datasources/p/builtInRoles/Editor", { permission: "" });
    expect(await statuses()).toEqual([403, 403, 200, 200]);
  });
});
