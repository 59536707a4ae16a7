import { expect, test } from "vitest";
import { flags } from "../flags.ts";
import { agentFlagProblem, modeProblem } from "./mode-flags.ts";

test("the message lists flags of the other mode in the order of the command line", () => {
  const given = new Set(["config.file", "storage.tsdb.path", "agent", "query.timeout"]);
  expect(modeProblem(true, given)).toBe(
    'The following flag(s) can not be used in agent mode: ["--storage.tsdb.path" "--query.timeout"]',
  );
  expect(modeProblem(false, given)).toBeUndefined();
  expect(modeProblem(false, new Set(["storage.agent.path"]))).toBe(
    'The following flag(s) can only be used in agent mode: ["--storage.agent.path"]',
  );
});

test("an agent accepts flags for scraping, for the web server and for sending", () => {
  const taken = Object.keys(flags).filter((name) => modeProblem(true, new Set([name])) === undefined);
  const beginnings = new Set(taken.map((name) => name.replace(/[.-].*$/, "")));
  expect([...beginnings].toSorted()).toEqual(["agent", "auto", "config", "enable", "log", "scrape", "storage", "web"]);
  expect(taken.filter((name) => name.startsWith("storage.") && !name.startsWith("storage.agent."))).toEqual([
    "storage.remote.flush-deadline",
  ]);
});

test("a record of an agent's checkpoints must be allowed to contain at least one series", () => {
  const name = "storage.agent.checkpoint-batch-size";
  for (const size of [0, -1]) {
    expect(agentFlagProblem({ agent: true, [name]: size })).toBe(`--${name} must be greater than 0.`);
    expect(agentFlagProblem({ agent: false, [name]: size })).toBeUndefined();
  }
  expect(agentFlagProblem({ agent: true, [name]: 1 })).toBeUndefined();
});
