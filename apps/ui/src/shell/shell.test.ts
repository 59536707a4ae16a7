import { expect, test } from "vitest";
import { withNotification } from "./NotificationBell.tsx";

test("a notification appears once and disappears when it is inactive", () => {
  const one = { text: "x", date: "1", active: true };
  const again = { text: "x", date: "2", active: true };
  expect(withNotification([one], again)).toEqual([again]);
  expect(withNotification([one], { ...again, active: false })).toEqual([]);
});
