import { afterAll, expect, test } from "vitest";
import { TASKS } from "./testing/hostile-bodies.ts";
import { StepCounting } from "./testing/step-counting.ts";

/**
 * Sizes of the small bodies in bytes. Protobuf needs only two bytes for an entry, so a small protobuf body has as many
 * entries as a larger text body.
 */
const SIZES = { text: 8 * 1024, protobuf: 2 * 1024 };
/** Length of the large body as a multiple of the small one. If the work were quadratic, its growth would be 32. */
const FACTOR = 32;
/** Maximum growth. The growth of linear work is about 1, and larger if a table must grow in between. */
const LIMIT = 1.5;

const steps = new StepCounting(new URL("./testing/hostile-bodies.ts", import.meta.url));
afterAll(() => steps[Symbol.asyncDispose]());

test.each(Object.keys(TASKS))("work grows linearly with the size of %s", async (name) => {
  const size = name.startsWith("text") ? SIZES.text : SIZES.protobuf;
  expect(await steps.growth({ name, size, factor: FACTOR })).toBeLessThan(LIMIT);
});
