import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { memoryLogger, temporaryFolder, testHost } from "@narthex/runtime/testing";
import { SharedMemory } from "@narthex/store/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadSettings } from "../settings/load-settings.ts";
import { main } from "../main.ts";
import { type RunningRole, withRole } from "../testing/running-role.ts";
import { openSecretKeys, rotateSecretKey } from "./secret-keys.ts";

/**
 * A server that responds with the credentials that it receives. The data source `a` sends its requests to this server.
 */
let server: Server;
let folder: string;

beforeEach(async () => {
  folder = temporaryFolder();
  server = createServer(({ headers }, response) => response.end(headers.authorization ?? "none"));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
});

const addSource = ({ call }: RunningRole) =>
  call("POST", "/api/datasources", {
    uid: "a",
    name: "A",
    type: "prometheus",
    access: "proxy",
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    basicAuth: true,
    basicAuthUser: "ann",
    secureJsonData: { basicAuthPassword: "hush" },
  });

const sent = async ({ call }: RunningRole): Promise<string> => {
  const { text } = await call("GET", "/api/datasources/proxy/uid/a/api/v1/query?query=up");
  return Buffer.from(text.replace("Basic ", ""), "base64").toString();
};

test("if a secret key is set later, existing secrets stay readable, and are encrypted again with the new key", async () => {
  await withRole({ folder }, async (role) => {
    await addSource(role);
    expect(await sent(role)).toBe("ann:hush");
  });
  const env = { GF_SECURITY_SECRET_KEY: "chosen" };
  await withRole({ folder, env }, async (role) => {
    expect(await sent(role)).toBe("ann:hush");
    expect(role.host.output.stderr).toMatch(/Stored secrets were encrypted again.*secrets=1/);
  });
  // Removes the file of the generated key, which is no longer needed.
  rmSync(join(folder, "data/secret.key"));
  await withRole({ folder, env }, async (role) => {
    expect(await sent(role)).toBe("ann:hush");
    expect(role.host.output.stderr).not.toContain("encrypted again");
  });
  const changed = { GF_SECURITY_SECRET_KEY: "another", GF_SECURITY_PREVIOUS_SECRET_KEYS: "oldest chosen" };
  await withRole({ folder, env: changed }, async (role) => expect(await sent(role)).toBe("ann:hush"));
  await withRole({ folder, env: { GF_SECURITY_SECRET_KEY: "another" } }, async (role) =>
    expect(await sent(role)).toBe("ann:hush"),
  );
  await withRole({ folder, env: { GF_SECURITY_SECRET_KEY: "unknown" } }, async (role) => {
    expect(await sent(role)).not.toContain("hush");
    expect(role.host.output.stderr).toMatch(/Stored secrets cannot be decrypted.*secrets="A basicAuthPassword"/);
  });
});

test("a command creates a new key, and at its next start the role seals all secrets with it", async () => {
  const file = join(folder, "data/secret.key");
  const run = async (env = {}): Promise<readonly [number, string]> => {
    const given = { GF_PATHS_DATA: join(folder, "data"), GF_PATHS_CONFIG: join(folder, "grafana.ini"), ...env };
    const host = testHost(["cli", "admin", "rotate-secret-key"], { env: given });
    return [await main(host), host.output.stdout + host.output.stderr];
  };
  await withRole({ folder }, async (role) => void (await addSource(role)));
  const first = readFileSync(file, "utf8");
  expect(await run()).toEqual([0, expect.stringMatching(/restart the dashboards/)]);
  expect(readFileSync(file, "utf8")).toMatch(new RegExp(`^[0-9a-f]{64}\n${first}$`));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await withRole({ folder }, async (role) => expect(await sent(role)).toBe("ann:hush"));
  expect(readFileSync(file, "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
  expect(readFileSync(file, "utf8")).not.toBe(first);
  await withRole({ folder }, async (role) => expect(await sent(role)).toBe("ann:hush"));
  expect(await run({ GF_SECURITY_SECRET_KEY: "chosen" })).toEqual([
    1,
    expect.stringMatching(/set another security\.secret_key, and the former in security\.previous_secret_keys/),
  ]);
});

test("instances that share a database use a new key immediately", async () => {
  const database = new SharedMemory();
  const { values: settings } = loadSettings({ env: {}, overrides: [], ini: undefined, readFile: () => "" });
  const instance = async () => {
    const context = { settings, logger: memoryLogger(), dataFolder: folder };
    const keys = await openSecretKeys(context, { store: database.open(), isShared: true });
    return { keys, context };
  };
  const [here, there] = [await instance(), await instance()];
  const sealed = here.keys.box.seal("hush", "a");
  await rotateSecretKey(here.context, { store: database.open(), isShared: true });
  const resealed = here.keys.box.seal("hush", "a");
  const later = await instance();
  for (const { box } of [here.keys, there.keys, later.keys]) {
    expect([box.open(sealed, "a"), box.open(resealed, "a")]).toEqual(["hush", "hush"]);
    expect([box.isCurrent(sealed, "a"), box.isCurrent(resealed, "a")]).toEqual([false, true]);
  }
  await later.keys.dropEarlier();
  expect((await instance()).keys.box.open(sealed, "a")).toBeUndefined();
});

test("a damaged key file prevents the start only if the key is needed", async () => {
  await withRole({ folder }, async () => undefined);
  writeFileSync(join(folder, "data/secret.key"), "nonsense");
  await expect(withRole({ folder }, async () => undefined)).rejects.toThrow(/secret\.key is not a key/);
  await withRole({ folder, env: { GF_SECURITY_SECRET_KEY: "chosen" } }, async (role) =>
    expect(role.host.output.stderr).toMatch(/level=WARN.*secret\.key is not a key/),
  );
});

test("a shared key that arrives twice is stored once, and a damaged key stops no instance", async () => {
  const database = new SharedMemory();
  const { values: settings } = loadSettings({ env: {}, overrides: [], ini: undefined, readFile: () => "" });
  const context = { settings, logger: memoryLogger(), dataFolder: folder };
  const { box } = await openSecretKeys(context, { store: database.open(), isShared: true });
  const sealed = box.seal("hush", "a");
  const others = database.open().collection("secret_keys");
  const known = (await others.get("stored secrets"))!;
  for (let i = 0; i < 3; i++) await others.put(known);
  expect(box.keyCount).toBe(1);
  await others.put({ ...known, value: "nonsense" });
  expect(box.open(sealed, "a")).toBe("hush");
  expect(JSON.stringify(context.logger.lines)).toContain("key of stored secrets is damaged");
});

test("an empty key file, which a full disk can leave behind, is replaced", async () => {
  const { values: settings } = loadSettings({ env: {}, overrides: [], ini: undefined, readFile: () => "" });
  const context = { settings, logger: memoryLogger(), dataFolder: folder };
  const stores = { store: new SharedMemory().open(), isShared: false };
  writeFileSync(join(folder, "secret.key"), "");
  const { box } = await openSecretKeys(context, stores);
  expect(readFileSync(join(folder, "secret.key"), "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
  expect(readdirSync(folder)).toEqual(["secret.key"]);
  expect(JSON.stringify(context.logger.lines)).toContain("is empty, and a new key is created");
  const again = await openSecretKeys(context, stores);
  expect(again.box.open(box.seal("hush", "a"), "a")).toBe("hush");
});
