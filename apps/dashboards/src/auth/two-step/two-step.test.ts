import { randomBytes } from "node:crypto";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openSqlite, StoreError } from "@narthex/store";
import { SharedMemory } from "@narthex/store/testing";
import { Secret, TOTP } from "otpauth";
import { expect, onTestFinished, test } from "vitest";
import { SecretBox } from "../../secrets/secret-box.ts";
import { stepOf } from "./totp.ts";
import { openTwoStepRemoval, TwoStep } from "./two-step.ts";

const START = 1_800_000_000_000;
const STEP_MS = 30_000;
const HOUR_MS = 3_600_000;
const KEY = randomBytes(32);
/** Function that ends a user's other sessions. These tests have no sessions. */
const noSessions = () => Promise.resolve();

/** Turns two-step codes on for user 1 in a store. Returns a function that opens more instances with the same store. */
async function withCodes() {
  const store = openSqlite(":memory:");
  onTestFinished(() => store.close());
  const clock = new ManualClock(START);
  const logger = memoryLogger();
  const open = (box = new SecretBox(KEY)) => TwoStep.open({ store, box, clock, logger });
  const twoStep = await open();
  const secret = await twoStep.begin(1);
  const codeAt = (ms: number): string => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: ms });
  const recoveryCodes = (await twoStep.confirm(1, codeAt(START), noSessions)) as readonly string[];
  expect(recoveryCodes).toHaveLength(10);
  const take = async (code: string, from = twoStep) => (await from.take(1, code)).kind;
  /** Returns a code that is wrong at the current time. */
  const wrong = (i = 0): string => {
    const text = String(i).padStart(6, "0");
    return stepOf(secret, text, clock.now()) === undefined ? text : wrong(i + 1000);
  };
  return { store, clock, logger, open, twoStep, secret, codeAt, recoveryCodes, take, wrong };
}

test("the codes are those of RFC 6238", () => {
  const secret = Secret.fromUTF8("12345678901234567890").base32;
  const vectors: readonly (readonly [seconds: number, code: string])[] = [
    [59, "287082"],
    [1_111_111_109, "081804"],
    [1_111_111_111, "050471"],
    [1_234_567_890, "005924"],
    [2_000_000_000, "279037"],
    [20_000_000_000, "353130"],
  ];
  for (const [seconds, code] of vectors) expect(stepOf(secret, code, seconds * 1000)).toBe(Math.floor(seconds / 30));
});

test("a code is accepted one step before and one step after its own, once, and no earlier code after it", async () => {
  const { clock, codeAt, take } = await withCodes();
  // The code that confirmed the setup cannot be used again.
  expect(await take(codeAt(START))).toBe("wrong");
  expect(await take(codeAt(START + 2 * STEP_MS))).toBe("wrong");
  await clock.advance(3 * STEP_MS);
  expect(await take(codeAt(START + STEP_MS))).toBe("wrong");
  expect(await take(codeAt(START + 2 * STEP_MS))).toBe("accepted");
  expect(await take(codeAt(START + 2 * STEP_MS))).toBe("wrong");
  expect(await take(` ${codeAt(START + 4 * STEP_MS).replace(/^.../, "$& ")} `)).toBe("accepted");
  // The current code is refused, because a code of a later time step was already used.
  expect(await take(codeAt(START + 3 * STEP_MS))).toBe("wrong");
  expect(await take(codeAt(START + 4 * STEP_MS))).toBe("wrong");
});

test("of two instances that get the same code at the same time, one accepts it", async () => {
  const { clock, open, codeAt, recoveryCodes, take } = await withCodes();
  await clock.advance(STEP_MS);
  for (const code of [codeAt(clock.now()), recoveryCodes[0]!]) {
    const both = [await open(), await open()];
    expect((await Promise.all(both.map((one) => take(code, one)))).toSorted()).toEqual(["accepted", "wrong"]);
  }
});

test("of many requests with the same code at the same time, one is accepted", async () => {
  const { clock, codeAt, take } = await withCodes();
  await clock.advance(STEP_MS);
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => take(codeAt(clock.now()))));
  expect(outcomes.filter((one) => one === "accepted")).toHaveLength(1);
});

