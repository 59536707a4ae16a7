import { expect, test } from "vitest";
import { decodeYaml } from "./decode.ts";
import { listOf } from "./collections.ts";
import { millis } from "./measures.ts";
import { flag, text } from "./plain-values.ts";
import { formatProblem } from "../problem.ts";
import { printYaml } from "../yaml/print.ts";
import { secret } from "./secret.ts";
import { field, optional, section } from "./section.ts";

const job = section("test.Job", {
  name: field("name", text, ""),
  every: field("every", millis, 60_000),
  loud: field("loud", flag, true, true),
  password: optional("password", secret),
});
const jobs = section("test.Jobs", { jobs: field("jobs", listOf(job, { nullItem: "empty job" }), []) });

const problemsIn = (yaml: string): string[] => {
  const loaded = decodeYaml(yaml, "f.yml", jobs);
  return loaded.ok ? [] : loaded.problems.map(formatProblem);
};

test("decodeYaml() fills in defaults, and reads null as zero like Go", () => {
  const loaded = decodeYaml("jobs:\n- name: a\n  loud:\n  password:\n- {name: b, every: ~}\n", "f.yml", jobs);
  expect(loaded).toMatchObject({
    ok: true,
    value: {
      jobs: [
        { name: "a", every: 60_000, loud: false, password: undefined },
        { name: "b", every: 0, loud: true },
      ],
    },
  });
});

test("decodeYaml() reports every problem of a file in one pass, with positions and hints", () => {
  expect(problemsIn("jobs:\n- naem: a\n  every: 5x\n- loud: maybe\n-\n")).toEqual([
    "f.yml:2:3: field naem not found in type test.Job; did you mean name?",
    'f.yml:3:10: field every: unknown unit "x" in duration "5x"; write a duration such as 30s, 5m or 1h30m',
    "f.yml:4:9: field loud: cannot unmarshal !!str `maybe` into bool; write true or false, without quotes",
    "f.yml:5:2: empty job; remove the empty `-`",
  ]);
});

test("decodeYaml() reports a colon without a space after it", () => {
  expect(problemsIn("jobs:\n- name:a\n")).toEqual([
    "f.yml:2:3: field jobs: cannot unmarshal !!str `name:a` into test.Job; put a space behind the colon: `key: value`",
  ]);
});

test("decodeYaml() reports a tab that YAML does not allow", () => {
  expect(problemsIn("jobs:\n\t- name: a\n")).toEqual([
    "f.yml:2:1: yaml: line 2: found character that cannot start any token; indent with spaces: this line begins with a tab",
  ]);
});

test("decodeYaml() refuses repeated keys and expands merge keys", () => {
  expect(problemsIn("jobs: [{name: a, name: b}]")).toEqual([
    "f.yml:1:18: field name already set in type test.Job; keep one of the two, or merge them",
  ]);
  const merged = decodeYaml("jobs:\n- &base {name: a, every: 5s}\n- {<<: *base, name: b}\n", "f.yml", jobs);
  expect(merged).toMatchObject({ ok: true, value: { jobs: [{ name: "a" }, { name: "b", every: 5000 }] } });
});

test("an encoded section omits zero values and hides secrets", () => {
  const loaded = decodeYaml('jobs: [{name: "1", loud: no, password: hunter2}]', "f.yml", jobs);
  expect(loaded.ok && printYaml(jobs.encode(loaded.value))).toBe(
    'jobs:\n- name: "1"\n  every: 1m\n  loud: false\n  password: <secret>\n',
  );
});

test("an alias bomb is refused instead of expanded", () => {
  const levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 9; i++)
    levels.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(", ")}]`,
    );
  expect(problemsIn(levels.join("\n")).join("\n")).toContain("excessive aliasing");
});
