import { Secret } from "@narthex/config";
import type { IntegrationConfig, ReceiverKind } from "./receiver-kind.ts";

/** Settings with the address of a service, in the order of precedence. */
const ADDRESSES = ["webhookUrl", "apiUrl", "url"];
/** Maximum length of the text, in characters. */
const MAX_LENGTH = 200;

/**
 * Returns whom an integration notifies, for pages and explanations: a mail address, a channel or the host of the
 * service. The text contains no secret, because a URL may contain a token and only its host is returned. Undefined if a
 * template or a file contains the target.
 */
export function targetOf<C extends IntegrationConfig>(
  { target }: Pick<ReceiverKind<C>, "target">,
  config: C,
): string | undefined {
  const text = target?.(config) ?? "";
  const shown = text === "" ? hostOf(config as unknown as Readonly<Record<string, unknown>>) : text;
  return shown === undefined || shown.includes("{{") ? undefined : shown.slice(0, MAX_LENGTH);
}

function hostOf(settings: Readonly<Record<string, unknown>>): string | undefined {
  const texts = ADDRESSES.map((name) => textOf(name, settings[name]));
  const address = texts.find((text) => text !== "") ?? "";
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
  return isWeb && !/%7b|[{}]/i.test(url.host) ? url.host : undefined;
}

/** Returns the text of a setting. A setting `url` that is no secret is a link in messages, not an address. */
function textOf(name: string, value: unknown): string {
  if (value instanceof Secret) return value.reveal();
  return typeof value === "string" && name !== "url" ? value : "";
}