test("a user can enter 20 wrong codes an hour on all instances together, and then only recovery codes", async () => {
  const { clock, open, codeAt, recoveryCodes, take, wrong } = await withCodes();
  await clock.advance(STEP_MS);
  const both = [await open(), await open()] as const;
  const outcomes = await Promise.all(Array.from({ length: 30 }, (_, i) => take(wrong(i), both[i % 2])));
  expect(outcomes.filter((one) => one === "wrong")).toHaveLength(20);
  expect(outcomes.filter((one) => one === "limited")).toHaveLength(10);
  const later = await open();
  expect(await later.take(1, codeAt(clock.now()))).toEqual({ kind: "limited", waitMs: HOUR_MS });
  expect(await take(recoveryCodes[3]!, later)).toBe("accepted");
  expect(await take(codeAt(clock.now()), later)).toBe("limited");
  await clock.advance(HOUR_MS - 1);
  expect(await take(codeAt(clock.now()), later)).toBe("limited");
  await clock.advance(1);
  expect(await take(codeAt(clock.now()), later)).toBe("accepted");
});

test("a correct code does not give someone who guesses further tries", async () => {
  const { clock, codeAt, take, wrong } = await withCodes();
  for (let i = 0; i < 19; i++) expect(await take(wrong(i))).toBe("wrong");
  await clock.advance(STEP_MS);
  expect(await take(codeAt(clock.now()))).toBe("accepted");
  expect(await take(wrong(19))).toBe("wrong");
  expect(await take(wrong(20))).toBe("limited");
});

test("each recovery code is accepted once, in any notation, until the user gets new ones", async () => {
  const { store, twoStep, recoveryCodes, take } = await withCodes();
  const [first, second] = recoveryCodes as [string, string];
  expect(first).toMatch(/^[a-z2-7]{5}(?:-[a-z2-7]{5}){3}$/);
  expect(await take(first)).toBe("accepted");
  expect(await take(first)).toBe("wrong");
  expect(await take(` ${second.replaceAll("-", " ").toUpperCase()} `)).toBe("accepted");
  expect(twoStep.recoveryCodesLeft(1)).toBe(8);
  const renewed = (await twoStep.renewRecoveryCodes(1))!;
  expect(await take(recoveryCodes[2]!)).toBe("wrong");
  expect(await take(renewed[2]!)).toBe("accepted");
  const stored = JSON.stringify(await store.collection("two_step").entries());
  for (const code of [...recoveryCodes, ...renewed]) expect(stored).not.toContain(code.replaceAll("-", ""));
  for (const code of [...recoveryCodes, ...renewed]) expect(stored).not.toContain(code);
});

test("wrong recovery codes do not stop the codes of the app", async () => {
  const { clock, codeAt, take } = await withCodes();
  for (let i = 0; i < 30; i++) expect(await take(`aaaaa-bbbbb-ccccc-${i}`)).toBe("wrong");
  await clock.advance(STEP_MS);
  expect(await take(codeAt(clock.now()))).toBe("accepted");
});

test("the store has no secret, also during the setup", async () => {
  const { store, twoStep, secret } = await withCodes();
  const other = await twoStep.begin(2);
  const all = [await store.collection("two_step").entries(), await store.collection("two_step_setups").entries()];
  for (const text of [secret, other]) {
    expect(JSON.stringify(all)).not.toContain(text);
    expect(JSON.stringify(all)).not.toContain(Buffer.from(text).toString("base64"));
  }
});

test("a setup has ten minutes, a later one replaces it, and it does not replace codes in force", async () => {
  const { clock, codeAt, twoStep, store } = await withCodes();
  const generate = (secret: string) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: clock.now() });
  const first = await twoStep.begin(2);
  const second = await twoStep.begin(2);
  expect([twoStep.isInForce(2), await twoStep.confirm(2, generate(first), noSessions)]).toEqual([false, "wrong"]);
  await clock.advance(600_000 - 1);
  expect(await twoStep.confirm(3, generate(second), noSessions)).toBe("no-setup");
  await clock.advance(1);
  expect(await twoStep.confirm(2, generate(second), noSessions)).toBe("no-setup");
  // Begins another setup, which removes the expired setups of all users.
  const third = await twoStep.begin(1);
  expect((await store.collection("two_step_setups").entries()).map(({ key }) => key)).toEqual(["1"]);
  expect(await twoStep.confirm(1, generate(third), noSessions)).toBe("in-force");
  expect((await twoStep.take(1, codeAt(clock.now()))).kind).toBe("accepted");
});

