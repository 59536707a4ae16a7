import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  askAt,
  routeLines,
  routesNotForTheirScopes,
  routesNotForUsersAlone,
  SECRET_HASH,
  signInRole,
} from "@narthex/http/testing";
import { Lifecycle, startRole } from "@narthex/runtime";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { openFeatures } from "./compose.ts";
import { flags as table } from "./flags.ts";

/** Returns the Pushgateway's web server and the output of the process. */
async function openedWeb(more: (folder: string) => readonly string[] = () => []) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "web.yml"), `basic_auth_users: {ann: "${SECRET_HASH}"}\n`);
  const env = { NARTHEX_UI_DIR: join(folder, "ui"), NARTHEX_DOCS_DIR: join(folder, "docs") };
  const host = testHost(["--web.enable-admin-api", "--web.enable-lifecycle", ...more(folder)], { env });
  const role = startRole(host, { program: "pushgateway", about: "", table });
  if ("exit" in role) throw new Error(host.output.stderr);
  const lifecycle = new Lifecycle({ clock: host.clock, logger: role.logger, deadlineMs: 1000 });
  onTestFinished(() => lifecycle.stop());
  return { web: await openFeatures(host, role, lifecycle), output: host.output };
}

test("the routes of the Pushgateway, and the access that each needs, match the list", async () => {
  const { web } = await openedWeb();
  await expect(routeLines(web.routeTable.list())).toMatchFileSnapshot("route-access.txt");
});

test("each route of a Pushgateway with users answers a user, and refuses all other requests", async () => {
  const { web, output } = await openedWeb((folder) => [
    `--web.config.file=${folder}/web.yml`,
    "--web.listen-address=127.0.0.1:0",
  ]);
  await web.start();
  const base = `http://${/msg="Listening on" address=(\S+)/.exec(output.stderr)?.[1]}`;
  expect(await routesNotForUsersAlone(base, web.routeTable.list())).toEqual({});
});

test("with --web.sign-in-url each route accepts people and tokens with its scope, and refuses all others", async () => {
  await using role = await signInRole();
  const { web, output } = await openedWeb(() => [`--web.sign-in-url=${role.url}`, "--web.listen-address=127.0.0.1:0"]);
  await web.start();
  const base = `http://${/msg="Listening on" address=(\S+)/.exec(output.stderr)?.[1]}`;
  expect(await routesNotForTheirScopes(web.routeTable.list(), askAt(base))).toEqual([]);
});
