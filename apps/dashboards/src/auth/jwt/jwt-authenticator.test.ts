import { createHmac, generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { temporaryFolder } from "@narthex/runtime/testing";
import { exportJWK, SignJWT, UnsecuredJWT } from "jose";
import { expect, test } from "vitest";
import { type RunningRole, withRole } from "../../testing/running-role.ts";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PEM = publicKey.export({ format: "pem", type: "spki" });

const CLAIMS = { sub: "7", user: "ann", mail: "ann@x", name: "Ann", groups: ["ops"], iss: "company" };

const signed = (claims: object = CLAIMS, { key = privateKey, expires = "5m" } = {}): Promise<string> =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg: "RS256", kid: "one" })
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(key);

type Env = Readonly<Record<string, string>>;

/** Returns settings that name a key file. */
function envWith(more: Env = {}): Env {
  const file = join(temporaryFolder(), "key.pem");
  writeFileSync(file, String(PEM));
  const settings = {
    ENABLED: "true",
    HEADER_NAME: "X-JWT-Assertion",
    USERNAME_CLAIM: "user",
    EMAIL_CLAIM: "mail",
    KEY_FILE: file,
    AUTO_SIGN_UP: "true",
    ...more,
  };
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [`GF_AUTH_JWT_${key}`, value]));
}

const withToken = (role: RunningRole, token: string, header = "x-jwt-assertion") =>
  role.call("GET", "/api/user", undefined, { user: "", headers: { [header]: token } });

test("a JWT signs its account in, with the role and the teams that its claims give", async () => {
  const env = envWith({
    ROLE_ATTRIBUTE_PATH: "contains(groups[*], 'ops') && 'Editor' || 'Viewer'",
    GROUPS_ATTRIBUTE_PATH: "groups",
    EXPECT_CLAIMS: '{"iss": "company"}',
  });
  await withRole({ env }, async (role) => {
    const { teamId } = (await role.call("POST", "/api/teams", { name: "Operations" })).json;
    await role.call("POST", `/api/teams/${teamId}/groups`, { groupId: "ops" });
    expect((await withToken(role, await signed())).json).toMatchObject({ id: 2, login: "ann", authLabels: ["JWT"] });
    expect((await role.call("GET", "/api/users/2/orgs")).json).toMatchObject([{ role: "Editor" }]);
    expect((await role.call("GET", "/api/users/2/teams")).json).toMatchObject([{ name: "Operations" }]);
    expect((await withToken(role, await signed({ ...CLAIMS, groups: [] }))).status).toBe(200);
    expect((await role.call("GET", "/api/users/2/orgs")).json).toMatchObject([{ role: "Viewer" }]);
    expect((await role.call("GET", "/api/users/2/teams")).json).toEqual([]);
    expect((await withToken(role, await signed({ ...CLAIMS, iss: "another" }))).json.messageId).toBe("jwt.invalid");
  });
});

test("tokens with another key, algorithm or time are refused", async () => {
  await withRole({ env: envWith() }, async (role) => {
    const [head = "", body = ""] = (await signed()).split(".");
    // Creates a token whose symmetric signature uses the public key as the secret, as attackers do (algorithm
    // confusion).
    const symmetric = `${Buffer.from('{"alg":"HS256","kid":"one"}').toString("base64url")}.${body}`;
    const mac = createHmac("sha256", String(PEM)).update(symmetric).digest("base64url");
    const forged = [
      await signed(CLAIMS, { key: other.privateKey }),
      await signed(CLAIMS, { expires: "-5m" }),
      `${symmetric}.${mac}`,
      new UnsecuredJWT(CLAIMS).encode(),
      `${head}.${body}.`,
    ];
    const ids = await Promise.all(forged.map(async (token) => (await withToken(role, token)).json.messageId));
    expect(ids).toEqual(forged.map(() => "jwt.invalid"));
    expect((await role.call("GET", "/api/users/search")).json.totalCount).toBe(1);
  });
});

test("other tokens in the header of JWTs are left to other ways to sign in", async () => {
  await withRole({ env: envWith({ HEADER_NAME: "Authorization" }) }, async (role) => {
    const { id } = (await role.call("POST", "/api/serviceaccounts", { name: "ci", role: "Viewer" })).json;
    const { key } = (await role.call("POST", `/api/serviceaccounts/${id}/tokens`, { name: "one" })).json;
    const own = await withToken(role, `Bearer ${key}`, "authorization");
    expect([own.status, own.json.login]).toEqual([200, "sa-1-ci"]);
    expect((await withToken(role, `Bearer ${await signed()}`, "authorization")).json.login).toBe("ann");
    expect((await withToken(role, "Bearer eyJ.eyJ.x", "authorization")).json.messageId).toBe("api-key.invalid");
  });
});

test("a token in the address is accepted only if the settings allow it", async () => {
  for (const [isAllowed, status] of [
    ["true", 200],
    ["false", 401],
  ] as const) {
    await withRole({ env: envWith({ URL_LOGIN: isAllowed }) }, async (role) => {
      const answer = await role.call("GET", `/api/user?auth_token=${await signed()}`, undefined, { user: "" });
      expect(answer.status).toBe(status);
    });
  }
});

test("an unknown account is refused without auto_sign_up, and keys of a file with a set are accepted", async () => {
  const file = join(temporaryFolder(), "keys.json");
  writeFileSync(file, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "one", alg: "RS256" }] }));
  await withRole({ env: envWith({ AUTO_SIGN_UP: "false", KEY_FILE: "", JWK_SET_FILE: file }) }, async (role) => {
    expect((await withToken(role, await signed())).json.messageId).toBe("jwt.sign-up-off");
    // A JWT with the login of an existing user signs in as this user, as in Grafana.
    expect((await withToken(role, await signed({ ...CLAIMS, user: "admin" }))).json).toMatchObject({ id: 1 });
  });
});

test("a page of another site cannot use the header that a proxy adds", async () => {
  await withRole({ env: envWith({ ROLE_ATTRIBUTE_PATH: "'Admin'" }) }, async (role) => {
    const headers = { "x-jwt-assertion": await signed(), origin: "https://evil.test" };
    const answer = await role.call("POST", "/api/teams", { name: "x" }, { user: "", headers });
    expect([answer.status, answer.json.message]).toEqual([403, "origin not allowed"]);
  });
});

test.each<[Env, string]>([
  [{ KEY_FILE: "" }, "set exactly one of them"],
  [{ JWK_SET_URL: "https://x/keys" }, "set exactly one of them"],
  [{ KEY_FILE: "/nowhere" }, "auth.jwt.key_file: /nowhere has no public key"],
  [{ KEY_FILE: "", JWK_SET_FILE: "/nowhere" }, "auth.jwt.jwk_set_file: /nowhere is not"],
  [{ KEY_FILE: "", JWK_SET_URL: "keys" }, "auth.jwt.jwk_set_url"],
  [{ HEADER_NAME: "" }, "auth.jwt.header_name: set it"],
  [{ EXPECT_CLAIMS: "[]" }, "auth.jwt.expect_claims: write a JSON object"],
  [{ ROLE_ATTRIBUTE_PATH: "a[" }, "auth.jwt.role_attribute_path"],
])("the server does not start with the settings %j of JWTs", async (more, problem) => {
  await expect(withRole({ env: envWith(more) }, async () => undefined)).rejects.toThrow(problem);
});
