import { expect, test } from "vitest";
import { BodyMemoryBudget, type BudgetedBody } from "./body-memory-budget.ts";

const MIB = 1024 * 1024;

class Body implements BudgetedBody {
  charged = 0;
  reason = "";
  readonly #budget: BodyMemoryBudget;

  constructor(budget: BodyMemoryBudget) {
    this.#budget = budget;
  }

  take(mib: number): void {
    this.#budget.charge(this, mib * MIB);
    this.charged += mib * MIB;
  }

  abort(reason: Error): void {
    this.reason = reason.message;
  }

  giveBack(): void {
    this.#budget.release(this, this.charged);
    this.charged = 0;
  }
}

test("if there is no room for another byte, the longest body is aborted, whichever body needs the byte", () => {
  const budget = new BodyMemoryBudget(100 * MIB);
  const [long, short] = [new Body(budget), new Body(budget)];
  long.take(70);
  short.take(20);
  short.take(20);
  expect(long.reason).toContain("more than 100MiB, the limit of --scrape.max-body-memory");
  expect(long.reason).toContain("with 70MiB so far");
  long.giveBack();
  expect(budget.held).toBe(40 * MIB);
  expect(() => short.take(80)).toThrow("with 40MiB so far");
  short.giveBack();
  expect(budget.held).toBe(0);
});

test("a completely received body keeps its memory", () => {
  const budget = new BodyMemoryBudget(100 * MIB);
  const [there, coming] = [new Body(budget), new Body(budget)];
  there.take(90);
  budget.complete(there);
  expect(() => coming.take(20)).toThrow("body size limit exceeded");
  expect(there.reason).toBe("");
});
