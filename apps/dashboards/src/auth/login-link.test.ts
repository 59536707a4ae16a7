import { ManualClock } from "@narthex/runtime/testing";
import { openSqlite } from "@narthex/store";
import { expect, test } from "vitest";
import { LoginLink } from "./login-link.ts";

const TOKEN = "abcdefghijklmnopqrstuvwxyz";

test("take() lets one of those who come at the same moment in, and none after the role's next start", async () => {
  const store = openSqlite(":memory:");
  const link = (): LoginLink => LoginLink.of(`${TOKEN}.2000`, store, new ManualClock(1000))!;
  const opened = link();
  const taken = await Promise.all([opened.take(TOKEN), opened.take(TOKEN), opened.take("other")]);
  expect(taken).toEqual([true, false, false]);
  expect(await link().take(TOKEN)).toBe(false);
  expect(await LoginLink.of(`${TOKEN}x.500`, store, new ManualClock(1000))!.take(`${TOKEN}x`)).toBe(false);
  await store.close();
});
