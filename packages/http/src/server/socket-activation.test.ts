import { expect, test } from "vitest";
import { activatedSockets } from "./socket-activation.ts";

test("activatedSockets() counts from 3, and only for this process", () => {
  expect(activatedSockets({ LISTEN_FDS: "2", LISTEN_PID: "7" }, 7)).toEqual([3, 4]);
  expect(() => activatedSockets({ LISTEN_FDS: "2", LISTEN_PID: "8" }, 7)).toThrow("no socket activation");
  expect(() => activatedSockets({}, 7)).toThrow("no socket activation file descriptors found");
});
