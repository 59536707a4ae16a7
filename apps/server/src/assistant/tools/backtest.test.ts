import { expect, test } from "vitest";
import { argumentsOf, loggedArguments } from "./arguments.ts";
import { backtest } from "./backtest.ts";
import type { ToolContext } from "./tool.ts";

const entries = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** Runs the tool with the report of a route. Resolves with the fields that were sent, and the answer. */
async function asked(args: Readonly<Record<string, unknown>>, data: unknown) {
  const forms: string[] = [];
  const context: Partial<ToolContext> = {
    async backtest(form) {
      forms.push(form.toString());
      return { status: 200, body: JSON.stringify({ status: "success", data }) };
    },
  };
  const answer = await backtest.run(argumentsOf(backtest.parameters, args), context as ToolContext);
  return { forms, answer };
}

test("each list of a report has an end that says how many entries are missing", async () => {
  const { forms, answer } = await asked(
    { rules: "groups: []", to: "20" },
    {
      from: "a",
      rules: [{ name: "A", occurrences: entries(12) }, { name: "R" }],
      notifications: entries(51),
      notNotified: [],
      differences: { added: entries(50), lost: [], notifications: { added: entries(60), lost: [1] } },
    },
  );
  expect(forms).toEqual(["from=1d&rules=groups%3A+%5B%5D&to=20"]);
  expect(answer).toEqual({
    from: "a",
    notifications: [...entries(50), "1 more entries are not shown"],
    notNotified: [],
    differences: {
      added: entries(50),
      lost: [],
      notifications: { added: [...entries(50), "10 more entries are not shown"], lost: [1] },
    },
    rules: [{ name: "A", occurrences: [...entries(10), "2 more entries are not shown"] }, { name: "R" }],
  });
});

test("the log has only the length of a configuration that may contain secrets", () => {
  const { parameters } = backtest;
  expect(loggedArguments(parameters, { rules: "r", alertmanager: "secret" })).toBe(
    '{"rules":"r","alertmanager":"6 characters"}',
  );
  expect(loggedArguments(parameters, { alertmanager: { text: "secret" } })).toBe('{"alertmanager":"not a text"}');
  expect(loggedArguments(parameters, { rules: "r".repeat(9000) })).toHaveLength(2000);
});
