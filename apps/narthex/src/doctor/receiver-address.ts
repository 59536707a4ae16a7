import { readFile } from "node:fs/promises";
import { type HttpClientConfig, Secret } from "@narthex/config";
import type { IntegrationConfig } from "@narthex/receivers";

/** Where the settings of a kind say what is asked: keys of a URL, and of a file that holds one; the first that is set counts. */
const KEYS: readonly (readonly [url: string, file: string | undefined])[] = [
  ["webhookUrl", "webhookUrlFile"],
  ["apiUrl", "apiUrlFile"],
  ["url", "urlFile"],
];

/** Kinds whose `url` is a link within the notification, with the address of the service. */
const FIXED: Readonly<Record<string, string>> = { pushover: "https://api.pushover.net/" };

/** What an integration asks, the scheme and host of it alone: the rest may be a secret. */
export interface ServiceAddress {
  readonly origin: string;
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  readonly client: HttpClientConfig | undefined;
}

/**
 * Where an integration sends to; undefined where that is known when it sends alone: a template, or a cloud's address by its region.
 * Rejects with what Node says of a file that cannot be read.
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
