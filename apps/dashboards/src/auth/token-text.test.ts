import { expect, test } from "vitest";
import { GrafanaDigests, grafanaTokenDigest, newToken, tokenDigest } from "./token-text.ts";

test("a token of Grafana's has the digest under which Grafana stores it", async () => {
  const digest = await grafanaTokenDigest("glsa_yscW25imSKJIuav8zF37RZmnbiDvB05G_fcaaf58a");
  expect(digest).toMatch(/^26cd2524985150529dc5f32109f5/);
  expect(digest).toHaveLength(100);
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
