import { hashSync } from "bcryptjs";
import { expect, onTestFinished, test } from "vitest";
import { BasicAuth } from "./basic-auth.ts";

const users = new Map([["ann", hashSync("secret", 4)]]);
const header = (password: string): string => `Basic ${Buffer.from(`ann:${password}`).toString("base64")}`;

test("a password is compared only if its request still waits for the answer", async () => {
  const auth = new BasicAuth();
  onTestFinished(() => auth.stop());
  const asked = [
    auth.userOf(header("wrong"), users),
    auth.userOf(header("secret"), users, () => false),
    auth.userOf(header("secret"), users, () => true),
  ];
  expect(await Promise.all(asked)).toEqual([undefined, undefined, "ann"]);
});

test("stop() refuses all waiting requests", async () => {
  const auth = new BasicAuth();
  const asked = ["wrong", "secret"].map((password) => auth.userOf(header(password), users));
  await auth.stop();
  expect(await Promise.all(asked)).toEqual([undefined, undefined]);
});
