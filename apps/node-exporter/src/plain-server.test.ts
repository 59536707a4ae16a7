import { expect, test } from "vitest";
import { isHealthCheck } from "./plain-server.ts";

test.each([
  ["/", true],
  ["/-/healthy", true],
  ["/-/ready?now", true],
  ["/metrics", false],
  ["/probe", false],
])("%s is answered before scrapes that wait: %s", (url, expected) => expect(isHealthCheck(url)).toBe(expected));
