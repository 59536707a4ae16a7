import { expect, test } from "vitest";
import { DeliveryError, PermanentError, rejected, retry } from "./delivery.ts";

test("a DeliveryError contains the outcome of the attempt, and its message has the action before the reason", () => {
  const error = new DeliveryError(retry("boom", "serverError"), "failed to look up");
  expect(error.message).toBe("failed to look up: boom");
  expect(error.delivery).toEqual(retry("failed to look up: boom", "serverError"));
});

test("a PermanentError is a DeliveryError that rejects", () => {
  const error = new PermanentError("no URL", "clientError");
  expect(error).toBeInstanceOf(DeliveryError);
  expect(error.delivery).toEqual(rejected("no URL", "clientError"));
});
