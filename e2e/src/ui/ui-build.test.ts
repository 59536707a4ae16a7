import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { narthex } from "../support/running.ts";
import { freePort, freePortOffset } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";

/**
 * Prepares a checkout whose UI build never ends. Returns the environment variables with which servers use this
 * checkout.
 */
function endlessBuild(workplace: Workplace): { readonly env: NodeJS.ProcessEnv; readonly hasBegun: () => boolean } {
  const mark = workplace.path("begun");
  workplace.write("ui/src/main.ts", "");
  workplace.write(
    "ui/node_modules/vite/bin/vite.js",
    `require("node:fs").writeFileSync(${JSON.stringify(mark)}, ""); setInterval(() => {}, 1000);`,
  );
  return { env: { ...process.env, NARTHEX_UI_DIR: workplace.path("ui/dist") }, hasBegun: () => existsSync(mark) };
}

test("the server is ready while the user interface is being built, and can stop at once", async () => {
  using workplace = new Workplace();
  const { env, hasBegun } = endlessBuild(workplace);
  const port = await freePort();
  const config = workplace.write("prometheus.yml", "scrape_configs: []\n");
  await using server = narthex(
    [
      "server",
      `--config.file=${config}`,
      `--storage.tsdb.path=${workplace.path("data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { env },
  );
  await server.ready(`http://127.0.0.1:${port}/-/ready`);
  await eventually("the build has begun", async () => expect(hasBegun()).toBe(true));
  expect(await (await fetch(`http://127.0.0.1:${port}/query`)).text()).toContain("is being built");
  server.kill("SIGTERM");
  expect(await server.ended).toEqual({ code: 0, signal: null });
});

test("`up` starts its roles while the user interface is being built", async () => {
  using workplace = new Workplace();
  const { env, hasBegun } = endlessBuild(workplace);
  const offset = await freePortOffset();
  await using up = narthex(["up", `--data-dir=${workplace.path("data")}`, `--port-offset=${offset}`], { env });
  await eventually("all roles are ready", async () => expect(up.stdout).toContain("Ready. Ctrl-C ends all roles."));
  await eventually("the build has begun", async () => expect(hasBegun()).toBe(true));
});
