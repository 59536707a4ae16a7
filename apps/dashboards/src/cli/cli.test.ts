import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { main } from "../main.ts";
import { withRole } from "../testing/running-role.ts";
import { runCli } from "./cli.ts";

test("grafana cli admin reset-admin-password takes effect at the next login, and at the next start", async () => {
  const folder = temporaryFolder();
  const env = { GF_PATHS_DATA: join(folder, "data"), GF_PATHS_CONFIG: join(folder, "grafana.ini") };
  const run = async (...args: readonly string[]): Promise<readonly [status: number, text: string]> => {
    const host = testHost(["cli", "--homepath", "/usr/share/grafana", "admin", "reset-admin-password", ...args], {
      env,
    });
    return [await main(host), host.output.stdout + host.output.stderr];
  };
  await withRole({ folder }, async ({ call }) => {
    const me = (password: string) => call("GET", "/api/user", undefined, { user: `admin:${password}` });
    expect((await me("secret")).status).toBe(200);
    const login = await call("POST", "/login", { user: "admin", password: "secret" }, { user: "" });
    const cookie = login.headers.getSetCookie()[0]!.split(";")[0]!;
    const session = () => call("GET", "/api/user", undefined, { user: "", headers: { cookie } });
    expect((await session()).status).toBe(200);
    expect(await run("better")).toEqual([0, "Admin password changed successfully ✔\n"]);
    expect((await me("better")).status).toBe(200);
    expect((await session()).status).toBe(401);
    expect((await me("secret")).status).toBe(401);
    expect(readdirSync(join(folder, "data")).filter((name) => name.startsWith("password-reset"))).toEqual([]);
  });
  expect((await run("best!", "--user-id=1"))[0]).toBe(0);
  await withRole({ folder }, async ({ call, host }) => {
    expect((await call("GET", "/api/user", undefined, { user: "admin:best!" })).status).toBe(200);
    writeFileSync(join(folder, "data/password-reset.json"), "{");
    expect((await call("GET", "/api/user", undefined, { user: "admin:wrong" })).status).toBe(401);
    expect(host.output.stderr).toContain("A password reset cannot be read");
  });
  expect(await run("x")).toEqual([1, "Error: ✗ Password is missing or too short\n"]);
  expect((await run("long enough", "--user-id=me"))[1]).toContain('--user-id: "me" is not an id');
});

test("grafana cli reads a password from standard input, and shows its usage for unknown commands", async () => {
  const folder = temporaryFolder();
  const env = { GF_PATHS_DATA: folder };
  const from = testHost(["admin", "reset-admin-password", "--password-from-stdin"], { env });
  expect([await runCli(from, async () => "typed\n"), from.output.stdout]).toEqual([
    0,
    "Admin password changed successfully ✔\n",
  ]);
  const plugins = testHost(["plugins", "install", "x"], { env });
  expect([await runCli(plugins), plugins.output.stderr]).toEqual([0, expect.stringContaining("come with the program")]);
  const unknown = testHost(["admin", "dance"], { env });
  expect([await runCli(unknown), unknown.output.stderr]).toEqual([1, expect.stringContaining("usage: grafana cli")]);
});
