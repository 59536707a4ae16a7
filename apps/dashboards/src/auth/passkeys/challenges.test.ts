import { randomBytes } from "node:crypto";
import { ManualClock } from "@narthex/runtime/testing";
import type { FastifyReply, FastifyRequest } from "fastify";
import { expect, test } from "vitest";
import { SecretBox } from "../../secrets/secret-box.ts";
import { loadSettings } from "../../settings/load-settings.ts";
import { publicAddress } from "../../web/public-address.ts";
import { SessionCookies } from "../sessions/cookies.ts";
import { Challenges } from "./challenges.ts";

const START = 1_800_000_000_000;
const clock = new ManualClock(START);
const { values: settings } = loadSettings({ env: {}, overrides: [], ini: undefined, readFile: () => "" });
const cookies = new SessionCookies(settings, publicAddress(settings));

/** Returns the challenges of a server instance that has these keys of stored secrets. */
const instance = (key: Buffer, ...earlier: readonly Buffer[]) =>
  new Challenges({ box: new SecretBox(key, ...earlier), clock, cookies });

/** Returns a fake reply, and a function that returns the last cookie set on it. */
function recordedReply() {
  const sent: string[] = [];
  const reply = {
    getHeader: () => undefined,
    removeHeader: () => reply,
    header: (_name: string, [text = ""]: readonly string[]) => (sent.push(text), reply),
  };
  return { reply: reply as unknown as FastifyReply, sent };
}

test("each instance with the key accepts the challenges of the others for five minutes, also after a rotation of the key", () => {
  const [key, next, other] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  const { reply, sent } = recordedReply();
  const challenge = instance(key).begin(reply, "sign-in");
  expect(sent[0]).toMatch(/; Max-Age=300; .*HttpOnly$/);
  const request = { headers: { cookie: sent[0]!.split(";", 1)[0] } } as FastifyRequest;
  const taken = (from: Challenges, purpose = "sign-in") => from.take(request, reply, purpose)?.text;
  expect(taken(instance(key))).toBe(challenge);
  expect(taken(instance(next, key))).toBe(challenge);
  expect(taken(instance(other))).toBeUndefined();
  expect(taken(instance(key), "another purpose")).toBeUndefined();
  for (const [at, found] of [
    [-1, undefined],
    [0, challenge],
    [299_999, challenge],
    [300_000, undefined],
  ] as const) {
    clock.setWall(START + at);
    expect(taken(instance(key))).toBe(found);
  }
  // Using a challenge removes it from the browser.
  expect(sent.at(-1)).toMatch(/^narthex_passkey=; Max-Age=0; /);
});
