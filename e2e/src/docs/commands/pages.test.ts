import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lacks } from "../../support/requirements.ts";
import { EXCEPTIONS } from "./exceptions.ts";
import { ExceptionList } from "./exception-list.ts";
import { OUTCOMES } from "./outcomes.ts";
import { pages } from "./pages.ts";
import { Reader } from "./reader.ts";
import { Stack } from "./stack.ts";

const exceptions = new ExceptionList(EXCEPTIONS);
const followed = pages().filter(({ blocks }) => blocks.length > 0);

/**
 * Programming languages that documentation pages need. The value is true if the language is not installed, so that the
 * page is skipped.
 */
const LACKING: Readonly<Record<string, boolean>> = {
  "docs/first-service.md": lacks("python clients"),
  "docs/first-service-go.md": lacks("go clients"),
  "docs/first-service-java.md": lacks("java"),
  "docs/first-service-python.md": lacks("python clients"),
};

let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start();
});
afterAll(() => stack?.[Symbol.asyncDispose]());

describe.concurrent("a reader who follows a page gets the promised results", () => {
  test.for(followed.map((page) => [page.path, page] as const))("%s", async ([path, page], { skip }) => {
    if (lacks("curl") || LACKING[path] === true) skip();
    await using reader = new Reader(page, stack, exceptions);
    await reader.follow();
    await OUTCOMES[path]?.(reader, stack);
    await reader.end();
  });
});

/** Maximum number of commands and configurations on documentation pages that the tests may leave out. */
const MAX_LEFT_OUT = 133;

test.skipIf(lacks("curl", "go clients", "java", "python clients"))(
  "every exception is needed, and there are few",
  () => {
    expect(exceptions.unneeded).toEqual([]);
    expect(exceptions.notRun).toBeLessThanOrEqual(MAX_LEFT_OUT);
  },
);
