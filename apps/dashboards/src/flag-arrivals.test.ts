import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  expectArrivals,
  expectEveryFlag,
  logRows,
  type FlagRow,
  RecordedCalls,
  temporaryFolder,
} from "@narthex/runtime/testing";
import { afterAll, test, vi } from "vitest";
import { flags } from "./flags.ts";

/** Modules whose functions and classes receive the values of flags. Their calls are recorded. */
const PARTS = ["@narthex/http", "./settings/read-settings.ts"];

const calls = new RecordedCalls();
/** Replaces systemd's sockets by an empty list, because they belong to another process. */
const INSTEAD = { activatedSockets: (): readonly number[] => [] };
for (const part of PARTS) vi.doMock(part, async (original) => calls.record(await original<object>(), INSTEAD));
vi.resetModules();
const { main } = await import("./main.ts");
afterAll(() => {
  for (const part of PARTS) vi.doUnmock(part);
  vi.resetModules();
});

const cwd = temporaryFolder();
const file = (name: string, text: string): string => {
  writeFileSync(join(cwd, name), text);
  return join(cwd, name);
};
const role = {
  main,
  table: flags,
  calls,
  cwd,
  ready: "TLS is",
  env: {
    GF_PATHS_DATA: join(cwd, "data"),
    GF_PATHS_CONFIG: join(cwd, "grafana.ini"),
    GF_PATHS_PROVISIONING: join(cwd, "provisioning"),
    GF_SECURITY_ADMIN_PASSWORD: "secret",
    NARTHEX_UI_DIR: join(cwd, "ui"),
    NARTHEX_DOCS_DIR: join(cwd, "docs"),
  },
};
const ALWAYS = ["--web.listen-address=127.0.0.1:0"];

const ROWS: Readonly<Record<string, FlagRow>> = {
  config: [file("other.ini", ""), "readSettings/1"],
  configOverrides: [
    "cfg:server.domain=a cfg:server.root_url=http://a/",
    ["readSettings/2", ["server.domain=a", "server.root_url=http://a/"]],
  ],
  "web.listen-address": ["localhost:0", "createHttpServer/0/listen"],
  "web.config.file": [file("web.yml", ""), "createHttpServer/0/webConfigFile"],
  ...logRows("createHttpServer/0/logger"),
};

/** --web.systemd-socket has a separate test, because with this flag the server opens no port itself. */
const SOCKET: Readonly<Record<string, FlagRow>> = {
  "web.systemd-socket": ["true", ["createHttpServer/0/descriptors", []]],
};

/** Flags that have no effect; their help states this. */
const WITHOUT_EFFECT = ["homepath", "packaging", "pidfile"];

test("every flag has a row, or its help states that it has no effect", () =>
  expectEveryFlag(flags, [ROWS, SOCKET], WITHOUT_EFFECT));

test.each([ROWS, SOCKET])("the value of each flag is passed to the parts that use it", (rows) =>
  expectArrivals(role, ALWAYS, rows),
);
