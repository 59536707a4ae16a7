import { expect, test } from "vitest";
import { LoginQueue } from "./login-queue.ts";

/** Returns a queue with a login that runs until `release` is called, and the list of the logins that ran after it. */
function heldQueue() {
  const queue = new LoginQueue();
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const ran: string[] = [];
  const outcomes = [queue.run("first", () => held)];
  const add = (sender: string, name = sender): Promise<unknown> => {
    const outcome = queue
      .run(sender, async () => void ran.push(name))
      .catch(({ statusCode }: { statusCode: number }) => statusCode);
    outcomes.push(outcome as Promise<void>);
    return outcome;
  };
  return { add, ran, release, all: () => Promise.all(outcomes) };
}

test("senders take turns, whatever the order of arrival", async () => {
  const { add, ran, release, all } = heldQueue();
  for (const name of ["a1", "a2", "a3", "b1", "c1", "b2"]) void add(name[0]!, name);
  release();
  await all();
  expect(ran).toEqual(["a1", "b1", "c1", "a2", "b2", "a3"]);
});

test("a sender has at most 10 waiting logins", async () => {
  const { add, ran, release, all } = heldQueue();
  const outcomes = Array.from({ length: 12 }, (_, i) => add("a", `a${i}`));
  release();
  await all();
  expect(await Promise.all(outcomes)).toEqual([...Array.from({ length: 10 }, () => undefined), 503, 503]);
  expect(ran).toHaveLength(10);
});

test("if the queue is full, a new sender is admitted, and the last login of the sender with the most logins is refused", async () => {
  const { add, ran, release, all } = heldQueue();
  for (let i = 0; i < 10; i++) for (let n = 0; n < 10; n++) void add(`s${i}`, `s${i} ${n}`);
  void add("other");
  release();
  await all();
  expect(ran).toHaveLength(100);
  expect(ran).toContain("other");
  expect(ran.filter((name) => name.endsWith(" 9"))).toHaveLength(9);
});

test("if the queue is full and each sender has one login, the next login is refused", async () => {
  const { add, ran, release, all } = heldQueue();
  for (let i = 0; i < 100; i++) void add(`s${i}`);
  const refused = add("other");
  release();
  await all();
  expect(await refused).toBe(503);
  expect(ran).toHaveLength(100);
});

test("the queue continues after a failed login", async () => {
  const queue = new LoginQueue();
  await expect(queue.run("a", () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  expect(await queue.run("b", () => Promise.resolve(1))).toBe(1);
});

test("if one IPv6 site has filled the queue, another site is admitted, and the newest login of the first site is refused", async () => {
  const { add, ran, release, all } = heldQueue();
  for (let i = 0; i < 100; i++) void add(`2001:db8:1:${i.toString(16)}::/64`, `${i}`);
  const same = add("2001:db8:1:ffff::/64", "same");
  void add("2001:db8:2:0::/64", "other site");
  void add("10.0.0.1");
  release();
  await all();
  expect(await same).toBe(503);
  expect(ran).toHaveLength(100);
  expect(ran).toEqual(expect.arrayContaining(["other site", "10.0.0.1", "97"]));
  expect(ran).not.toContain("99");
});
