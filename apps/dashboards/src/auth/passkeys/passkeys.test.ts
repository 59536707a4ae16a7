import { ManualClock } from "@narthex/runtime/testing";
import { openSqlite } from "@narthex/store";
import { expect, onTestFinished, test } from "vitest";
import { Passkeys } from "./passkeys.ts";

const START = 1_800_000_000_000;
const LIFETIME_MS = 300_000;
const MADE = { credentialId: "id", userId: 1, name: "Key", publicKey: "key", counter: 0, transports: [] };

/** Returns a function that opens the passkeys of another server instance. All instances share one store. */
function sharedStore() {
  const store = openSqlite(":memory:");
  onTestFinished(() => store.close());
  const clock = new ManualClock(START);
  return { store, clock, open: () => Passkeys.open(store, clock) };
}

test("of two instances that get the same challenge at the same time, one accepts it", async () => {
  const { store, open } = sharedStore();
  await (await open()).add(MADE);
  const both = [await open(), await open()] as const;
  const challenge = { text: "the challenge", until: START + LIFETIME_MS };
  const uses = await Promise.all(both.map((one) => one.use("id", 0, challenge)));
  expect(uses.toSorted()).toEqual(["accepted", "used-challenge"]);
  // The store contains only a digest of the challenge.
  expect(JSON.stringify(await store.collection("passkeys").entries())).not.toContain("the challenge");
});

test("of two instances that get the same counter at the same time, one accepts it", async () => {
  const { open } = sharedStore();
  await (await open()).add(MADE);
  const both = [await open(), await open()] as const;
  const uses = await Promise.all(
    both.map((one, i) => one.use("id", 7, { text: `challenge ${i}`, until: START + LIFETIME_MS })),
  );
  expect(uses.toSorted()).toEqual(["accepted", "counter-went-back"]);
});

test("of two instances that register the same passkey for two users, one succeeds", async () => {
  const { open } = sharedStore();
  const both = [await open(), await open()] as const;
  const added = await Promise.allSettled(both.map((one, i) => one.add({ ...MADE, userId: i + 1 })));
  expect(added.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
});

test("two instances together add 20 passkeys of a user at most", async () => {
  const { open } = sharedStore();
  const both = [await open(), await open()] as const;
  const added = await Promise.allSettled(
    Array.from({ length: 30 }, (_, i) => both[i % 2]!.add({ ...MADE, credentialId: `id${i}` })),
  );
  expect(added.filter(({ status }) => status === "fulfilled")).toHaveLength(20);
  expect((await open()).ofUser(1)).toHaveLength(20);
});

test("a passkey keeps 50 used challenges at most, and forgets the oldest when they are no longer valid", async () => {
  const { clock, open } = sharedStore();
  const passkeys = await open();
  await passkeys.add(MADE);
  const use = (i: number) => passkeys.use("id", 0, { text: `challenge ${i}`, until: clock.now() + LIFETIME_MS });
  for (let i = 0; i < 50; i++) expect(await use(i)).toBe("accepted");
  expect(await use(50)).toBe("too-often");
  await clock.advance(LIFETIME_MS);
  expect(await use(51)).toBe("accepted");
  expect(passkeys.get("id")?.used).toHaveLength(50);
});

test("a challenge is not accepted again after the clock was set back, although others were used meanwhile", async () => {
  const { clock, open } = sharedStore();
  const passkeys = await open();
  await passkeys.add(MADE);
  const use = (text: string, until: number) => passkeys.use("id", 0, { text, until });
  expect(await use("first", START + LIFETIME_MS)).toBe("accepted");
  await clock.advance(2 * LIFETIME_MS);
  expect(await use("later", clock.now() + LIFETIME_MS)).toBe("accepted");
  clock.setWall(START);
  expect(await use("first", START + LIFETIME_MS)).toBe("used-challenge");
});

test("sign-ins in the future, because the clock was set back, do not count", async () => {
  const { clock, open } = sharedStore();
  const passkeys = await open();
  await passkeys.add(MADE);
  const use = (i: number) => passkeys.use("id", 0, { text: `challenge ${i}`, until: clock.now() + LIFETIME_MS });
  for (let i = 0; i < 50; i++) expect(await use(i)).toBe("accepted");
  clock.setWall(START - 2 * LIFETIME_MS);
  expect(await use(50)).toBe("accepted");
});

test("the passkeys of a deleted user are gone, and those of others stay", async () => {
  const { open } = sharedStore();
  const passkeys = await open();
  await passkeys.add(MADE);
  await passkeys.add({ ...MADE, credentialId: "other", userId: 2 });
  expect(await passkeys.remove(2, "id")).toBe(false);
  await passkeys.removeOf(1);
  expect([passkeys.get("id"), passkeys.ofUser(2).length]).toEqual([undefined, 1]);
  expect(await passkeys.use("id", 0, { text: "challenge", until: START + LIFETIME_MS })).toBe("unknown");
});
