import { createServer, type Server } from "node:http";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaultHttpClient } from "@narthex/config";
import { createHttpClient } from "@narthex/http";
import { systemClock } from "@narthex/runtime";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { flags } from "../flags.ts";
import { PinnedRules } from "./pinned-rules.ts";
import { type PinnedUrl, pinnedUrl, sha256Of } from "./pinned-url.ts";

const RULES = "groups: [{name: g, rules: [{record: r, expr: up}]}]\n";
const checksum = sha256Of(Buffer.from(RULES));

/** Serves what `content` returns, and returns the address. */
async function served(
  content: (url: string) => { readonly status?: number; readonly body: string; readonly location?: string },
): Promise<string> {
  const server: Server = createServer((request, response) => {
    const { status = 200, body, location } = content(request.url!);
    response.writeHead(status, location === undefined ? {} : { location }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/rules.yml`;
}

async function pinnedRules(folder = temporaryFolder()) {
  const client = await createHttpClient({ ...defaultHttpClient, followRedirects: false });
  onTestFinished(() => client.close());
  return new PinnedRules({ folder, client, clock: systemClock, userAgent: "x" });
}

const pin = (url: string, sha256 = checksum): PinnedUrl => ({ url, name: url, sha256 });

test("the flag needs an address and a checksum, and its problem has no password", () => {
  expect(pinnedUrl(`https://u:secret@h/a.yml#sha256=${checksum.toUpperCase()}`)).toEqual({
    url: "https://u:secret@h/a.yml",
    name: expect.not.stringContaining("secret") as string,
    sha256: checksum,
  });
  for (const text of ["https://u:secret@h/a.yml", "https://u:secret@h/a#sha256=12", "/etc/rules.yml", "file:///a"]) {
    expect(pinnedUrl(text)).toMatch(/write http:\/\/HOST\/PATH#sha256=CHECKSUM/);
    expect(pinnedUrl(text)).not.toContain("secret");
  }
});

test("the query of an address is a secret, and the names of files that differ in the query differ", () => {
  const [one, other] = [checksum, "0".repeat(64)].map((sum) => pinnedUrl(`https://h/a.yml?token=secret#sha256=${sum}`));
  expect(one).toMatchObject({
    url: "https://h/a.yml?token=secret",
    name: `https://h/a.yml?<secret>#${checksum.slice(0, 8)}`,
  });
  expect(other).toMatchObject({ name: "https://h/a.yml?<secret>#00000000" });
  expect(pinnedUrl("https://h/a.yml?token=secret")).not.toContain("token");
});

test("the list of flags shows neither password nor query of an address", () => {
  const values = [`https://u:secret@h/a.yml?token=secret#sha256=${checksum}`, `https://h/b.yml#sha256=${checksum}`];
  const printed = flags["rules.url"].print(values);
  expect(printed).not.toContain("secret@");
  expect(printed).not.toContain("token");
  expect(printed).toContain(`https://h/b.yml#sha256=${checksum}`);
});

test("a file with the checksum is kept for restarts; another content is refused, and the kept file stays", async () => {
  const folder = temporaryFolder();
  let body = RULES;
  let status = 200;
  const url = await served(() => ({ body, status }));
  const rules = await pinnedRules(folder);
  expect(await rules.kept(pin(url))).toBeUndefined();
  expect(await rules.fetch(pin(url))).toBe(RULES);
  body = RULES.replace("up", "down");
  await expect(rules.fetch(pin(url))).rejects.toThrow(/the checksum is [0-9a-f]{64} instead of/);
  status = 500;
  await expect(rules.fetch(pin(url))).rejects.toThrow("the answer has the status 500");
  body = "x".repeat(1024 * 1024 + 1);
  await expect(rules.fetch(pin(url))).rejects.toThrow("the file has more than 1048576 bytes");
  const again = await pinnedRules(folder);
  expect(await again.kept(pin(url))).toBe(RULES);
  expect(readdirSync(folder)).toEqual([`${checksum}.yml`]);
});

test("a damaged copy is not used", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, `${checksum}.yml`), "groups: []\n");
  expect(await (await pinnedRules(folder)).kept(pin("http://h/"))).toBeUndefined();
});

test("the page of flags shows no password of an address", () => {
  expect(flags["rules.url"].print(["https://u:secret@h/a.yml#sha256=12"])).not.toContain("secret");
});

test("redirects are followed on the same host only, and not for ever", async () => {
  const asked: string[] = [];
  const inside = await served(() => {
    asked.push("inside");
    return { body: RULES };
  });
  const url = await served((path) => {
    if (path === "/rules.yml") return { status: 302, body: "", location: "/moved.yml" };
    if (path === "/moved.yml") return { body: RULES };
    return { status: 307, body: "", location: path === "/away" ? `${inside}?token=secret` : path };
  });
  const rules = await pinnedRules();
  expect(await rules.fetch(pin(url))).toBe(RULES);
  const refused = await rules.fetch(pin(url.replace("rules.yml", "away"))).catch((error: Error) => error.message);
  expect(refused).toBe(`the address redirects to ${inside}?<secret>; write this address into the flag if you trust it`);
  await expect(rules.fetch(pin(url.replace("rules.yml", "loop")))).rejects.toThrow("more than 5 redirects");
  expect(asked).toEqual([]);
});
