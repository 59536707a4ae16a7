import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Host } from "@narthex/runtime";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { appliersOf } from "./compose.ts";
import type { ServerFeature } from "./server-feature.ts";

const SOURCES = fileURLToPath(new URL(".", import.meta.url));
/** bcrypt hash of "secret". */
const SECRET = "$2b$04$q/gpbHGgMEPVQ7rwMsw5KulBASPr9eTltnYQCSczaONa7XcVUNEpO";
const ACCESS = 'access("read"), ';

/** Source code of a server feature that the test adds. */
const RUNBOOKS = `
import { family } from "@narthex/exposition";
import { access, sendSuccess } from "@narthex/http";
import type { Context } from "../context.ts";
import type { ServerFeature } from "../server-feature.ts";

export function openRunbooks({ logger }: Context): ServerFeature {
  let intervalMs = 0;
  return {
    name: "runbooks",
    start: () => logger.info("runbooks start"),
    ready: () => logger.info("runbooks are ready", { intervalMs }),
    stop: () => logger.info("runbooks stop"),
    apply: [
      {
        name: "runbooks",
        prepare: ({ global }) => ({
          apply: () => void (intervalMs = global.scrapeIntervalMs),
          discard: () => undefined,
        }),
      },
    ],
    routes: {
      apiWhenReady: (app) =>
        void app.get("/runbooks", ${ACCESS}async ({ principal }, reply) =>
          sendSuccess(reply, { data: { intervalMs, reader: principal.name } }),
        ),
    },
    metrics: [() => [family("gauge", "runbooks", "Runbooks that are kept.", 3)]],
    features: { runbooks: { search: true } },
  };
}
`;

const LAST_LINE = "  features.add(openReloading(context));\n";

/** Copies the server's sources, adds a feature to compose.ts, and returns the main function of the copy. */
async function serverWith(folder: string, source: string): Promise<(host: Host) => Promise<number>> {
  const app = join(folder, "app");
  cpSync(SOURCES, join(app, "src"), { recursive: true, filter: (path) => !path.endsWith(".test.ts") });
  symlinkSync(join(SOURCES, "../node_modules"), join(app, "node_modules"));
  writeFileSync(join(app, "package.json"), '{"type": "module"}');
  mkdirSync(join(app, "src/runbooks"));
  writeFileSync(join(app, "src/runbooks/runbooks.ts"), source);
  const list = readFileSync(join(app, "src/compose.ts"), "utf8");
  expect(list).toContain(LAST_LINE);
  writeFileSync(
    join(app, "src/compose.ts"),
    `import { openRunbooks } from "./runbooks/runbooks.ts";\n${list.replace(LAST_LINE, `${LAST_LINE}  features.add(openRunbooks(context));\n`)}`,
  );
  const { main } = (await import(pathToFileURL(join(app, "src/main.ts")).href)) as typeof import("./main.ts");
  return main;
}

/**
 * Returns a host with configuration files in a folder. `said` resolves with the first log line that contains the given
 * words.
 */
function hostIn(folder: string) {
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const config = file("prometheus.yml", "global: {scrape_interval: 15s}\n");
  const users = file("web.yml", `basic_auth_users: {ann: "${SECRET}"}\n`);
  const args = [`--config.file=${config}`, `--web.config.file=${users}`, "--web.listen-address=127.0.0.1:0"];
  args.push(`--storage.tsdb.path=${join(folder, "data")}`, "--query.threads=0");
  const inner = testHost(args, { env: { NARTHEX_UI_DIR: join(folder, "ui") } });
  const waiting: { readonly words: string; readonly found: (line: string) => void }[] = [];
  const lines: string[] = [];
  const host: Host = {
    ...inner,
    stderr(line) {
      lines.push(line);
      for (const { words, found } of waiting) if (line.includes(words)) found(line);
    },
  };
  const said = (words: string): Promise<string> => new Promise((found) => void waiting.push({ words, found }));
  return { host, lines, said, file, reload: () => inner.reload() };
}

test("a new feature that consists of a folder and a line is started, configured, served, measured, reloaded and stopped", async () => {
  const folder = temporaryFolder();
  const main = await serverWith(folder, RUNBOOKS);
  const { host, lines, said, file, reload } = hostIn(folder);
  const [listening, ready] = [said("Listening on"), said("Server is ready")];
  const ended = main(host);
  const [, address] = /address=(\S+)/.exec(await Promise.race([listening, ended.then(() => lines.join(""))]))!;
  await Promise.race([ready, ended]);
  const get = async (path: string, user = "ann:secret"): Promise<string> => {
    const answer = await fetch(`http://${address}${path}`, { headers: { authorization: `Basic ${btoa(user)}` } });
    return answer.ok ? answer.text() : `status ${answer.status}`;
  };
  const runbooks = async (): Promise<unknown> => JSON.parse(await get("/api/v1/runbooks"));
  expect(await runbooks()).toEqual({ status: "success", data: { intervalMs: 15_000, reader: "ann" } });
  expect(await get("/api/v1/runbooks", "eve:guess")).toBe("status 401");
  const headers = { authorization: `Basic ${btoa("ann:secret")}` };
  const switchedOff = await fetch(`http://${address}/-/quit`, { method: "POST", headers });
  expect([switchedOff.status, await switchedOff.text()]).toEqual([403, "Lifecycle API is not enabled."]);
  expect(await get("/metrics")).toContain("\nrunbooks 3\n");
  expect(await get("/api/v1/features")).toContain('"runbooks":{"search":true}');
  file("prometheus.yml", "global: {scrape_interval: 30s}\n");
  const reloaded = said("Completed loading of configuration file");
  reload();
  await reloaded;
  expect(await runbooks()).toEqual({ status: "success", data: { intervalMs: 30_000, reader: "ann" } });
  host.requestStop();
  expect(await ended).toBe(0);
  const order = [
    "runbooks start",
    "runbooks are ready",
    "Server is ready",
    "exiting gracefully",
    "runbooks stop",
    "See you",
  ];
  const places = order.map((words) => lines.findIndex((line) => line.includes(words)));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

test("the server does not start if a route of a feature declares no access", async () => {
  const folder = temporaryFolder();
  const main = await serverWith(folder, RUNBOOKS.replace(ACCESS, ""));
  const { host, lines } = hostIn(folder);
  expect(await main(host)).toBe(1);
  expect(lines.join("")).toContain("GET /api/v1/runbooks declares the access that it needs");
});

test("appliersOf() sorts appliers in Prometheus' order, others in the order of the features", () => {
  const feature = (...names: readonly string[]): ServerFeature => ({
    name: names[0]!,
    stop: () => undefined,
    apply: names.map((name) => ({
      name,
      prepare: () => ({ apply: () => undefined, discard: () => undefined }),
    })),
  });
  const features = [
    feature("storage"),
    feature("notify"),
    feature("b", "rules"),
    feature("scrape"),
    feature("scrape discovery", "notify discovery"),
    feature("a"),
  ];
  expect(appliersOf(features).map(({ name }) => name)).toEqual([
    "storage",
    "scrape",
    "scrape discovery",
    "notify",
    "notify discovery",
    "rules",
    "b",
    "a",
  ]);
});
