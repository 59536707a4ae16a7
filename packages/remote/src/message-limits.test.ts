import { expect, test } from "vitest";
import { MessageBudget, PartBudget } from "./message-limits.ts";

const message = (): MessageBudget => new MessageBudget();

test.each([
  [
    "values of a part",
    10_000,
    (budget = new PartBudget()) =>
      () =>
        budget.takeValue(),
  ],
  [
    "resources, scopes and metrics",
    500_000,
    (budget = message()) =>
      () =>
        budget.takeGroup(),
  ],
  [
    "data points",
    2_000_000,
    (budget = message()) =>
      () =>
        budget.takePoint(),
  ],
  [
    "histograms and exemplars",
    100_000,
    (budget = message()) =>
      () =>
        budget.takeObject(1),
  ],
])("the largest number of %s is %i", (_what, most, start) => {
  const take = start();
  for (let i = 0; i < most; i++) take();
  expect(take).toThrow("more than");
});
