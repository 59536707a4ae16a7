import { ManualClock, memoryLogger, settle } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import type { SentCredentials } from "./credentials-of.ts";
import type { IdentityAnswer } from "./identity-client.ts";
import { KeptIdentities } from "./kept-identities.ts";

const ANN: IdentityAnswer = { principal: { kind: "user", name: "ann" }, loginUrl: "http://a/login" };
const token = (secret: string): SentCredentials => ({ kind: "token", secret });

/**
 * Returns identities, and the requests that the dashboards role received. The test can replace the role's answer by a
 * failure.
 */
function kept() {
  const clock = new ManualClock();
  const logger = memoryLogger();
  const asked: (string | undefined)[] = [];
  const role = { answer: (): IdentityAnswer | Promise<IdentityAnswer> => ANN };
  const ask = async (credentials: SentCredentials | undefined): Promise<IdentityAnswer> => {
    asked.push(credentials?.secret);
    return role.answer();
  };
  const fail = (): never => {
    throw new Error("refused");
  };
  return { clock, logger, asked, role, fail, identities: new KeptIdentities(ask, { clock, logger }) };
}

test("an answer is used for five seconds, and then asked for again", async () => {
  const { identities, clock, asked } = kept();
  expect(await identities.of(token("a"))).toBe(ANN);
  await clock.advance(4999);
  await identities.of(token("a"));
  expect(asked).toEqual(["a"]);
  await clock.advance(1);
  await identities.of(token("a"));
  expect(asked).toEqual(["a", "a"]);
});

test("a session and a token with the same text are different senders", async () => {
  const { identities, asked } = kept();
  await identities.of(token("a"));
  await identities.of({ kind: "session", secret: "a" });
  await identities.of(undefined);
  expect(asked).toEqual(["a", "a", undefined]);
});

test("requests at the same time share one question", async () => {
  const { identities, asked, role } = kept();
  const { promise, resolve } = Promise.withResolvers<IdentityAnswer>();
  role.answer = () => promise;
  const both = Promise.all([identities.of(token("a")), identities.of(token("a"))]);
  resolve(ANN);
  expect(await both).toEqual([ANN, ANN]);
  expect(asked).toEqual(["a"]);
});

test("while the dashboards role is down, kept answers are used for a minute, and new senders are unknown", async () => {
  const { identities, clock, role, fail, logger } = kept();
  await identities.of(token("a"));
  role.answer = fail;
  await clock.advance(30_000);
  expect(await identities.of(token("a"))).toBe(ANN);
  expect(await identities.of(token("b"))).toBeUndefined();
  await clock.advance(30_000);
  expect(await identities.of(token("a"))).toBeUndefined();
  expect(logger.lines.map(({ message }) => message)).toEqual(["Asking the dashboards role who sends a request failed"]);
  role.answer = () => ANN;
  await clock.advance(1000);
  expect(await identities.of(token("a"))).toBe(ANN);
});

test("a role that is down gets one question a second for each sender", async () => {
  const { identities, clock, asked, role, fail } = kept();
  role.answer = fail;
  for (let i = 0; i < 10; i++) await identities.of(token("a"));
  expect(asked).toHaveLength(1);
  await clock.advance(1000);
  await identities.of(token("a"));
  expect(asked).toHaveLength(2);
});

test("a token that is revoked is refused at the next question", async () => {
  const { identities, clock, role } = kept();
  await identities.of(token("a"));
  role.answer = () => ({ principal: undefined, loginUrl: "" });
  await clock.advance(5000);
  expect((await identities.of(token("a")))?.principal).toBeUndefined();
});

test("invented tokens fill at most 10,000 entries, and 100 questions are asked at the same time", async () => {
  const { identities, asked, role } = kept();
  const { promise, resolve } = Promise.withResolvers<IdentityAnswer>();
  role.answer = () => promise;
  const all = Array.from({ length: 11_000 }, (_, i) => identities.of(token(String(i))));
  expect([asked.length, identities.size]).toEqual([100, 10_000]);
  resolve(ANN);
  expect((await Promise.all(all)).filter((answer) => answer !== undefined)).toHaveLength(100);
});

test("people pass while invented tokens occupy all questions and fill the memory", async () => {
  const { identities, clock, asked, role } = kept();
  await identities.of(token("ann"));
  const { promise, resolve } = Promise.withResolvers<IdentityAnswer>();
  role.answer = () => (asked.at(-1) === "ann" ? ANN : promise);
  const invented = Array.from({ length: 20_000 }, (_, i) => identities.of(token(String(i))));
  await clock.advance(5000);
  expect(await identities.of(token("ann"))).toBe(ANN);
  expect(asked.filter((secret) => secret === "ann")).toHaveLength(2);
  resolve({ principal: undefined, loginUrl: "" });
  await Promise.all(invented);
  expect(identities.size).toBeLessThanOrEqual(10_001);
});

test("after a failure, a person whose answer is kept does not wait for a role that hangs", async () => {
  const { identities, clock, role, fail } = kept();
  await identities.of(token("a"));
  await clock.advance(5000);
  role.answer = fail;
  expect(await identities.of(token("a"))).toBe(ANN);
  await clock.advance(1000);
  const { promise, resolve } = Promise.withResolvers<IdentityAnswer>();
  role.answer = () => promise;
  expect(await identities.of(token("a"))).toBe(ANN);
  resolve({ principal: undefined, loginUrl: "" });
  await settle();
  expect((await identities.of(token("a")))?.principal).toBeUndefined();
});
