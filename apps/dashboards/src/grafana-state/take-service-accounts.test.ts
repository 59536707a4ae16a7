import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { newToken } from "../auth/tokens/token-text.ts";
import { grafanaPassword, type Tables, writeGrafanaFile } from "../testing/grafana-file.ts";
import { type Answer, type RunningRole, withRole } from "../testing/running-role.ts";

type Row = Tables[string][number];

/** Returns the digest under which Grafana stores a token: the secret in it, derived with the checksum. */
const digestOf = (token: string): string => grafanaPassword(token.slice(5, 37), token.slice(38));

/** Returns an API key of Grafana 8 and earlier as its sender has it. */
const apiKey = (secret: string, name: string, id = 1): string =>
  Buffer.from(JSON.stringify({ k: secret, n: name, id })).toString("base64");

/** Row of `user` in Grafana 5 to 8. */
const user8 = (id: number, login: string): Row => ({
  id,
  version: 0,
  login,
  email: `${login}@example.org`,
  name: login,
  password: grafanaPassword(`${login} password`, "salt"),
  salt: "salt",
  rands: "x",
  company: "",
  org_id: 1,
  is_admin: login === "admin" ? 1 : 0,
  email_verified: 0,
  theme: "",
  created: "2020-01-01 00:00:00",
  updated: "2020-01-01 00:00:00",
  help_flags1: 0,
  last_seen_at: "2020-01-01 00:00:00",
  is_disabled: 0,
});

/** Row of `user` since Grafana 9. */
const user = (id: number, login: string, more: Row = {}): Row => ({
  ...user8(id, login),
  is_service_account: 0,
  uid: `u${id}`,
  ...more,
});

const robot = (id: number, login: string, name: string, more: Row = {}): Row => ({
  ...user(id, login, { name, email: login, password: "", salt: "", is_service_account: 1 }),
  ...more,
});

/** Row of `api_key` in Grafana 7 and 8. Earlier versions have no column `expires`. */
const key8 = (id: number, name: string, key: string, role: string, more: Row = {}): Row => ({
  id,
  org_id: 1,
  name,
  key,
  role,
  created: "2021-03-04 05:06:07",
  updated: "2021-03-04 05:06:07",
  expires: null,
  ...more,
});

/** Row of `api_key` since Grafana 9. */
const key = (id: number, name: string, digest: string, account: number | null, more: Row = {}): Row => ({
  ...key8(id, name, digest, "Viewer"),
  service_account_id: account,
  last_used_at: null,
  is_revoked: null,
  ...more,
});

const member = (user_id: number, role: string, org_id = 1): Row => ({ id: user_id, org_id, user_id, role });

async function withGrafana(
  tables: Tables,
  use: (role: RunningRole) => Promise<void>,
  root = temporaryFolder(),
): Promise<void> {
  mkdirSync(join(root, "data"), { recursive: true });
  if (Object.keys(tables).length > 0) writeGrafanaFile(join(root, "data", "grafana.db"), tables);
  await withRole({ folder: root, env: { GF_SECURITY_ADMIN_PASSWORD: "admin password" } }, use);
}

const ADMIN = { user: "admin:admin password" };

const asToken = ({ call }: RunningRole, token: string, method: string, path: string, body?: object): Promise<Answer> =>
  call(method, path, body, { user: "", headers: { authorization: `Bearer ${token}` } });

interface Listed {
  readonly id: number;
  readonly name: string;
  readonly role: string;
  readonly isDisabled: boolean;
  readonly tokens: number;
}

async function accountsIn({ call }: RunningRole): Promise<readonly Listed[]> {
  const { json } = await call("GET", "/api/serviceaccounts/search", undefined, ADMIN);
  return json.serviceAccounts as readonly Listed[];
}

const shown = async (role: RunningRole): Promise<readonly string[]> =>
  (await accountsIn(role)).map(
    ({ name, role: orgRole, isDisabled, tokens }) => `${name} ${orgRole}${isDisabled ? " disabled" : ""} ${tokens}`,
  );

/** Grafana's ids of accounts. Imported accounts get other ids. */
const [SCRIPT, OFF, PLUGIN, OTHERS, EDITOR] = [21, 22, 23, 24, 25] as const;
const [LIVE, SECOND, REVOKED, EXPIRED, OF_OFF] = Array.from({ length: 5 }, newToken) as [
  string,
  string,
  string,
  string,
  string,
];
const OLD_KEY = apiKey("the secret of an old key", "backup job");
const MIGRATED_KEY = apiKey("the secret of a migrated key", "migrated");
const digestOfKey = (text: string): string => {
  const { k, n } = JSON.parse(Buffer.from(text, "base64").toString()) as { k: string; n: string };
  return grafanaPassword(k, n);
};

