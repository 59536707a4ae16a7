import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Lifecycle, startRole } from "@narthex/runtime";
import { testHost } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { openFeatures } from "./compose.ts";
import { flags as table } from "./flags.ts";

test("the routes of the Pushgateway and the access that each needs are those of the list", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pushgateway-"));
  const env = { NARTHEX_UI_DIR: join(folder, "ui"), NARTHEX_DOCS_DIR: join(folder, "docs") };
  const host = testHost(["--web.enable-admin-api", "--web.enable-lifecycle"], { env });
  const role = startRole(host, { program: "pushgateway", about: "", table });
  if ("exit" in role) throw new Error(host.output.stderr);
  const lifecycle = new Lifecycle({ clock: host.clock, logger: role.logger, deadlineMs: 1000 });
  onTestFinished(async () => {
    await lifecycle.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const web = await openFeatures(host, role, lifecycle);
  const lines = web.routeTable.list().map(({ methods, url, access }) => `${methods.join(",")} ${url} ${access}`);
  await expect(`${lines.toSorted().join("\n")}\n`).toMatchFileSnapshot("route-access.txt");
});
