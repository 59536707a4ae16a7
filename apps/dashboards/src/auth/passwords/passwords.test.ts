import { scryptSync } from "node:crypto";
import { expect, test } from "vitest";
import { grafanaPassword } from "../../testing/grafana-file.ts";
import { hashPassword, isPassword, KnownPasswords, newPassword, passwordProblem } from "./passwords.ts";

const SHORT = "Password is missing or too short";
const LONG = "Password is too long";
const POLICY =
  "New password doesn't comply with the password policy: 12 characters, with capitals, small letters, digits and signs";

test.each([
  ["", false, SHORT],
  ["abc", false, SHORT],
  ["abcd", false, undefined],
  ["x".repeat(1024), false, undefined],
  ["x".repeat(1025), false, LONG],
  ["Abcdefgh1!", true, POLICY],
  ["Abcdefghi12!", true, undefined],
  ["abcdefghi12!", true, POLICY],
  ["ABCDEFGHI12!", true, POLICY],
  ["Abcdefghijk!", true, POLICY],
  ["Abcdefghi123", true, POLICY],
  ["Ab1!".repeat(257), true, LONG],
])("the password %j (strictly: %s) has the problem %j", (password, isStrict, problem) => {
  expect(passwordProblem(password, isStrict)).toBe(problem);
});

test("a hash has 32 bytes and a random salt of 16 bytes, and matches only its password", async () => {
  const password = "x".repeat(1024);
  const [one, other] = [await hashPassword(password), await hashPassword(password)];
  expect([one.hash.length, one.salt.length, one.salt === other.salt, one.hash === other.hash]).toEqual([
    64,
    32,
    false,
    false,
  ]);
  expect(await isPassword(password, one)).toBe(true);
  expect(await isPassword(`${password}x`, { ...one })).toBe(false);
  expect(await isPassword(password.slice(1), one)).toBe(false);
  expect(one.algorithm).toBe("argon2id");
  expect(await isPassword(password, { ...one, algorithm: "pbkdf2" })).toBe(false);
  expect(await isPassword(password, undefined)).toBe(false);
  expect([newPassword().length, newPassword() === newPassword()]).toEqual([20, false]);
});

test.each([
  [
    "scrypt",
    "00112233445566778899aabbccddeeff",
    scryptSync("right", Buffer.from("00112233445566778899aabbccddeeff", "hex"), 32, {
      N: 2 ** 14,
      r: 8,
      p: 1,
    }).toString("hex"),
  ],
  ["pbkdf2", "salt", grafanaPassword("right", "salt")],
] as const)(
  "a password that is stored with %s is accepted, whatever other algorithms are in use",
  async (algorithm, salt, hash) => {
    const all = new Set(["argon2id", "scrypt", "pbkdf2"] as const);
    expect(await isPassword("right", { algorithm, salt, hash }, all)).toBe(true);
    expect(await isPassword("wrong", { algorithm, salt, hash }, all)).toBe(false);
  },
);

test("a correct password is remembered for a minute, only for the same sender and hash, and at most 1,000 are remembered", async () => {
  const known = new KnownPasswords();
  const kept = { algorithm: "scrypt", salt: "s", hash: "h" } as const;
  const sent = { password: "p", kept, sender: "a" };
  expect(known.has(sent, 0)).toBe(false);
  known.add(sent, 1000);
  expect([known.has(sent, 60_999), known.has(sent, 61_000)]).toEqual([true, false]);
  const others = [
    { ...sent, password: "q" },
    { ...sent, sender: "b" },
    { ...sent, kept: { ...kept, hash: "i" } },
  ];
  expect(others.map((other) => known.has(other, 1000))).toEqual([false, false, false]);
  for (let i = 1; i < 1000; i++) known.add({ ...sent, sender: `s${i}` }, 1000);
  expect(known.has(sent, 1000)).toBe(true);
  known.add({ ...sent, sender: "one more" }, 1000);
  expect([known.has(sent, 1000), known.has({ ...sent, sender: "one more" }, 1000)]).toEqual([false, true]);
});
