import { randomBytes, randomUUID, scryptSync } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { dataPathProblem, DataPathError } from "@narthex/runtime";
import { StoreError } from "@narthex/store";
import type { Context } from "../context.ts";
import { PUBLIC_SECRET_KEY } from "../settings/setting-table.ts";
import type { Stores } from "../state/stores.ts";
import { KEY_BYTES, SecretBox } from "./secret-box.ts";

const KEY_FILE = "secret.key";
/** Name of the collection with the keys that instances share, and key of its only entry. */
const KEYS = "secret_keys";
const KEY = "stored secrets";

const DAMAGED_HINT = `the keys so far stay in use until the next start; restore the entry "${KEY}" of ${KEYS}`;

type KeyContext = Pick<Context, "settings" | "logger" | "dataFolder">;
type KeyStores = Pick<Stores, "store" | "isShared">;

export interface SecretKeys {
  readonly box: SecretBox;
  /**
   * Removes generated keys that are older than the current one. Must be called only after all secrets were encrypted
   * again with the current key. Rejects with StoreError or DataPathError.
   */
  dropEarlier(): Promise<void>;
}

/**
 * Opens the keys for stored secrets. The current key is `security.secret_key`. If that is the public default, a key is
 * generated at the first start and stored in a file in the data folder. If instances share a database, the key is
 * stored there, so that each instance can decrypt the others' secrets. Earlier generated keys and
 * `security.previous_secret_keys` can still decrypt secrets. Rejects with DataPathError or StoreError.
 */
export async function openSecretKeys(context: KeyContext, stores: KeyStores): Promise<SecretKeys> {
  const { settings, dataFolder } = context;
  const file = join(dataFolder, KEY_FILE);
  const previous = previousSecretKeys(settings).map(derivedKey);
  const chosen = chosenSecretKey(settings);
  if (chosen !== undefined) {
    const made = [...earlierKeys(context, file), ...(stores.isShared ? await keysOfStore(stores) : [])];
    return { box: new SecretBox(derivedKey(chosen), ...previous, ...made), dropEarlier: async () => undefined };
  }
  if (!stores.isShared) {
    const keys = keysOfFile(context, file);
    return {
      box: new SecretBox(...keys, ...previous),
      dropEarlier: async () => void (keys.length > 1 && writeKeys(file, [keys[0]])),
    };
  }
  // Keys in this instance's own file, with which it may have encrypted secrets before the instances shared a key.
  const own = existsSync(file) ? readKeys(file) : [];
  const keys = await sharedKeys(context, stores, own[0] ?? newKey());
  const box = new SecretBox(...keys, ...own, ...previous);
  stores.store.collection(KEYS).watch(({ put }) => {
    for (const { key, value } of put) {
      if (key !== KEY) continue;
      const changed = keysIn(value);
      if (changed !== undefined) box.use(changed);
      else context.logger.error("The database's key of stored secrets is damaged", { hint: DAMAGED_HINT });
    }
  });
  return {
    box,
    async dropEarlier() {
      const [current] = keys;
      if (keys.length > 1) await exchangeKeys(stores, keys, [current]);
    },
  };
}

/**
 * Returns the secret keys with which secrets of Grafana or of this server may be encrypted. The current key is first.
 */
export const secretKeysOf = (settings: Context["settings"]): readonly string[] => [
  ...new Set([settings["security.secret_key"], ...previousSecretKeys(settings), PUBLIC_SECRET_KEY]),
];

const previousSecretKeys = (settings: Context["settings"]): readonly string[] =>
  settings["security.previous_secret_keys"].split(/\s+/).filter((one) => one !== "");

function chosenSecretKey(settings: Context["settings"]): string | undefined {
  const chosen = settings["security.secret_key"];
  return chosen === PUBLIC_SECRET_KEY || chosen === "" ? undefined : chosen;
}

/**
 * Generates a new key and makes it the current one. At its next start, the dashboards server encrypts all secrets with
 * it. Rejects with an error if the settings contain the key, and with StoreError or DataPathError.
 */
export async function rotateSecretKey(context: KeyContext, stores: KeyStores): Promise<void> {
  if (chosenSecretKey(context.settings) !== undefined) {
    throw new Error(
      "the key is a setting: set another security.secret_key, and the former in security.previous_secret_keys until the next start",
    );
  }
  if (stores.isShared) {
    const keys = await sharedKeys(context, stores, newKey());
    const isDone = await exchangeKeys(stores, keys, [newKey(), ...keys]);
    if (!isDone) throw new StoreError("another process changed the key at the same time; try again");
    return;
  }
  const file = join(context.dataFolder, KEY_FILE);
  writeKeys(file, [newKey(), ...keysOfFile(context, file)]);
}

type Keys = readonly [Buffer, ...Buffer[]];

