import fc from "fast-check";
import { expect, test } from "vitest";
import type { Variable, VariableOption } from "../model/dashboard.ts";
import { option, options, variable } from "../testing/variables.ts";
import { lookupIn } from "./variable-lookup.ts";
import { type FilledVariables, type FillRequest, VariableSet } from "./variable-set.ts";
import { interpolate } from "./variable-syntax.ts";

const sources = [
  { uid: "p1", name: "one", kind: { types: ["prometheus"] }, isDefault: false },
  { uid: "p2", name: "two", kind: { types: ["prometheus"] }, isDefault: true },
  { uid: "g", name: "graphite", kind: { types: ["graphite"] }, isDefault: false },
];
const range = { from: 0, to: 3_600_000 };

/** A VariableSet under test. Its fake data sources answer only when the test says so. */
class Filling {
  readonly asked: string[] = [];
  readonly ended: string[] = [];
  readonly #waiting = new Map<string, (answer: readonly VariableOption[] | Error) => void>();
  readonly #set: VariableSet;
  filled: FilledVariables = { states: new Map(), pending: new Set() };
  reports = 0;

  constructor(variables: readonly Variable[]) {
    this.#set = new VariableSet(variables, (filled) => {
      this.filled = filled;
      this.reports++;
    });
  }

  fill(address = "", rest: Partial<FillRequest> = {}): void {
    const span = rest.range ?? range;
    this.#set.update({
      params: new URLSearchParams(address),
      chosen: new Map(),
      sources,
      builtIns: () => undefined,
      range,
      asOf: 1,
      queryOf: ({ query, refresh }, lookup) => {
        const text = `${interpolate(query as string, lookup)}${refresh === "time" ? ` in ${span.to}` : ""}`;
        return {
          key: text,
          run: (signal) => {
            this.asked.push(text);
            signal.addEventListener("abort", () => this.ended.push(text));
            return new Promise((resolve, reject) => {
              this.#waiting.set(text, (answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
            });
          },
        };
      },
      ...rest,
    });
  }

  async answer(text: string, ...values: readonly string[]): Promise<void> {
    this.#waiting.get(text)!(options(...values));
    await settled();
  }

  async fail(text: string): Promise<void> {
    this.#waiting.get(text)!(new Error(`no answer to ${text}`));
    await settled();
  }

  current(name: string): readonly string[] {
    return this.filled.states.get(name)!.current.map(({ value }) => value);
  }

  taken(): readonly string[] {
    return this.asked.splice(0);
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

const chain = [
  variable("node", { query: "nodes of $job" }),
  variable("job", { query: "jobs" }),
  variable("disk", { query: "disks of $node" }),
  variable("other", { query: "others" }),
];

async function chained(): Promise<Filling> {
  const filling = new Filling(chain);
  filling.fill("var-job=b");
  expect(filling.taken()).toEqual(["jobs", "others"]);
  expect([...filling.filled.pending]).toEqual(["job", "other", "node", "disk"]);
  await filling.answer("others", "o");
  expect([...filling.filled.pending]).toEqual(["job", "node", "disk"]);
  await filling.answer("jobs", "a", "b");
  await filling.answer("nodes of b", "n1", "n2");
  await filling.answer("disks of n1", "sda");
  expect(filling.taken()).toEqual(["nodes of b", "disks of n1"]);
  expect([...filling.filled.pending]).toEqual([]);
  expect([...filling.filled.states.keys()]).toEqual(["node", "job", "disk", "other"]);
  return filling;
}

test("each variable is queried after its dependencies, and a change queries only its dependents", async () => {
  const filling = await chained();
  filling.fill("var-job=a");
  expect(filling.taken()).toEqual(["nodes of a"]);
  expect([...filling.filled.pending]).toEqual(["node", "disk"]);
  await filling.answer("nodes of a", "n1", "n3");
  // Expects no request, because the variable's query has not changed.
  expect(filling.taken()).toEqual([]);
  expect(filling.current("disk")).toEqual(["sda"]);
  expect([...filling.filled.pending]).toEqual([]);
});

test("an update without a change notifies no listener", async () => {
  const filling = await chained();
  const { reports, filled } = filling;
  filling.fill("var-job=b&from=now-1h", { range: { from: 1, to: 2 }, asOf: 2 });
  expect([filling.taken(), filling.reports - reports, filling.filled === filled]).toEqual([[], 0, true]);
});

test("a choice falls back to the default if its option is gone; a new choice is kept although no source offers it", async () => {
  const filling = await chained();
  filling.fill("var-job=b&var-node=n2");
  expect(filling.current("node")).toEqual(["n2"]);
  await filling.answer("disks of n2", "sdb");
  filling.fill("var-job=a&var-node=n2");
  await filling.answer("nodes of a", "n3");
  expect(filling.current("node")).toEqual(["n3"]);
  filling.fill("var-job=a&var-node=typed");
  expect(filling.current("node")).toEqual(["typed"]);
  await filling.answer("disks of typed", "sdx");
  filling.fill("var-job=a&var-node=typed", { asOf: 3 });
  expect(filling.current("node")).toEqual(["typed"]);
});

test("only variables that depend on the time range are filled again when it changes", async () => {
  const filling = new Filling([
    variable("moving", { query: "m", refresh: "time" }),
    variable("standing", { query: "s" }),
    variable("below", { query: "of $moving" }),
  ]);
  filling.fill();
  await filling.answer("m in 3600000", "x");
  await filling.answer("s", "y");
  await filling.answer("of x", "z");
  filling.taken();
  filling.fill("", { range: { from: 0, to: 7 } });
  expect(filling.taken()).toEqual(["m in 7"]);
  expect([...filling.filled.pending]).toEqual(["moving", "below"]);
  await filling.answer("m in 7", "x", "y");
  expect([filling.taken(), [...filling.filled.pending]]).toEqual([[], []]);
});

test("a failed variable keeps its choice and is queried again at the next refresh", async () => {
  const filling = new Filling([variable("v", { query: "q", current: options("saved") })]);
  filling.fill();
  await filling.fail("q");
  expect(filling.filled.states.get("v")!.error).toBe("no answer to q");
  expect(filling.current("v")).toEqual(["saved"]);
  filling.fill("", { range: { from: 0, to: 1 } });
  expect(filling.taken()).toEqual(["q"]);
  filling.fill("", { asOf: 2 });
  expect(filling.taken()).toEqual(["q"]);
  await filling.answer("q", "a", "saved");
  expect(filling.filled.states.get("v")!.error).toBeUndefined();
  expect(filling.current("v")).toEqual(["saved"]);
});

test("a running query is not sent twice, and is cancelled when it is no longer needed", async () => {
  const filling = new Filling([variable("a", { type: "custom", query: "1,2" }), variable("b", { query: "of $a" })]);
  filling.fill();
  filling.fill("x=1");
  expect(filling.taken()).toEqual(["of 1"]);
  filling.fill("var-a=2");
  expect([filling.taken(), filling.ended]).toEqual([["of 2"], ["of 1"]]);
  await filling.answer("of 1", "late");
  expect([...filling.filled.pending]).toEqual(["b"]);
  await filling.answer("of 2", "right");
  expect(filling.current("b")).toEqual(["right"]);
});

test("choices of variables that are not in the URL take precedence over saved values", () => {
  const hidden = variable("v", { type: "custom", query: "a,b", skipUrlSync: true });
  const filling = new Filling([hidden]);
  filling.fill("var-v=b");
  expect(filling.current("v")).toEqual(["a"]);
  filling.fill("", { chosen: new Map([["v", [option("b")]]]) });
  expect(filling.current("v")).toEqual(["b"]);
});

test("kinds without a query are filled immediately", () => {
  const filling = new Filling([
    variable("ds", { type: "datasource", query: "prometheus" }),
    variable("step", { type: "interval", query: "1m,5m", source: { auto: true, auto_count: 60 } }),
    variable("env", { type: "constant", query: "x-$ds" }),
    variable("typed", { type: "textbox", query: "usual" }),
    variable("x", { type: "custom", query: "$y" }),
    variable("y", { type: "custom", query: "$x" }),
  ]);
  filling.fill("var-ds=one&var-typed=");
  const values = (text: string) =>
    interpolate(
      text,
      lookupIn(filling.filled.states, () => undefined, range),
    );
  expect(values("$ds $step ${step:text} $env [$typed]")).toBe("p1 1m auto x-p1 []");
  expect(filling.filled.pending.size).toBe(0);
  expect(filling.filled.states.get("x")!.error).toBe("The variable depends on itself through other variables.");
});

test("all variables are filled in the end, whatever the dependencies and the order of answers", async () => {
  const names = ["a", "b", "c", "d"];
  const needs = fc.array(fc.array(fc.constantFrom(...names), { maxLength: 2 }), { minLength: 4, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(needs, fc.scheduler(), async (lists, scheduler) => {
      let filled: FilledVariables | undefined;
      const set = new VariableSet(
        names.map((name, at) => variable(name, { query: lists[at]!.map((need) => `$${need}`).join(" ") })),
        (next) => (filled = next),
      );
      const asked: string[] = [];
      set.update({
        params: new URLSearchParams(),
        chosen: new Map(),
        sources,
        builtIns: () => undefined,
        range,
        asOf: 1,
        queryOf: ({ name, query }, lookup) => {
          const key = `${name}: ${interpolate(query as string, lookup)}`;
          const run = () => (asked.push(name), scheduler.schedule(Promise.resolve(options(`value of ${name}`)), name));
          return { key, run };
        },
      });
      await scheduler.waitIdle();
      await settled();
      expect([...filled!.pending]).toEqual([]);
      expect(asked.toSorted()).toEqual(names);
      for (const name of names) expect(filled!.states.get(name)!.current).toEqual(options(`value of ${name}`));
    }),
    { numRuns: 50 },
  );
});
