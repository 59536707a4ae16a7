import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readProblem, readStackitKey, type StackitKey } from "@narthex/http";
import { secretText } from "../../fields/secret-text.ts";
import type { StackitDiscovery, StackitEnvironment } from "./stackit.ts";

/**
 * Reads the key of the service account, in the order of STACKIT's library: the private key comes from the section, the
 * environment, the file with credentials, or the service account key itself. Files are read each time.
 */
export async function serviceAccountKey(config: StackitDiscovery, env: StackitEnvironment): Promise<StackitKey> {
  const { serviceAccountKey: inline, serviceAccountKeyPath: path } = config;
  const isInline = inline !== undefined && inline.reveal() !== "";
  const key = readStackitKey(await secretText(inline, isInline ? "" : path, "service account key file"));
  try {
    return { ...key, privateKey: await separatePrivateKey(config, env) };
  } catch (error) {
    if (key.privateKey !== "") return key;
    throw error;
  }
}

/** Returns the private key from outside of the service account key. Rejects if no place contains a private key. */
async function separatePrivateKey(config: StackitDiscovery, env: StackitEnvironment): Promise<string> {
  const text = config.privateKey?.reveal() || (config.privateKeyPath === "" ? env["STACKIT_PRIVATE_KEY"] : "");
  if (text !== undefined && text !== "") return text;
  const path = config.privateKeyPath || env["STACKIT_PRIVATE_KEY_PATH"] || (await pathInCredentials(config, env));
  return secretText(undefined, path, "private key file");
}

/** Returns the path of the private key in the file with credentials. */
async function pathInCredentials(config: StackitDiscovery, env: StackitEnvironment): Promise<string> {
  const file =
    config.credentialsFilePath ||
    env["STACKIT_CREDENTIALS_PATH"] ||
    join(env["HOME"] ?? "", ".stackit", "credentials.json");
  let json: string;
  try {
    json = await readFile(file, "utf8");
  } catch (cause) {
    const message = "private key is not part of the service account key, and no other place has one";
    throw new Error(`${message}: ${readProblem(file, cause)}`, { cause });
  }
  const path = pathOf(json);
  if (path === undefined) throw new Error(`${file} has no STACKIT_PRIVATE_KEY_PATH`);
  return path;
}

/** Returns the path in the text of a file with credentials, or undefined. */
function pathOf(json: string): string | undefined {
  try {
    const { STACKIT_PRIVATE_KEY_PATH: path } = JSON.parse(json) as Readonly<Record<string, unknown>>;
    return typeof path === "string" && path !== "" ? path : undefined;
  } catch {
    return undefined;
  }
}
