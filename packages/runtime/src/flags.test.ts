import { expect, test } from "vitest";
import { flag, integer, list, text } from "./flag-kinds.ts";
import { parseFlags } from "./flags.ts";

const table = {
  "config.file": text("prometheus.yml", "File."),
  "web.enable-lifecycle": flag(false, "Lifecycle."),
  "web.listen-address": list([":9090"], "Address."),
  "web.max-connections": integer(512, "Connections."),
  verbose: { ...flag(false, "Verbose."), short: "v" },
  agent: { ...flag(false, "Agent."), notBuilt: "not in this build" },
};

const values = (...args: string[]) => {
  const outcome = parseFlags(table, args);
  if (outcome.kind !== "parsed") throw new Error(JSON.stringify(outcome));
  return outcome.flags;
};

test("parseFlags() accepts --name=value and --name value, booleans, repeats and short names", () => {
  const { values: read, given } = values(
    "--config.file=a",
    "--web.enable-lifecycle",
    "--web.listen-address",
    ":1",
    "--web.listen-address=:2",
    "-v",
  );
  expect(read).toMatchObject({
    "config.file": "a",
    "web.enable-lifecycle": true,
    "web.listen-address": [":1", ":2"],
    verbose: true,
    "web.max-connections": 512,
  });
  expect(given.has("web.max-connections")).toBe(false);
  expect(values("--no-web.enable-lifecycle").values["web.enable-lifecycle"]).toBe(false);
});

test.each([
  [["--foo"], "unknown long flag '--foo'"],
  [["--config.file"], "expected argument for flag '--config.file'"],
  [["--config.file=a", "--config.file=b"], "flag 'config.file' cannot be repeated"],
  [["--web.max-connections=x"], 'strconv.ParseFloat: parsing "x": invalid syntax'],
  [["extra"], "unexpected extra"],
  [["-x"], "unknown short flag '-x'"],
])("parseFlags() refuses %j: %s", (args, message) => {
  expect(parseFlags(table, args)).toMatchObject({ kind: "error", message });
});

test("parseFlags() suggests the most similar flag, including negated ones", () => {
  expect(parseFlags(table, ["--config.fil=x"])).toMatchObject({ suggestion: "did you mean '--config.file'?" });
  expect(parseFlags(table, ["--no-web.enable-lifecycl"])).toMatchObject({
    suggestion: "did you mean '--no-web.enable-lifecycle'?",
  });
  expect(parseFlags(table, ["--zzz"])).toMatchObject({ suggestion: undefined });
});

test("parseFlags() reports a given flag whose feature is not built", () => {
  expect(values("--agent").warnings).toEqual(["--agent: not in this build"]);
  expect(values().warnings).toEqual([]);
});

test("parseFlags() reads more arguments from an @file", () => {
  const outcome = parseFlags(table, ["@args"], { readArgumentFile: () => "--config.file=b\n# a comment\n-v\n" });
  expect(outcome).toMatchObject({ kind: "parsed", flags: { values: { "config.file": "b", verbose: true } } });
});
