import { expect, test } from "vitest";
import { secureContextFor } from "./secure-contexts.ts";

test("clients without their own certificates share one context for the same TLS versions", () => {
  const [one, other] = [secureContextFor({}), secureContextFor({ ca: undefined })];
  expect(one()).toBe(other());
  const modern = secureContextFor({ minVersion: "TLSv1.3" });
  expect(modern()).not.toBe(one());
  expect(modern()).toBe(secureContextFor({ minVersion: "TLSv1.3" })());
});

test("certificates that cannot be used are refused when the client is created", () => {
  expect(() => secureContextFor({ cert: "no certificate" })).toThrow("PEM");
});
