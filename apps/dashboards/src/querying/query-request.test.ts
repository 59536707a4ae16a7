import { expect, test } from "vitest";
import { queriesOf } from "./query-request.ts";

test("all queries of a request share budgets, also if they have different data sources", () => {
  const queries = ["a", "b"].map((uid) => ({ refId: uid, datasource: { uid } }));
  const [first, second] = queriesOf({ queries }, 0);
  expect(first!.budgets).toBeDefined();
  expect(second!.budgets).toBe(first!.budgets);
  expect(queriesOf({ queries }, 0)[0]!.budgets).not.toBe(first!.budgets);
});