const newKey = (): Buffer => randomBytes(KEY_BYTES);
const derivedKey = (text: string): Buffer => scryptSync(text, "narthex stored secrets", KEY_BYTES);
const textOf = (keys: readonly Buffer[]): string => keys.map((key) => `${key.toString("hex")}\n`).join("");

/** Parses keys that are stored in the database. Throws StoreError if they are damaged. */
function parsedKeys(text: string): Keys {
  const keys = keysIn(text);
  if (keys === undefined) throw new StoreError(`the database's entry "${KEY}" of ${KEYS} is not a key; restore it`);
  return keys;
}

function keysIn(text: string): Keys | undefined {
  const lines = text.trim().split(/\s+/);
  if (!lines.every((line) => /^[0-9a-f]{64}$/i.test(line))) return undefined;
  return lines.map((line) => Buffer.from(line, "hex")) as unknown as Keys;
}

async function keysOfStore({ store }: KeyStores): Promise<readonly Buffer[]> {
  const entry = await store.collection(KEYS).get(KEY);
  return entry === undefined ? [] : parsedKeys(entry.value);
}

/** Returns the keys that all instances share. If no shared keys exist yet, stores `made` as the first key. */
async function sharedKeys({ logger }: KeyContext, stores: KeyStores, made: Buffer): Promise<Keys> {
  const isFirst = await exchangeKeys(stores, undefined, [made]);
  if (isFirst) {
    logger.info("A key for stored secrets was created", {
      place: "the database",
      hint: "set security.secret_key on all instances to store the key outside the database that it protects",
    });
    return [made];
  }
  return parsedKeys((await stores.store.collection(KEYS).get(KEY))?.value ?? "");
}

/** Replaces the shared keys. Returns false if another process has changed them in the meantime. */
async function exchangeKeys({ store }: KeyStores, before: Keys | undefined, keys: Keys): Promise<boolean> {
  store.collection(KEYS);
  const known = before === undefined ? null : ((await store.collection(KEYS).get(KEY))?.value ?? null);
  if (before !== undefined && (known === null || textOf(parsedKeys(known)) !== textOf(before))) return false;
  const entry = { value: textOf(keys), expiresAt: Number.MAX_SAFE_INTEGER };
  return store.exchange([{ collection: KEYS, key: KEY, before: known, entry }]);
}

/**
 * Returns the keys in the file. If the file is missing or empty (for example because the disk was full at the first
 * start), generates a key. Throws DataPathError.
 */
function keysOfFile({ logger }: KeyContext, file: string): Keys {
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === 0) {
    logger.warn("The file of the key for stored secrets is empty, and a new key is created", {
      file,
      hint: "to read secrets that were stored with an earlier key, restore that key in the file",
    });
    rmSync(file);
  }
  // Creates the file with a new key. If another process creates the file at the same time, its file is kept and read.
  if (!size && placeKeys(file, [newKey()], linkOrRename)) logger.info("A key for stored secrets was created", { file });
  return readKeys(file);
}

/** Returns earlier keys from a file. Returns none if the file is missing or damaged. */
function earlierKeys({ logger }: KeyContext, file: string): readonly Buffer[] {
  if (!existsSync(file)) return [];
  try {
    return readKeys(file);
  } catch (error) {
    logger.warn("An earlier key of stored secrets cannot be read", { err: error });
    return [];
  }
}

function readKeys(file: string): Keys {
  const keys = keysIn(readFileSync(file, "utf8"));
  if (keys !== undefined) return keys;
  throw new DataPathError(
    `${file} is not a key of 64 hexadecimal digits; restore it, or move it away and enter the secrets again`,
  );
}

const writeKeys = (file: string, keys: readonly Buffer[]): void => void placeKeys(file, keys, renameSync);

/**
 * Writes keys to a new file, which `place` then moves to `file`. After a power failure, `file` contains either the
 * complete old or the complete new keys. Returns false if `place` has found an existing file. Throws DataPathError.
 */
function placeKeys(file: string, keys: readonly Buffer[], place: (written: string, file: string) => void): boolean {
  const written = `${file}.${randomUUID()}`;
  try {
    writeFileSync(written, textOf(keys), { mode: 0o600, flag: "wx", flush: true });
    place(written, file);
    syncFolderOf(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw new DataPathError(dataPathProblem(error, file, "paths.data"), { cause: error });
  } finally {
    rmSync(written, { force: true });
  }
}

/** Renames a file. Throws EEXIST if the new name is in use, except on file systems without hard links. */
function linkOrRename(written: string, file: string): void {
  try {
    linkSync(written, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw error;
    renameSync(written, file);
  }
}

/** Writes the folder of a file to the disk (fsync). Does nothing on Windows, where this is not possible. */
function syncFolderOf(file: string): void {
  if (process.platform === "win32") return;
  const folder = openSync(dirname(file), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
