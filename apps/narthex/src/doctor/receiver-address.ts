import { readFile } from "node:fs/promises";
import { type HttpClientConfig, Secret } from "@narthex/config";
import type { IntegrationConfig } from "@narthex/receivers";

/**
 * Configuration keys that contain the address of an integration: a key with a URL, and a key with a file that contains
 * a URL. The first key that is set is used.
 */
const KEYS: readonly (readonly [url: string, file: string | undefined])[] = [
  ["webhookUrl", "webhookUrlFile"],
  ["apiUrl", "apiUrlFile"],
  ["url", "urlFile"],
];

/** Fixed service addresses of integrations whose setting `url` is only a link inside the notification. */
const FIXED: Readonly<Record<string, string>> = { pushover: "https://api.pushover.net/" };

/** Address of an integration's service. Contains only scheme and host, because the rest of the URL may be secret. */
export interface ServiceAddress {
  readonly origin: string;
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  readonly client: HttpClientConfig | undefined;
}

/**
 * Returns the address to which an integration sends. Undefined if the address is known only when a notification is
 * sent, as for a template or a cloud's regional address. Rejects with Node's error if a file cannot be read.
 */
export async function addressOf(kind: string, config: IntegrationConfig): Promise<ServiceAddress | undefined> {
  const settings = config as unknown as Readonly<Record<string, unknown>>;
  const text = (FIXED[kind] ?? (await urlOf(kind, settings)) ?? "").trim();
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, origin } = new URL(text);
  const isTls = protocol === "https:";
  if ((!isTls && protocol !== "http:") || /[{}]|%7B/i.test(hostname)) return undefined;
  return {
    origin,
    host: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? (isTls ? 443 : 80) : Number(port),
    isTls,
    client: settings["httpConfig"] as HttpClientConfig | undefined,
  };
}

async function urlOf(kind: string, settings: Readonly<Record<string, unknown>>): Promise<string | undefined> {
  if (kind === "slack" && (textOf(settings["appToken"]) !== "" || textOf(settings["appTokenFile"]) !== "")) {
    return textOf(settings["appUrl"]);
  }
  for (const [url, file] of KEYS) {
    const inline = textOf(settings[url]);
    if (inline !== "") return inline;
    const path = file === undefined ? "" : textOf(settings[file]);
    if (path !== "") return readFile(path, "utf8");
  }
  return undefined;
}

const textOf = (value: unknown): string =>
  value instanceof Secret ? value.reveal() : typeof value === "string" ? value : "";
