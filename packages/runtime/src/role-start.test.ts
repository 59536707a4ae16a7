import { expect, test } from "vitest";
import { list, logFormat, logLevel, text } from "./flag-kinds.ts";
import { startRole } from "./role-start.ts";
import { testHost } from "./testing/test-host.ts";

const role = {
  program: "pushgateway" as const,
  about: "The Pushgateway",
  table: {
    "web.listen-address": list([":9091"], "Address."),
    "web.telemetry-path": text("/metrics", "Path."),
    "log.level": logLevel,
    "log.format": logFormat,
  },
};

test("startRole() ignores quotes around values and a single backslash at the end", () => {
  const host = testHost(['--web.listen-address=":9091"', '--web.telemetry-path="/m"', '--log.level="info"', "\\"]);
  const started = startRole(host, role);
  if ("exit" in started) throw new Error(host.output.stderr);
  expect(started.flags).toMatchObject({
    "web.listen-address": [":9091"],
    "web.telemetry-path": "/m",
    "log.level": "info",
  });
  expect(host.output.stderr).toContain("single backslash");
});

test("startRole() answers --version with the versions of the original and of Narthex, and a bad flag with status 1", () => {
  const version = testHost(["--version"]);
  expect(startRole(version, role)).toEqual({ exit: 0 });
  expect(version.output.stdout).toMatch(/^pushgateway, version 1\.11\.3 /);
  const wrong = testHost(["--web.listen-adress=:1"]);
  expect(startRole(wrong, role)).toEqual({ exit: 1 });
  expect(wrong.output.stderr).toBe(
    "pushgateway: error: unknown long flag '--web.listen-adress', try --help\ndid you mean '--web.listen-address'?\n",
  );
});
