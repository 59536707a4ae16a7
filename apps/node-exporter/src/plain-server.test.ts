import { expect, test } from "vitest";
import { asksForHealth } from "./plain-server.ts";

test.each([
  ["/", true],
  ["/-/healthy", true],
  ["/-/ready?now", true],
  ["/metrics", false],
  ["/probe", false],
])("%s is answered before scrapes that wait: %s", (url, expected) => expect(asksForHealth(url)).toBe(expected));