/** The tables of Grafana 9 and later. */
const TABLES: Tables = {
  org: [
    { id: 1, name: "Main Org." },
    { id: 2, name: "Other" },
  ],
  user: [
    user(1, "admin"),
    robot(SCRIPT, "sa-1-deploy-script", "Deploy script"),
    robot(OFF, "sa-off", "Off", { is_disabled: 1 }),
    robot(PLUGIN, "sa-1-extsvc-app", "extsvc-app"),
    robot(OTHERS, "sa-2-others", "Others"),
    robot(EDITOR, "sa-autogen-1-migrated", "sa-autogen-migrated"),
  ],
  org_user: [
    member(1, "Admin"),
    member(SCRIPT, "Viewer"),
    member(OFF, "Admin"),
    member(PLUGIN, "None"),
    member(OTHERS, "Admin", 2),
    member(EDITOR, "Editor"),
  ],
  team: [{ id: 5, org_id: 1, uid: "ops", name: "Ops", email: "" }],
  team_member: [{ org_id: 1, team_id: 5, user_id: SCRIPT, permission: 0 }],
  api_key: [
    key(1, "live", digestOf(LIVE), SCRIPT, { created: "2024-05-06 07:08:09", last_used_at: "2024-06-01 00:00:00" }),
    key(2, "second", digestOf(SECOND), SCRIPT, { expires: 4_000_000_000, is_revoked: 0 }),
    key(3, "revoked", digestOf(REVOKED), SCRIPT, { is_revoked: 1 }),
    key(4, "expired", digestOf(EXPIRED), SCRIPT, { expires: 1_600_000_000 }),
    key(5, "of off", digestOf(OF_OFF), OFF),
    key(6, "of plugin", digestOf(newToken()), PLUGIN),
    key(7, "of others", digestOf(newToken()), OTHERS, { org_id: 2 }),
    key(8, "migrated", digestOfKey(MIGRATED_KEY), EDITOR),
    key(9, "backup job", digestOfKey(OLD_KEY), null, { role: "Editor" }),
    key(10, "unreadable", "no digest", SCRIPT),
    key(11, "strange end", digestOf(newToken()), SCRIPT, { expires: "soon" }),
  ],
  migration_log: [{ id: 1, migration_id: "dashboard permissions", success: 1 }],
  role: [{ id: 1, org_id: 1, name: `managed:users:${SCRIPT}:permissions` }],
  user_role: [{ org_id: 1, role_id: 1, user_id: SCRIPT }],
  permission: ["folders:read", "folders:write", "dashboards:create", "dashboards:write"].map((action) => ({
    role_id: 1,
    action,
    scope: "folders:uid:closed",
  })),
  folder: [{ org_id: 1, uid: "closed", title: "Closed", parent_uid: null }],
};

