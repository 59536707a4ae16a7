import { spawnSync } from "node:child_process";
import { testHost } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { runAmtool } from "../amtool/main.ts";
import { runPromtool } from "../promtool/main.ts";

async function printed(run: typeof runAmtool, ...args: readonly string[]): Promise<string> {
  const host = testHost(args);
  expect([await run(host), host.output.stderr]).toEqual([0, ""]);
  return host.output.stdout;
}

test.each([
  [
    runPromtool,
    [],
    ["help", "check", "query", "debug", "push", "test", "backtest", "slo", "analyze", "tsdb", "promql"],
  ],
  [runPromtool, ["query", "in"], ["instant", "range", "series", "labels", "analyze"]],
  [runPromtool, ["promql", "label-matchers", ""], ["set", "delete"]],
  [runPromtool, ["query", "instant", ""], [""]],
  [
    runPromtool,
    ["check", "healthy", "--"],
    [
      "url",
      "http.config.file",
      "query.lookback-delta",
      "extended",
      "experimental",
      "enable-feature",
      "help",
      "version",
    ].map((name) => `--${name}`),
  ],
  [runAmtool, ["silence", ""], ["add", "expire", "import", "query", "update", "recurring"]],
])("completion offers the words that may follow: %o %j", async (run, words, offered) => {
  expect((await printed(run, "--completion-bash", ...words)).split("\n")).toEqual(offered);
});

test("the script for bash completes a command", async () => {
  const script = await printed(runPromtool, "--completion-script-bash");
  const shell = `promtool() { echo check; echo query; }
${script}
COMP_WORDS=(promtool qu); COMP_CWORD=1; _promtool_complete; echo "\${COMPREPLY[@]}"; complete -p promtool`;
  expect(spawnSync("bash", ["-c", shell], { encoding: "utf8" }).stdout).toBe(
    "query\ncomplete -o default -F _promtool_complete promtool\n",
  );
  expect(await printed(runAmtool, "--completion-script-zsh")).toMatch(/^#compdef amtool\n/);
});
