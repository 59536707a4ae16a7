import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freePort } from "../support/ports.ts";
import { root, Running } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";

const app = join(root, "apps/narthex");
const node = join(root, "node_modules/.bin/node");

/** Returns the V8 flags with which a server runs. V8 refuses cached code that was compiled with other flags. */
function flagsOf(role: string): readonly string[] {
  const settings = JSON.parse(readFileSync(join(app, "src/role-settings.json"), "utf8")) as Record<string, string>;
  return settings[role]!.split(" ").filter((setting) => setting.startsWith("--"));
}

const ROLES = ["server", "query-worker", "alertmanager", "pushgateway", "node-exporter", "cadvisor", "dashboards"];
const COMMANDS = [...ROLES, "promtool", "amtool", "up"];

test("a filled bundle has code of each command, and its roles use it unchanged", async () => {
  using workplace = new Workplace();
  const bundle = workplace.path("bundle");
  execFileSync(node, [join(app, "bundle.ts"), bundle]);
  mkdirSync(join(bundle, "node_modules"));
  symlinkSync(join(root, "packages/tsdb/node_modules/koffi"), join(bundle, "node_modules/koffi"));
  execFileSync(node, [join(app, "fill-code-caches.ts"), bundle]);
  const caches = join(bundle, "code-cache");
  const files = (): unknown =>
    readdirSync(caches).map((name) => [name, statSync(join(caches, name), { bigint: true }).mtimeNs]);
  expect(readdirSync(caches).map((name) => name.replace(/-v\d.*$/, ""))).toEqual(expect.arrayContaining(COMMANDS));
  const filled = files();
  // Both servers are started again. Neither of them may write its code cache when it ends, because that would show that
  // code was compiled again.
  for (const role of ["pushgateway", "node-exporter"]) {
    const port = await freePort();
    const list = workplace.path(`${role}.json`);
    const probe = workplace.path("probe.cjs");
    workplace.write(
      "probe.cjs",
      'process.once("exit", () => require("node:fs").writeFileSync(process.env.LIST, JSON.stringify(process.moduleLoadList)));',
    );
    const args = [...flagsOf(role), "--require", probe, join(bundle, "main.js"), role];
    await using running = new Running(node, [...args, `--web.listen-address=127.0.0.1:${port}`], {
      cwd: workplace.folder,
      env: { PATH: process.env["PATH"], MALLOC_ARENA_MAX: "2", LIST: list },
    });
    await running.ready(`http://127.0.0.1:${port}/metrics`);
    running.kill("SIGTERM");
    expect(await running.ended).toEqual({ code: 0, signal: null });
    const loaded = JSON.parse(readFileSync(list, "utf8")) as string[];
    expect(loaded.length).toBeGreaterThan(50);
    // Checks that the server has not loaded Node's fetch client, which takes megabytes of memory.
    expect(loaded.filter((name) => name.includes("internal/deps/undici"))).toEqual([]);
  }
  expect(files()).toEqual(filled);
});