test("service accounts are imported with role, state, teams, permissions and tokens, which work as in Grafana", async () => {
  await withGrafana(TABLES, async (role) => {
    expect(await shown(role)).toEqual([
      "Deploy script Viewer 3",
      "Off Admin disabled 1",
      "sa-autogen-backup job Editor 1",
      "sa-autogen-migrated Editor 1",
    ]);
    const status = async (token: string): Promise<readonly unknown[]> => {
      const answer = await asToken(role, token, "GET", "/api/folders/closed");
      return [answer.status, answer.json.messageId];
    };
    expect(await status(LIVE)).toEqual([200, undefined]);
    expect(await status(SECOND)).toEqual([200, undefined]);
    expect(await status(REVOKED)).toEqual([401, "api-key.invalid"]);
    expect(await status(EXPIRED)).toEqual([401, "api-key.expired"]);
    expect(await status(OF_OFF)).toEqual([401, "api-key.invalid"]);
    expect((await asToken(role, LIVE, "GET", "/api/user")).json).toMatchObject({ name: "Deploy script" });

    const board = (folderUid: string): object => ({ dashboard: { title: `In ${folderUid}` }, folderUid });
    expect((await asToken(role, LIVE, "POST", "/api/dashboards/db", board("closed"))).status).toBe(200);
    expect((await asToken(role, LIVE, "POST", "/api/folders", { title: "New" })).status).toBe(403);
    expect((await asToken(role, MIGRATED_KEY, "GET", "/api/folders/closed")).status).toBe(403);
    const { json: members } = await role.call("GET", "/api/teams/ops/members", undefined, ADMIN);
    expect(members).toMatchObject([{ name: "Deploy script" }]);

    const [script] = await accountsIn(role);
    const { json: tokens } = await role.call("GET", `/api/serviceaccounts/${script!.id}/tokens`, undefined, ADMIN);
    expect(tokens).toMatchObject([
      { name: "live", created: "2024-05-06T07:08:09.000Z", expiration: null, hasExpired: false },
      { name: "second", lastUsedAt: expect.any(String), expiration: "2096-10-02T07:06:40.000Z" },
      { name: "expired", lastUsedAt: null, hasExpired: true },
    ]);
    const { stderr } = role.host.output;
    expect(stderr).toMatch(/Imported Grafana's data.*users=1 serviceAccounts=4 tokens=6 teams=1 folders=1/);
    expect(stderr).toMatch(
      /Some of Grafana's data was not imported.*service_account=1 plugin_service_account=1 api_key=5/,
    );
    expect(stderr).not.toContain("Some permissions of Grafana were not imported");
    expect(stderr).not.toContain(digestOf(LIVE));
  });
});

test("permissions to manage a service account are imported, for users and teams", async () => {
  const managed = (id: number, subject: string): Row => ({ id, org_id: 1, name: `managed:${subject}:permissions` });
  const tables: Tables = {
    user: [user(1, "admin"), user(7, "eve"), user(8, "max"), user(9, "ann"), robot(SCRIPT, "sa-ci", "CI")],
    org_user: [member(1, "Admin"), ...[7, 8, 9, SCRIPT].map((id) => member(id, "Viewer"))],
    team: [{ id: 5, org_id: 1, uid: "ops", name: "Ops", email: "" }],
    team_member: [{ org_id: 1, team_id: 5, user_id: 8, permission: 0 }],
    migration_log: [{ id: 1, migration_id: "dashboard permissions", success: 1 }],
    role: [managed(1, "users:7"), managed(2, "teams:5"), managed(3, "users:9")],
    user_role: [
      { org_id: 1, role_id: 1, user_id: 7 },
      { org_id: 1, role_id: 3, user_id: 9 },
    ],
    team_role: [{ org_id: 1, role_id: 2, team_id: 5 }],
    permission: [
      { role_id: 1, action: "serviceaccounts:read", scope: `serviceaccounts:id:${SCRIPT}` },
      { role_id: 1, action: "serviceaccounts:write", scope: `serviceaccounts:id:${SCRIPT}` },
      { role_id: 2, action: "serviceaccounts:write", scope: "serviceaccounts:*" },
      { role_id: 2, action: "serviceaccounts.permissions:write", scope: `serviceaccounts:id:${SCRIPT}` },
      { role_id: 3, action: "serviceaccounts:write", scope: "serviceaccounts:id:999" },
      { role_id: 3, action: "serviceaccounts:read", scope: `serviceaccounts:id:${SCRIPT}` },
    ],
  };
  await withGrafana(tables, async (role) => {
    const [account] = await accountsIn(role);
    const url = `/api/access-control/serviceaccounts/${account!.id}`;
    const as = (login: string) => ({ user: `${login}:${login} password` });
    const { json } = await role.call("GET", url, undefined, ADMIN);
    expect(json).toMatchObject([
      { userLogin: "eve", permission: "Edit" },
      { team: "Ops", permission: "Admin" },
    ]);
    expect((await role.call("GET", url, undefined, as("max"))).status).toBe(200);
    const tokens = `/api/serviceaccounts/${account!.id}/tokens`;
    expect((await role.call("POST", tokens, { name: "new" }, as("eve"))).status).toBe(200);
    expect((await role.call("GET", tokens, undefined, as("ann"))).status).toBe(403);
  });
});

test("API keys of Grafana become service accounts with one token each, and requests with them work", async () => {
  await withGrafana(TABLES, async (role) => {
    const post = (token: string): Promise<Answer> => asToken(role, token, "POST", "/api/folders", { title: "By key" });
    expect((await post(OLD_KEY)).status).toBe(200);
    expect((await post(MIGRATED_KEY)).status).toBe(200);
    const asBasic = await role.call("GET", "/api/user", undefined, { user: `api_key:${OLD_KEY}` });
    expect(asBasic.json).toMatchObject({ name: "sa-autogen-backup job" });
    for (const wrong of [apiKey("wrong", "backup job"), apiKey("the secret of an old key", "backup job", 2)])
      expect((await post(wrong)).json.messageId).toBe("api-key.invalid");
  });
});

test.each([
  ["5 and 6", []],
  ["7 and 8", ["expires"]],
])("API keys of Grafana %s are imported", async (_version, columns) => {
  const viewer = apiKey("secret of a viewer", "graphs");
  const rows = [
    key8(1, "graphs", digestOfKey(viewer), "Viewer"),
    key8(2, "backup job", digestOfKey(OLD_KEY), "Editor"),
  ].map((row) => (columns.length === 0 ? withoutExpires(row) : row));
  await withGrafana({ user: [user8(1, "admin")], org_user: [member(1, "Admin")], api_key: rows }, async (role) => {
    expect(await shown(role)).toEqual(["sa-autogen-backup job Editor 1", "sa-autogen-graphs Viewer 1"]);
    expect((await asToken(role, viewer, "GET", "/api/folders")).status).toBe(200);
    expect((await asToken(role, viewer, "POST", "/api/folders", { title: "x" })).status).toBe(403);
    expect((await asToken(role, OLD_KEY, "POST", "/api/folders", { title: "x" })).status).toBe(200);
  });
});

function withoutExpires({ expires: _expires, ...row }: Row): Row {
  return row;
}

test("an API key never gets the rights of a service account with the same name, and equal names stay apart", async () => {
  const [strong, weak] = [apiKey("strong", "ci"), apiKey("weak", "c i")];
  const tables: Tables = {
    user: [user(1, "admin"), robot(2, "sa-autogen-1-ci", "sa-autogen-ci"), robot(3, "sa-x", "SA autogen ci")],
    org_user: [member(1, "Admin"), member(2, "Viewer"), member(3, "Editor")],
    api_key: [
      key(4, "ci", digestOfKey(strong), null, { role: "Admin" }),
      key(5, "c i", digestOfKey(weak), null, { role: "Viewer" }),
    ],
  };
  await withGrafana(tables, async (role) => {
    expect((await shown(role)).toSorted()).toEqual([
      "SA autogen ci-3 Editor 0",
      "sa-autogen-c i Viewer 1",
      "sa-autogen-ci Viewer 0",
      "sa-autogen-ci-4 Admin 1",
    ]);
    expect((await asToken(role, weak, "POST", "/api/folders", { title: "x" })).status).toBe(403);
    expect((await asToken(role, strong, "GET", "/api/serviceaccounts/search")).status).toBe(200);
  });
});

test("an interrupted import continues with the same accounts and tokens", async () => {
  const root = temporaryFolder();
  const all = ["Deploy script Viewer 3", "Off Admin disabled 1", "sa-autogen-backup job Editor 1"];
  await withGrafana(TABLES, async () => undefined, root);
  {
    using database = new DatabaseSync(join(root, "data", "narthex.db"));
    database.exec(`
      UPDATE imports SET value = json_set(value, '$.isDone', json('false'));
      DELETE FROM tokens WHERE json_extract(value, '$.name') IN ('second', 'of off');
      DELETE FROM users WHERE json_extract(value, '$.name') = 'sa-autogen-backup job';
      DELETE FROM tokens WHERE json_extract(value, '$.name') = 'backup job';
    `);
  }
  await withGrafana(
    {},
    async (role) => {
      expect(await shown(role)).toEqual([...all, "sa-autogen-migrated Editor 1"]);
      expect((await asToken(role, OLD_KEY, "GET", "/api/folders")).status).toBe(200);
      expect(role.host.output.stderr).not.toContain("An object of Grafana was not imported");
    },
    root,
  );
});

test("an account that exists here with other rights does not get Grafana's tokens, and the log names it", async () => {
  const root = temporaryFolder();
  await withGrafana(TABLES, async () => undefined, root);
  {
    using database = new DatabaseSync(join(root, "data", "narthex.db"));
    database.exec(`
      UPDATE imports SET value = json_set(value, '$.isDone', json('false'));
      UPDATE users SET value = json_set(value, '$.role', 'Admin') WHERE json_extract(value, '$.name') = 'Deploy script';
      DELETE FROM tokens WHERE json_extract(value, '$.name') NOT LIKE 'backup%';
    `);
  }
  await withGrafana(
    {},
    async (role) => {
      expect(await shown(role)).toContain("Deploy script Admin 0");
      expect((await asToken(role, LIVE, "GET", "/api/folders")).status).toBe(401);
      expect(role.host.output.stderr).toMatch(
        /not imported.*kind="service account" name="Deploy script" reason="a service account with this name and other rights already exists"/,
      );
    },
    root,
  );
});
