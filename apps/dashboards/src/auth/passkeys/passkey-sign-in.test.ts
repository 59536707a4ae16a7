import { randomBytes } from "node:crypto";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openSqlite } from "@narthex/store";
import type { FastifyReply, FastifyRequest } from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { SecretBox } from "../../secrets/secret-box.ts";
import { loadSettings } from "../../settings/load-settings.ts";
import { SoftwareAuthenticator } from "../../testing/software-authenticator.ts";
import { publicAddress } from "../../web/public-address.ts";
import { SessionCookies } from "../sessions/cookies.ts";
import { Credentials } from "../credentials/credentials.ts";
import { LoginLimits } from "../passwords/login-limits.ts";
import { Sessions } from "../sessions/sessions.ts";
import { Users } from "../users/users.ts";
import { Challenges } from "./challenges.ts";
import { beginSignIn, finishSignIn } from "./passkey-sign-in.ts";
import { Passkeys } from "./passkeys.ts";
import { checkRegistration, registrationOptions } from "./webauthn.ts";

const SITE = { rpId: "grafana.example", origin: "https://grafana.example" };

/** Adds Ann, who has a passkey. Returns a function that signs Ann in; `during` runs before the challenge is used. */
async function withAnn() {
  const store = openSqlite(":memory:");
  onTestFinished(() => store.close());
  const clock = new ManualClock(1_800_000_000_000);
  const logger = memoryLogger();
  const { values: settings } = loadSettings({ env: {}, overrides: [], ini: undefined, readFile: () => "" });
  const credentials = await Credentials.open(store);
  const users = await Users.open(store, credentials);
  const times = { createdAt: 0, updatedAt: 0 };
  const names = { login: "ann", email: "a@x", name: "" };
  const draft = { ...names, role: "Viewer", isServerAdmin: false, isDisabled: false, ...times } as const;
  await users.add({ ...draft, login: "root", email: "r@x", role: "Admin", isServerAdmin: true });
  const ann = await users.add(draft, { kind: "password", hash: { algorithm: "argon2id", salt: "", hash: "" } });
  const passkeys = await Passkeys.open(store, clock);
  const cookies = new SessionCookies(settings, publicAddress(settings));
  const parts = {
    users,
    credentials,
    sessions: await Sessions.open(store, clock, settings),
    passkeys,
    challenges: new Challenges({ box: new SecretBox(randomBytes(32)), clock, cookies }),
    limits: await LoginLimits.open(store, 5, clock.now()),
    clock,
    logger,
    beforeLogin: () => Promise.resolve(),
  };
  const device = new SoftwareAuthenticator(SITE.origin);
  const challenge = randomBytes(32).toString("base64url");
  const answer = device.create(await registrationOptions(SITE, challenge, ann, []));
  await passkeys.add({ ...(await checkRegistration(SITE, challenge, answer)), userId: ann.id, name: "Key" });
  const use = passkeys.use.bind(passkeys);
  const signIn = async (during: () => Promise<unknown> = () => Promise.resolve()) => {
    const { reply, cookie } = recordedReply();
    const body = device.get(await beginSignIn(parts, SITE, reply));
    const request = { ip: "10.0.0.1", clientAddress: "10.0.0.1", headers: { cookie: cookie() } };
    passkeys.use = async (...given) => (await during(), use(...given));
    return finishSignIn(parts, SITE, { body, request: request as FastifyRequest, reply });
  };
  return { ...parts, ann, signIn };
}

/** Returns a fake reply that remembers its cookie. */
function recordedReply() {
  let cookie = "";
  const reply = {
    getHeader: () => undefined,
    removeHeader: () => reply,
    header(_name: string, [text = ""]: readonly string[]) {
      cookie = text.split(";", 1)[0]!;
      return reply;
    },
  };
  return { reply: reply as unknown as FastifyReply, cookie: () => cookie };
}

test("a user who is disabled or deleted while the signature is checked is refused", async () => {
  const { ann, users, logger, signIn } = await withAnn();
  expect((await signIn()).login).toBe("ann");
  const disable = () => users.change(ann.id, () => ({ isDisabled: true }));
  await expect(signIn(disable)).rejects.toThrow("The passkey was not accepted");
  await users.change(ann.id, () => ({ isDisabled: false }));
  await expect(signIn(() => users.remove(ann.id))).rejects.toThrow("The passkey was not accepted");
  expect(logger.lines.map((line) => JSON.stringify(line).match(/the user is disabled/)?.[0])).toEqual([
    "the user is disabled",
    "the user is disabled",
  ]);
});

test("a user who no longer has a password here is refused, because another system decides about the sign-in", async () => {
  const { ann, credentials, logger, signIn } = await withAnn();
  await credentials.removeOf(ann.id);
  await expect(signIn()).rejects.toThrow("The passkey was not accepted");
  expect(JSON.stringify(logger.lines)).toContain("the user has no password here any more");
});

test("a passkey that is deleted while the signature is checked is refused", async () => {
  const { ann, passkeys, logger, signIn } = await withAnn();
  await expect(signIn(() => passkeys.removeOf(ann.id))).rejects.toThrow("The passkey was not accepted");
  expect(JSON.stringify(logger.lines)).toContain("the passkey was deleted");
});

test("what an admin has asked for at the command line is applied before the passkey is looked up", async () => {
  const parts = await withAnn();
  const { ann, passkeys } = parts;
  const beforeLogin = () => passkeys.removeOf(ann.id);
  const { reply, cookie } = recordedReply();
  await beginSignIn(parts, SITE, reply);
  const [first] = passkeys.ofUser(ann.id);
  const request = { ip: "10.0.0.1", clientAddress: "10.0.0.1", headers: { cookie: cookie() } } as FastifyRequest;
  const given = { body: { id: first!.credentialId }, request, reply };
  await expect(finishSignIn({ ...parts, beforeLogin }, SITE, given)).rejects.toThrow("The passkey was not accepted");
  expect(JSON.stringify(parts.logger.lines)).toContain("the passkey is unknown");
});
