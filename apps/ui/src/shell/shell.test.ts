import { expect, test } from "vitest";
import { withNotification } from "./NotificationBell.tsx";

test("a notification that is sent twice appears once, and disappears when the server sends it as inactive", () => {
  const one = { text: "x", date: "1", active: true };
  const again = { text: "x", date: "2", active: true };
  expect(withNotification([one], again)).toEqual([again]);
  expect(withNotification([one], { ...again, active: false })).toEqual([]);
});
