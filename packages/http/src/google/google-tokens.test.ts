import { generateKeyPairSync, verify } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { checkGoogleCredentials, googleTokens } from "./google-tokens.ts";

const folder = temporaryFolder();

test("a service account signs a request for a token with write access, once while the token is valid", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const credentialsFile = join(folder, "account.json");
  const account = {
    type: "service_account",
    client_email: "writer@project.iam.gserviceaccount.com",
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
  };
  writeFileSync(credentialsFile, JSON.stringify(account));
  const asked: URLSearchParams[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    asked.push(new URLSearchParams(await request.text()));
    return Response.json({ access_token: `token ${asked.length}`, expires_in: 3600, token_type: "Bearer" });
  };
  const token = googleTokens({ credentialsFile }, { fetch });
  expect([await token(), await token()]).toEqual(["token 1", "token 1"]);
  expect(asked).toHaveLength(1);
  const [head, claims, signature] = asked[0]!.get("assertion")!.split(".");
  const { iss, scope } = JSON.parse(Buffer.from(claims!, "base64url").toString()) as Record<string, string>;
  expect([iss, scope]).toEqual([account.client_email, "https://www.googleapis.com/auth/monitoring.write"]);
  const signed = Buffer.from(`${head}.${claims}`);
  expect(verify("sha256", signed, publicKey, Buffer.from(signature!, "base64url"))).toBe(true);
});

test("a missing file is reported", async () => {
  const token = googleTokens({ credentialsFile: join(folder, "none.json") });
  await expect(token()).rejects.toThrow(/^failed to get a token from Google: .*none\.json/);
});

test("a user's credentials are renewed with their refresh token; other types are refused by name", async () => {
  const credentialsFile = join(folder, "person.json");
  const write = (credentials: object): void => writeFileSync(credentialsFile, JSON.stringify(credentials));
  write({ type: "authorized_user", client_id: "id", client_secret: "secret", refresh_token: "again" });
  const asked: URLSearchParams[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    asked.push(new URLSearchParams(await new Request(input, init).text()));
    return Response.json({ access_token: "renewed", expires_in: 3600, token_type: "Bearer" });
  };
  expect(await googleTokens({ credentialsFile }, { fetch })()).toBe("renewed");
  expect([asked[0]!.get("grant_type"), asked[0]!.get("refresh_token")]).toEqual(["refresh_token", "again"]);
  write({ type: "other" });
  await expect(googleTokens({ credentialsFile })()).rejects.toThrow(
    /person\.json has credentials of an unknown type "other"$/,
  );
});

test("the error for a credentials file that is not JSON does not repeat its text", async () => {
  const path = join(folder, "key.json");
  writeFileSync(path, "canary-key");
  const opened = checkGoogleCredentials({ credentialsFile: path });
  await expect(opened).rejects.toThrow("Unexpected token 'c'");
  await expect(opened).rejects.not.toThrow("anary");
});

/** Returns the error of a token server that repeats the request in its refusal. */
async function refusalFor(credentials: object): Promise<string> {
  const credentialsFile = join(folder, "refused.json");
  writeFileSync(credentialsFile, JSON.stringify(credentials));
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const form = new URLSearchParams(await new Request(input, init).text());
    return new Response(`no: ${[...form.values()].join(" ")} ${"a".repeat(60_000)}`, { status: 400 });
  };
  return googleTokens({ credentialsFile }, { fetch })().then(String, String);
}

test("the error of a refused request does not repeat the secrets of its credentials, and is short", async () => {
  const user = { type: "authorized_user", client_id: "id", client_secret: "canary-secret", refresh_token: "canary/1" };
  const forUser = await refusalFor(user);
  expect(forUser).toContain("no: ");
  expect(forUser).toContain("<secret>");
  expect(forUser).not.toContain("canary");
  expect(forUser).toHaveLength("Error: failed to get a token from Google: ".length + 1001);
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const private_key = privateKey.export({ type: "pkcs8", format: "pem" });
  const forAccount = await refusalFor({ type: "service_account", client_email: "a@b", private_key });
  expect(forAccount).toContain("no: ");
  expect(forAccount).toContain("<secret>");
  expect(forAccount).not.toContain("eyJ");
});

test("the error for a private key that is none does not repeat it", async () => {
  const account = { type: "service_account", client_email: "a@b", private_key: "canary-private-key" };
  const error = await refusalFor(account);
  expect(error).toContain("failed to get a token from Google: ");
  expect(error).not.toContain("canary");
});
