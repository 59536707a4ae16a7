import { expect, test } from "vitest";
import { cookiesOf } from "../../support/cookies.ts";
import { dashboardsArguments } from "../../support/dashboards-arguments.ts";
import { LDAP_ADMIN, LDAP_ADMIN_PASSWORD, LDAP_BASE, LdapServer } from "../../support/ldap-server.ts";
import { freePort } from "../../support/ports.ts";
import { lacks } from "../../support/requirements.ts";
import { narthex } from "../../support/running.ts";
import { Workplace } from "../../support/workplace.ts";

const mapping = (group: string, role: string, more = ""): string =>
  `[[servers.group_mappings]]\ngroup_dn = "${group}"\norg_role = "${role}"\n${more}`;

const GROUPS = [
  mapping(`cn=Admins,${LDAP_BASE}`, "Admin", "grafana_admin = true\n"),
  mapping(`cn=editors,${LDAP_BASE}`, "Editor"),
].join("");

/**
 * Returns an `ldap.toml` for a dashboards server that searches for users with the account of the LDAP directory's
 * admin.
 */
const searching = (port: number, more = ""): string => `
[[servers]]
host = "127.0.0.1"
port = ${port}
timeout = 5
bind_dn = "${LDAP_ADMIN}"
bind_password = "\${LDAP_SECRET}"
search_filter = "(cn=%s)"
search_base_dns = ["${LDAP_BASE}"]
${more}
[servers.attributes]
email = "mail"
${GROUPS}`;

const ownBind = (port: number): string =>
  searching(port)
    .replace(LDAP_ADMIN, `cn=%s,${LDAP_BASE}`)
    .replace(/bind_password.*\n/, "");

const byGroupFilter = (port: number): string =>
  searching(
    port,
    `group_search_filter = "(member=%s)"\ngroup_search_filter_user_attribute = "dn"\ngroup_search_base_dns = ["${LDAP_BASE}"]`,
  ).replace("[servers.attributes]", '[servers.attributes]\nmember_of = ""');

interface Answer {
  readonly status: number;
  readonly messageId: string;
  readonly cookie: string;
}

/** Starts an LDAP directory and a dashboards server that uses it. */
async function startBoth(toml: (port: number) => string, settings: readonly string[] = []) {
  const workplace = new Workplace();
  const users = { ann: "anns", bob: "bobs", eve: "eves", admin: "of the directory", "a*b": "stars" };
  const directory = await LdapServer.start(workplace, users, {
    admins: ["ann"],
    editors: ["bob", "ann", "a*b"],
    others: ["eve", "admin"],
  });
  workplace.write("ldap.toml", toml(directory.port));
  const port = await freePort();
  const all = [
    "security.admin_password=secret",
    "auth.ldap.enabled=true",
    `auth.ldap.config_file=${workplace.path("ldap.toml")}`,
    ...settings,
  ];
  const role = narthex(dashboardsArguments(workplace, port, all), {
    env: { ...process.env, LDAP_SECRET: LDAP_ADMIN_PASSWORD },
  });
  const base = `http://127.0.0.1:${port}`;
  await role.ready(`${base}/api/health`);
  const signIn = async (user: string, password: string): Promise<Answer> => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${base}/login`, { method: "POST", headers, body: JSON.stringify({ user, password }) });
    const { messageId = "" } = (await answer.json()) as { messageId?: string };
    return { status: answer.status, messageId, cookie: cookiesOf(answer) };
  };
  const get = async (path: string, headers: Record<string, string>): Promise<unknown> =>
    (await fetch(base + path, { headers })).json();
  const asAdmin = (path: string) => get(path, { authorization: `Basic ${btoa("admin:secret")}` });
  return {
    directory,
    role,
    signIn,
    get,
    asAdmin,
    async [Symbol.asyncDispose]() {
      await role[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
      workplace[Symbol.dispose]();
    },
  };
}

test.skipIf(lacks("ldap")).each([
  ["a search by the directory's admin", searching],
  ["a sign-in as the user itself", ownBind],
  ["a filter for groups", byGroupFilter],
] as const)("users of a directory sign in with %s, and get the role of their first group", async (_what, toml) => {
  await using both = await startBoth(toml);
  const { signIn, get, asAdmin, role } = both;
  const ann = await signIn("ann", "anns");
  expect(ann.status).toBe(200);
  expect(await get("/api/user", { cookie: ann.cookie })).toMatchObject({
    login: "ann",
    email: "ann@example.org",
    name: "ANN Example",
    isGrafanaAdmin: true,
    authLabels: ["LDAP"],
  });
  expect(await get("/api/user", { authorization: `Basic ${btoa("bob:bobs")}` })).toMatchObject({
    login: "bob",
    isGrafanaAdmin: false,
  });
  expect(await asAdmin("/api/org/users")).toMatchObject([
    { login: "admin", role: "Admin" },
    { login: "ann", role: "Admin" },
    { login: "bob", role: "Editor" },
  ]);
  expect((await signIn("ann", "wrong")).messageId).toBe("password-auth.failed");
  expect((await signIn("ann", "")).messageId).toBe("password-auth.failed");
  expect((await signIn("nobody", "x")).messageId).toBe("password-auth.failed");
  expect((await signIn("eve", "eves")).messageId).toBe("ldap.not-allowed");
  // Signs in with the local password of the dashboards server, which takes precedence over the password in the LDAP
  // directory.
  expect((await signIn("admin", "secret")).status).toBe(200);
  expect(role.output).not.toMatch(new RegExp(`anns|bobs|${LDAP_ADMIN_PASSWORD}`));
});

test.skipIf(lacks("ldap"))("signs of filters and DNs in a name find no other user", async () => {
  for (const toml of [searching, ownBind]) {
    await using both = await startBoth(toml);
    const { signIn } = both;
    for (const name of ["*", "a*", "ann)(cn=*", "*)(|(cn=*", `ann,${LDAP_BASE}`, "\u0000ann", "ann\\"])
      expect([name, (await signIn(name, "anns")).messageId]).toEqual([name, "password-auth.failed"]);
  }
  await using both = await startBoth(searching);
  expect((await both.signIn("a*b", "stars")).status).toBe(200);
});

test.skipIf(lacks("ldap"))(
  "while the directory is down, its users are told so, sessions go on, and local users sign in",
  async () => {
    await using both = await startBoth(searching);
    const { directory, signIn, get } = both;
    const { cookie } = await signIn("ann", "anns");
    await directory.stop();
    expect(await signIn("bob", "bobs")).toMatchObject({ status: 503, messageId: "ldap.provider-unavailable" });
    expect(await get("/api/user", { cookie })).toMatchObject({ login: "ann" });
    expect((await signIn("admin", "secret")).status).toBe(200);
    await directory.startAgain();
    expect((await signIn("bob", "bobs")).status).toBe(200);
  },
);

test.skipIf(lacks("ldap"))(
  "roles are given here if the settings say so, and unknown users can be refused",
  async () => {
    await using free = await startBoth(searching, ["auth.ldap.skip_org_role_sync=true"]);
    expect((await free.signIn("eve", "eves")).status).toBe(200);
    expect(await free.asAdmin("/api/org/users?query=eve")).toMatchObject([{ role: "Viewer" }]);
    await using closed = await startBoth(searching, ["auth.ldap.allow_sign_up=false"]);
    expect((await closed.signIn("ann", "anns")).messageId).toBe("ldap.sign-up-off");
  },
);
