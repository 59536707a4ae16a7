import { expect, test } from "vitest";
import type { Machine, PathStatus } from "../machine/machine.ts";
import { fakeContext, roleNamed, withPaths } from "../testing/fake-context.ts";
import { permissions } from "./permissions.ts";

const folder = (mode: number): PathStatus => ({ isFolder: true, uid: 7, mode });
const file = (mode: number): PathStatus => ({ isFolder: false, uid: 7, mode });

const dataAt = async (paths: Readonly<Record<string, PathStatus>>, isFile = false) =>
  permissions.run(
    fakeContext({
      machine: withPaths(paths),
      roles: [roleNamed("server", { data: [{ path: "/d/data", isFile, flag: "--storage.tsdb.path" }] })],
    }),
  );

test.each([
  ["can be written", { "/d/data": folder(0o755), "/d/data/wal": folder(0o755), "/d/data/lock": file(0o644) }, "ok", ""],
  ["can be written", { "/d/data": folder(0o755), "/d/data/lost+found": folder(0o000) }, "ok", ""],
  ["/d/data cannot be written", { "/d/data": folder(0o666) }, "error", "chown -R 1000 /d/data"],
  ["/d/data/wal in", { "/d/data": folder(0o755), "/d/data/wal": folder(0o555) }, "error", "chown -R 1000 /d/data,"],
  ["/d/data/lock in", { "/d/data": folder(0o755), "/d/data/lock": file(0o444) }, "error", "or run as user 7"],
  ["does not exist yet", { "/d": folder(0o755) }, "ok", ""],
  ["cannot be written", { "/d/data": folder(0o555) }, "error", "chown -R 1000 /d/data"],
  ["may not create it", { "/d": folder(0o555) }, "error", "mkdir -p /d/data && chown 1000 /d/data"],
  ["a file, but must be a folder", { "/d/data": file(0o644) }, "error", "choose another path with --storage.tsdb.path"],
])("permissions: a data folder that %s", async (what, paths, level, hint) =>
  expect(await dataAt(paths as Record<string, PathStatus>)).toEqual([
    { level, what: expect.stringContaining(what), hint: expect.stringContaining(hint) },
  ]),
);

test("permissions: a data file that is a folder is an error", async () =>
  expect(await dataAt({ "/d/data": folder(0o755) }, true)).toMatchObject([{ level: "error" }]));

test.each([
  ["/d/data and its folder can be written", { "/d": folder(0o755), "/d/data": file(0o644) }, "ok", ""],
  ["/d, the folder of /d/data, cannot", { "/d": folder(0o555), "/d/data": file(0o644) }, "error", "chown 1000 /d,"],
  ["/d/data cannot", { "/d": folder(0o755), "/d/data": file(0o444) }, "error", "chown 1000 /d/data,"],
  ["may not create it in /d", { "/d": folder(0o555) }, "error", "mkdir -p /d && chown 1000 /d,"],
])("permissions: findings about a data file: %s", async (what, paths, level, hint) =>
  expect(await dataAt(paths as Record<string, PathStatus>, true)).toEqual([
    { level, what: expect.stringContaining(what), hint: expect.stringContaining(hint) },
  ]),
);

const ALERTMANAGER = `
global:
  smtp_smarthost: mail:25
  smtp_from: a@b.org
  smtp_auth_username: me
  smtp_auth_password_file: /c/password
route: {receiver: r}
receivers: [{name: r, email_configs: [{to: x@y.org}]}]
`;

const secretAt = async (
  paths: Readonly<Record<string, PathStatus>>,
  text = ALERTMANAGER,
  changes: Partial<Machine> = {},
) =>
  permissions.run(
    fakeContext({
      machine: withPaths(paths, changes),
      files: { "/c/alertmanager.yml": text },
      roles: [roleNamed("alertmanager", { alertmanager: { file: "/c/alertmanager.yml", features: [] } })],
    }),
  );

test.each([
  ["can be read, but not by all users", { "/c/password": file(0o600) }, "ok", ""],
  ["does not exist", {}, "error", "create it"],
  ["cannot be read by user 1000", { "/c/password": file(0o000) }, "error", "chown 1000 /c/password"],
  [
    "every user may read it",
    { "/c/password": file(0o644) },
    "warning",
    "chown 1000 /c/password && chmod 600 /c/password, as root",
  ],
  ["not by all users", { "/c": folder(0o700), "/c/password": file(0o644) }, "ok", ""],
])("permissions: a secret's file that %s", async (what, paths, level, hint) => {
  const findings = await secretAt(paths);
  expect(findings).toEqual([{ level, what: expect.stringContaining(what), hint: expect.stringContaining(hint) }]);
});

test("permissions: the command in the hint about a world-readable secret works", async () => {
  const paths = { "/c/password": file(0o644) };
  expect((await secretAt(paths, ALERTMANAGER, { uid: 7 }))[0]!.hint).toBe("chmod 600 /c/password");
  const kernelText = () => Promise.resolve("tmpfs /c tmpfs ro 0 0\n");
  expect((await secretAt(paths, ALERTMANAGER, { kernelText }))[0]!.hint).toMatch(
    /^it is mounted read-only: set its mode/,
  );
});

test("permissions: a secret in a world-readable file is a warning; in a file for few users it is not", async () => {
  const text = ALERTMANAGER.replace("smtp_auth_password_file: /c/password", "smtp_auth_password: s3cret");
  const findings = await secretAt({ "/c/alertmanager.yml": file(0o644) }, text);
  expect(findings).toMatchObject([
    { level: "warning", hint: expect.stringContaining("chmod o-r /c/alertmanager.yml") },
  ]);
  expect(JSON.stringify(findings)).not.toContain("s3cret");
  expect(await secretAt({ "/c/alertmanager.yml": file(0o640) }, text)).toEqual([]);
});

test("permissions: a configuration that cannot be read is an error", async () => {
  const roles = [roleNamed("server", { prometheus: { file: "/p.yml", features: [] } })];
  expect(await permissions.run(fakeContext({ roles, files: { "/p.yml": "nothing: 1" } }))).toMatchObject([
    { level: "error", what: "not checked: /p.yml cannot be read" },
  ]);
});
