import { expect, test } from "vitest";
import { withRole, writeBelow } from "../testing/running-role.ts";

const withToken = (key: string) => ({ user: "", headers: { authorization: `Bearer ${key}` } });
const TEXT = "a-token-of-forty-characters-for-scripts-";

test("a service account's token has the account's rights until the token, or the account, is removed or disabled", async () => {
  await withRole({}, async ({ call }) => {
    const made = await call("POST", "/api/serviceaccounts", { name: "Terraform CI", role: "Editor" });
    expect([made.status, made.json]).toMatchObject([
      201,
      { id: 2, login: "sa-1-terraform-ci", role: "Editor", tokens: 0 },
    ]);
    const { json } = await call("POST", "/api/serviceaccounts/2/tokens", { name: "one" });
    expect(json.key).toMatch(/^glsa_[0-9A-Za-z]{32}_[0-9a-f]{8}$/);
    const token = withToken(json.key);
    expect((await call("POST", "/api/folders", { uid: "f", title: "F" }, token)).status).toBe(200);
    expect((await call("GET", "/api/folders/f")).json).toMatchObject({ createdBy: "sa-1-terraform-ci" });
    expect((await call("GET", "/api/user", undefined, token)).json).toMatchObject({ login: "sa-1-terraform-ci" });
    const asBasic = { user: `api_key:${json.key}` };
    expect((await call("GET", "/api/folders/f", undefined, asBasic)).status).toBe(200);
    for (const path of ["/api/users", "/api/admin/settings"])
      expect((await call("GET", path, undefined, token)).status).toBe(403);
    expect((await call("GET", "/api/serviceaccounts/2/tokens")).json).toMatchObject([
      { id: 1, name: "one", hasExpired: false, lastUsedAt: expect.any(String), expiration: null },
    ]);
    const other = (await call("POST", "/api/serviceaccounts/2/tokens", { name: "two" })).json.key;
    expect((await call("DELETE", "/api/serviceaccounts/2/tokens/1")).json).toEqual({ message: "API key deleted" });
    const status = async (key: string) => {
      const { status: code, json: body } = await call("GET", "/api/folders", undefined, withToken(key));
      return [code, body.messageId];
    };
    expect(await status(json.key)).toEqual([401, "api-key.invalid"]);
    expect(await status(other)).toEqual([200, undefined]);
    await call("PATCH", "/api/serviceaccounts/2", { isDisabled: true });
    expect(await status(other)).toEqual([401, "api-key.invalid"]);
    await call("PATCH", "/api/serviceaccounts/2", { isDisabled: false });
    expect(await status(other)).toEqual([200, undefined]);
    await call("DELETE", "/api/serviceaccounts/2");
    expect(await status(other)).toEqual([401, "api-key.invalid"]);
  });
});

test("service accounts are listed apart from users, cannot sign in with a password, and have names of their own", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/serviceaccounts", { name: "b" });
    await call("POST", "/api/serviceaccounts", { name: "a", isDisabled: true });
    const taken = await call("POST", "/api/serviceaccounts", { name: "A" });
    expect([taken.status, taken.json.messageId]).toEqual([400, "serviceaccounts.ErrAlreadyExists"]);
    expect((await call("POST", "/api/serviceaccounts", { name: " - " })).status).toBe(400);
    const found = async (query: string) =>
      (await call("GET", `/api/serviceaccounts/search?${query}`)).json.serviceAccounts.map(
        ({ name }: { name: string }) => name,
      );
    expect([await found(""), await found("disabled=true"), await found("query=b")]).toEqual([["a", "b"], ["a"], ["b"]]);
    expect((await call("GET", "/api/users")).json).toHaveLength(1);
    expect((await call("GET", "/api/users/2")).status).toBe(404);
    expect((await call("GET", "/api/admin/stats")).json.users).toBe(1);
    expect((await call("GET", "/api/user", undefined, { user: "sa-1-b:" })).status).toBe(401);
    expect((await call("GET", "/api/serviceaccounts/1")).status).toBe(404);
    expect((await call("PATCH", "/api/serviceaccounts/2", { name: "a" })).status).toBe(400);
  });
});

test("a user cannot take the login of a service account, neither an existing nor a future one", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/serviceaccounts", { name: "ci" });
    for (const login of ["sa-1-ci", "SA-1-later"]) {
      expect((await call("PUT", "/api/user", { login })).status).toBe(400);
      expect((await call("POST", "/api/admin/users", { login, password: "secret" })).status).toBe(400);
    }
  });
});

test("lifetimes that are negative or too long are refused", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/serviceaccounts", { name: "a" });
    for (const secondsToLive of [-1, 1e12])
      expect((await call("POST", "/api/serviceaccounts/2/tokens", { name: "x", secondsToLive })).status).toBe(400);
  });
});

test("a provisioning file makes service accounts with tokens from files, and its reload replaces a token", async () => {
  const accounts = `apiVersion: 1
serviceAccounts:
  - name: scripts
    role: Editor
    tokens:
      - {name: ci, token: "$__file{FOLDER/token}"}
`;
  const files = { "provisioning/service-accounts/a.yaml": accounts, token: `${TEXT}\n` };
  await withRole({ files }, async ({ call, folder }) => {
    expect((await call("GET", "/api/user", undefined, withToken(TEXT))).json).toMatchObject({ login: "sa-1-scripts" });
    writeBelow(folder, "token", TEXT.toUpperCase());
    const reload = () => call("POST", "/api/admin/provisioning/service-accounts/reload");
    expect((await reload()).json).toEqual({ message: "Service accounts config reloaded" });
    expect((await call("GET", "/api/user", undefined, withToken(TEXT))).status).toBe(401);
    expect((await call("GET", "/api/user", undefined, withToken(TEXT.toUpperCase()))).status).toBe(200);
    writeBelow(folder, "token", "short");
    const refused = await reload();
    expect([refused.status, refused.json.message]).toEqual([500, expect.stringMatching(/a\.yaml:6.*less than 32/)]);
    expect(refused.text).not.toContain(TEXT.toUpperCase());
  });
});

test("provisioning files may have spaces around names; two accounts of the files cannot have the same token", async () => {
  const account = (name: string) => `  - {name: "${name}", tokens: [{name: " ci ", token: ${TEXT}}]}\n`;
  const file = "provisioning/service-accounts/a.yaml";
  const accounts = `apiVersion: 1\nserviceAccounts:\n${account(" weak ")}`;
  await withRole({ files: { [file]: accounts } }, async ({ call, folder }) => {
    const reload = () => call("POST", "/api/admin/provisioning/service-accounts/reload");
    expect((await reload()).json).toEqual({ message: "Service accounts config reloaded" });
    writeBelow(folder, file, accounts + account("strong"));
    const refused = await reload();
    expect([refused.status, refused.json.message]).toEqual([
      500,
      expect.stringMatching(/a\.yaml:4.*"strong": the token "ci" has the same text as another token/),
    ]);
    expect(refused.text).not.toContain(TEXT);
    expect((await call("GET", "/api/user", undefined, withToken(TEXT))).json).toMatchObject({ login: "sa-1-weak" });
  });
});
