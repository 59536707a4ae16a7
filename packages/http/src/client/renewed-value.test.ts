import { expect, test } from "vitest";
import { RenewedValue } from "./renewed-value.ts";

/** A value that the test renews itself, and that ends at 10, 20, … */
function setUp() {
  const running: PromiseWithResolvers<string>[] = [];
  const time = { now: 0 };
  const token = new RenewedValue(
    async () => {
      const renewal = Promise.withResolvers<string>();
      running.push(renewal);
      return { value: await renewal.promise, validUntil: running.length * 10 };
    },
    () => time.now,
  );
  return { token, running, time };
}

test("calls at the same time share one renewal, and later calls the value until its end", async () => {
  const { token, running, time } = setUp();
  const first = [token.get(), token.get()];
  running[0]!.resolve("a");
  expect(await Promise.all(first)).toEqual(["a", "a"]);
  time.now = 9;
  expect(await token.get()).toBe("a");
  time.now = 10;
  const second = [token.get(), token.get()];
  running[1]!.resolve("b");
  expect(await Promise.all(second)).toEqual(["b", "b"]);
  expect(running).toHaveLength(2);
});

test("all calls that share a renewal get its error, and the next call renews again", async () => {
  const { token, running } = setUp();
  const calls = Promise.allSettled([token.get(), token.get()]);
  running[0]!.reject(new Error("refused"));
  expect((await calls).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  const next = token.get();
  running[1]!.resolve("b");
  expect(await next).toBe("b");
});

test("a forgotten value is renewed, and the end of a forgotten renewal changes nothing", async () => {
  const { token, running } = setUp();
  const [old, failing] = [token.get(), (token.forget(), token.get())];
  const failed = failing.catch(String);
  token.forget();
  const current = token.get();
  running[2]!.resolve("c");
  expect(await current).toBe("c");
  running[0]!.resolve("a");
  running[1]!.reject(new Error("late"));
  expect([await old, await failed, await token.get()]).toEqual(["a", "Error: late", "c"]);
  expect(running).toHaveLength(3);
});

test("a value without an end is renewed for each call, unless a renewal runs", async () => {
  let renewals = 0;
  const token = new RenewedValue(() => Promise.resolve({ value: ++renewals, validUntil: -Infinity }));
  expect(await Promise.all([token.get(), token.get()])).toEqual([1, 1]);
  expect(await token.get()).toBe(2);
});
