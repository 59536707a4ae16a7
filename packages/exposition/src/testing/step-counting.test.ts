import { afterAll, expect, test } from "vitest";
import { TASKS } from "./known-growth.ts";
import { StepCounting } from "./step-counting.ts";

const steps = new StepCounting(new URL("./known-growth.ts", import.meta.url));
afterAll(() => steps[Symbol.asyncDispose]());

const names = Object.keys(TASKS);
const FACTOR = 32;

test.each(names.filter((name) => name.endsWith("once")))(
  "the work of %s grows with the size of its data",
  async (name) => {
    const growth = await steps.growth({ name, size: 1024, factor: FACTOR });
    expect(growth).toBeGreaterThan(0.5);
    expect(growth).toBeLessThan(1.01);
  },
);

test.each(names.filter((name) => name.endsWith("at each byte")))(
  "the work of %s grows with the square of the size",
  async (name) => {
    expect(await steps.growth({ name, size: 64, factor: FACTOR })).toBeGreaterThan(FACTOR / 2);
  },
);
