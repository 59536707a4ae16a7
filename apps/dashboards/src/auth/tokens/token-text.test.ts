import { expect, test } from "vitest";
import { grafanaPassword } from "../../testing/grafana-file.ts";
import { apiKeyParts, GrafanaDigests, grafanaTokenDigest, newToken, tokenDigest } from "./token-text.ts";

test("a token of Grafana's has the digest under which Grafana stores it", async () => {
  const digest = await grafanaTokenDigest("glsa_yscW25imSKJIuav8zF37RZmnbiDvB05G_fcaaf58a");
  expect(digest).toMatch(/^26cd2524985150529dc5f32109f5/);
  expect(digest).toHaveLength(100);
});

const API_KEY = { k: "v5nAwpMafFP6znaS4urhdWDLS5511M42", n: "asd", id: 1 };
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");

test("an API key of Grafana 8 has the digest under which Grafana stores it", async () => {
  const text = "eyJrIjoidjVuQXdwTWFmRlA2em5hUzR1cmhkV0RMUzU1MTFNNDIiLCJuIjoiYXNkIiwiaWQiOjF9";
  expect(encoded(API_KEY)).toBe(text);
  expect(apiKeyParts(text)).toEqual({ secret: API_KEY.k, name: API_KEY.n });
  expect(await grafanaTokenDigest(text)).toBe(grafanaPassword(API_KEY.k, API_KEY.n));
});

test.each([
  ["another organization", encoded({ ...API_KEY, id: 2 })],
  ["no name", encoded({ ...API_KEY, n: "" })],
  ["no secret", encoded({ ...API_KEY, k: "" })],
  ["a secret that is not a text", encoded({ ...API_KEY, k: 1 })],
  ["an incomplete JSON", encoded(API_KEY).slice(0, 40)],
  ["JSON that is not an object", encoded([API_KEY])],
  ["a length of more than 2,000 characters", encoded({ ...API_KEY, n: "n".repeat(2000) })],
])("no digest is computed for an API key with %s", async (_what, text) => {
  expect(apiKeyParts(text)).toBeUndefined();
  expect(await grafanaTokenDigest(text)).toBeUndefined();
});

test("no digest is computed for texts with a wrong checksum or another form", async () => {
  for (const text of ["glsa_yscW25imSKJIuav8zF37RZmnbiDvB05G_fcaaf58b", "glsa_x", ""])
    expect(await grafanaTokenDigest(text)).toBeUndefined();
});

test("new tokens have Grafana's form with the right checksum, and differ from each other", async () => {
  const tokens = Array.from({ length: 50 }, newToken);
  expect(new Set(tokens.map(tokenDigest)).size).toBe(50);
  for (const token of tokens) expect(await grafanaTokenDigest(token)).toBeDefined();
});

test("at most four of Grafana's digests are computed at the same time; a hundred texts wait, and further ones get none", async () => {
  const finish: (() => void)[] = [];
  const digests = new GrafanaDigests((text) => new Promise((resolve) => finish.push(() => resolve(text))));
  const asked = Array.from({ length: 105 }, (_, i) => digests.of(String(i)));
  expect(finish).toHaveLength(4);
  expect(await asked[104]).toBeUndefined();
  for (let i = 0; i < 104; i++) {
    finish[i]!();
    expect(await asked[i]).toBe(String(i));
    expect(finish.length).toBe(Math.min(i + 5, 104));
  }
});
