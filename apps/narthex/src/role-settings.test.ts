import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { commands } from "./commands.ts";
import table from "./role-settings.json" with { type: "json" };
import { settingsOf } from "./role-settings.ts";

describe("settingsOf()", () => {
  test("separates flags of V8 from environment variables", () => {
    const { v8, env } = settingsOf("node-exporter");
    expect(v8).toContain("--v8-pool-size=1");
    expect(env).toMatchObject({ UV_THREADPOOL_SIZE: "16", MALLOC_TRIM_THRESHOLD_: "65536" });
  });

  test("protects each role from V8's crash in calls from WebAssembly to JavaScript", () => {
    for (const role of Object.keys(table))
      expect(settingsOf(role).v8).toContain("--wasm-wrapper-tiering-budget=2000000000");
  });

  test("has a row only for commands of narthex, and none for commands that end soon", () => {
    const names = commands.map(({ name }) => name);
    for (const role of Object.keys(table)) expect(names).toContain(role);
    expect(settingsOf("promtool")).toEqual({ v8: [], env: {} });
  });
});

describe("role-settings.sh", () => {
  test.each([...Object.keys(table), "promtool", ""])(
    "role-settings.sh sets the values of settingsOf() for %j",
    (role) => {
      const { v8, env } = settingsOf(role);
      expect(inShell(role, {})).toEqual({ v8, env });
    },
  );

  test("keeps a variable that the environment already has", () => {
    expect(inShell("node-exporter", { UV_THREADPOOL_SIZE: "32" }).env["UV_THREADPOOL_SIZE"]).toBe("32");
  });
});

/**
 * Sources the settings script in a strict shell, as the launcher does. Returns the resulting V8 flags and environment
 * variables.
 */
function inShell(role: string, env: Readonly<Record<string, string>>): { v8: string[]; env: Record<string, string> } {
  const [script, file] = ["../role-settings.sh", "role-settings.json"].map((name) =>
    fileURLToPath(new URL(name, import.meta.url)),
  );
  const code = `set -eu; . "${script}"; role_settings "${file}" "${role}"; echo $v8; env`;
  const [flags, ...variables] = execFileSync("/bin/sh", ["-c", code], { encoding: "utf8", env }).trimEnd().split("\n");
  const pairs = variables.map((line) => line.split("=", 2) as [string, string]);
  return {
    v8: flags!.split(" ").filter((flag) => flag !== ""),
    env: Object.fromEntries(pairs.filter(([name]) => /^(?:MALLOC|UV)_/.test(name))),
  };
}
