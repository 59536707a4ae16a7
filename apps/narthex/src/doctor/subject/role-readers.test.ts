import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { config } from "../checks/config.ts";
import { fakeContext } from "../testing/fake-context.ts";
import { subjectOfRole } from "./read-subject.ts";

const cwd = temporaryFolder();
writeFileSync(join(cwd, "g.ini"), "[server]\nhttp_port = 3100\nhttp_addr = 127.0.0.1\n[paths]\ndata = state\n");
writeFileSync(join(cwd, "port"), "3200\n");

const dashboards = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  subjectOfRole({ cwd }, "dashboards", args, { GF_PATHS_CONFIG: "none.ini", ...env });

test.each([
  ["nothing", [], {}, 3000],
  ["an empty variable", [], { GF_SERVER_HTTP_PORT: "" }, 3000],
  ["a file of --config", ["--config=g.ini"], {}, 3100],
  ["a file of the variable", [], { GF_PATHS_CONFIG: "g.ini" }, 3100],
  ["the file of a variable", [], { GF_SERVER_HTTP_PORT__FILE: "port" }, 3200],
  ["a variable over the file", ["--config=g.ini"], { GF_SERVER_HTTP_PORT: "3300" }, 3300],
  ["the last override", ["cfg:server.http_port=1", "cfg:server.http_port=3400"], { GF_SERVER_HTTP_PORT: "2" }, 3400],
  ["the flag", ["--web.listen-address=:3500", "cfg:server.http_port=1"], {}, 3500],
])("the dashboards listen where %s says", (_, args, env, port) =>
  expect(dashboards(args, env).listens.map(({ address }) => address.port)).toEqual([port]),
);

test("the dashboards' folders come from their settings, relative to the working directory", () => {
  const role = dashboards(["--config=g.ini", "cfg:paths.provisioning=p"]);
  expect(role.data.map(({ path }) => path)).toEqual([join(cwd, "state")]);
  expect(role.provisioning).toBe(join(cwd, "p"));
  expect(dashboards([]).provisioning).toBe("/etc/grafana/provisioning");
});

test("settings with which the dashboards do not start are an error of the configuration check", async () => {
  const roles = [dashboards(["--config=none.ini"])];
  expect(await config.run(fakeContext({ roles }))).toMatchObject([
    { level: "error", what: expect.stringContaining(join(cwd, "none.ini")) },
  ]);
  const secret = "cfg:security.admin_password=s3cret $__file{/none/password}";
  const findings = await config.run(fakeContext({ roles: [dashboards([secret])] }));
  expect(findings).toMatchObject([{ level: "error", what: expect.stringContaining("cfg:security.admin_password:") }]);
  expect(JSON.stringify(findings)).not.toContain("s3cret");
  const wrong = [dashboards([], { GF_SERVER_HTTP_PORT: "many" })];
  expect(await config.run(fakeContext({ roles: wrong }))).toMatchObject([
    { level: "error", what: expect.stringContaining("server.http_port") },
  ]);
});