test("codes are not in force if the sessions that began without a code cannot be ended", async () => {
  const { clock, twoStep } = await withCodes();
  const secret = await twoStep.begin(2);
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: clock.now() });
  const fails = () => Promise.reject(new StoreError("read-only"));
  await expect(twoStep.confirm(2, code, fails)).rejects.toThrow("read-only");
  expect(twoStep.isInForce(2)).toBe(false);
  expect(await twoStep.confirm(2, code, noSessions)).toHaveLength(10);
});

test("two instances that confirm the same setup at the same time give one list of recovery codes", async () => {
  const { clock, open, twoStep } = await withCodes();
  const secret = await twoStep.begin(2);
  const both = [await open(), await open()];
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: clock.now() });
  const results = await Promise.all(both.map((one) => one.confirm(2, code, noSessions)));
  expect(results.filter((one) => one === "in-force")).toHaveLength(1);
});

test("a secret is sealed again with a new key, and with a lost key only recovery codes are accepted", async () => {
  const { clock, logger, open, codeAt, recoveryCodes, take } = await withCodes();
  const next = randomBytes(32);
  await open(new SecretBox(next, KEY));
  await clock.advance(STEP_MS);
  expect(await take(codeAt(clock.now()), await open(new SecretBox(next)))).toBe("accepted");
  expect(logger.lines).toEqual([]);
  const lost = await open(new SecretBox(randomBytes(32)));
  expect(JSON.stringify(logger.lines)).toContain("cannot be read: only recovery codes are accepted");
  await clock.advance(STEP_MS);
  expect([lost.isInForce(1), await take(codeAt(clock.now()), lost)]).toEqual([true, "wrong"]);
  expect(await take(recoveryCodes[0]!, lost)).toBe("accepted");
});

test("the store has codes that another instance has turned on, before its notification arrives", async () => {
  const database = new SharedMemory();
  const store = database.open();
  const deaf = {
    ...store,
    collection: (name: string) => ({ ...store.collection(name), watch: () => () => undefined }),
  };
  const parts = { box: new SecretBox(KEY), clock: new ManualClock(START), logger: memoryLogger() };
  const twoStep = await TwoStep.open({ ...parts, store: deaf });
  const other = await TwoStep.open({ ...parts, store: database.open() });
  const secret = await other.begin(1);
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: START });
  expect(await other.confirm(1, code, noSessions)).toHaveLength(10);
  expect(twoStep.isInForce(1)).toBe(false);
  expect(await twoStep.isStored(1)).toBe(true);
  expect(twoStep.isInForce(1)).toBe(true);
});

test("a removal from the command line, which has no key, leaves the secrets of other users as they are", async () => {
  const { store, clock, codeAt, take } = await withCodes();
  const before = await store.collection("two_step").entries();
  const { removeOf } = await openTwoStepRemoval({ store, clock });
  await removeOf(2);
  expect(await store.collection("two_step").entries()).toEqual(before);
  await clock.advance(STEP_MS);
  expect(await take(codeAt(clock.now()))).toBe("accepted");
  await removeOf(1);
  expect(await take(codeAt(clock.now() + STEP_MS))).toBe("wrong");
  expect((await store.collection("two_step").entries()).filter(({ key }) => key === "1")).toEqual([]);
});

test("the codes of a deleted user are gone", async () => {
  const { clock, codeAt, twoStep, take } = await withCodes();
  await twoStep.begin(1);
  await twoStep.removeOf(1);
  await clock.advance(STEP_MS);
  expect([twoStep.isInForce(1), await take(codeAt(clock.now()))]).toEqual([false, "wrong"]);
  expect(await twoStep.confirm(1, codeAt(clock.now()), noSessions)).toBe("no-setup");
});
