import { createPublicKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import { defaultHttpClient } from "@narthex/config";
import { SettingsError } from "../../settings/load-settings.ts";
import type { Settings } from "../../settings/setting-table.ts";
import { keysAt } from "../external/remote-keys.ts";
import { providerFetch, type ProviderFetch } from "../external/provider-fetch.ts";

/** The public keys with which JWTs of another system are verified. */
export interface JwtKeys {
  readonly keys: JWTVerifyGetKey;
  readonly close: () => Promise<void>;
}

const nothingToClose = (): Promise<void> => Promise.resolve();

/**
 * Opens the keys that the settings name: at a URL, in a file of keys, or in a file with one key. Throws SettingsError.
 */
export function openJwtKeys(settings: Settings): JwtKeys {
  const url = settings["auth.jwt.jwk_set_url"];
  const [setFile, keyFile] = [settings["auth.jwt.jwk_set_file"], settings["auth.jwt.key_file"]];
  if ([url, setFile, keyFile].filter((one) => one !== "").length !== 1) {
    throw new SettingsError(
      "auth.jwt.jwk_set_url, jwk_set_file, key_file: set exactly one of them, because auth.jwt.enabled is true",
    );
  }
  if (url !== "") return remoteKeys(url, settings["auth.jwt.cache_ttl"]);
  if (setFile !== "") return { keys: keysOfSet(setFile), close: nothingToClose };
  return { keys: oneKey(keyOf(keyFile), settings["auth.jwt.key_id"]), close: nothingToClose };
}

function remoteKeys(url: string, cacheMs: number): JwtKeys {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ""))
    throw new SettingsError(`auth.jwt.jwk_set_url: ${JSON.stringify(url)} is not a URL`);
  const requests: ProviderFetch = providerFetch(defaultHttpClient.tls);
  return { keys: keysAt(url, requests, cacheMs), close: () => requests.close() };
}

function keysOfSet(file: string): JWTVerifyGetKey {
  try {
    return createLocalJWKSet(JSON.parse(readFileSync(file, "utf8")) as JSONWebKeySet);
  } catch (cause) {
    throw new SettingsError(`auth.jwt.jwk_set_file: ${file} is not a JSON Web Key Set: ${messageOf(cause)}`, { cause });
  }
}

function keyOf(file: string): KeyObject {
  try {
    return createPublicKey(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new SettingsError(`auth.jwt.key_file: ${file} has no public key in PEM: ${messageOf(cause)}`, { cause });
  }
}

/** Returns a function that returns one key. If `id` is not empty, it accepts only tokens with this key id. */
const oneKey =
  (key: KeyObject, id: string): JWTVerifyGetKey =>
  ({ kid }) => {
    if (id !== "" && kid !== id) throw new Error("the token was signed with another key");
    return key;
  };

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
