import { Secret } from "@narthex/config";
import type { ReceiverConfig, ReceiverGlobals } from "@narthex/receivers";
import type { FormKindName } from "./receiver-form.ts";

/** Settings with a secret, by kind. */
const SECRETS: Readonly<Record<FormKindName, readonly string[]>> = {
  email: ["authPassword", "authPasswordFile", "authSecret", "authSecretFile", "authXoauth2", "authXoauth2TokenFile"],
  slack: ["apiUrl", "apiUrlFile", "appToken", "appTokenFile"],
  webhook: ["url", "urlFile"],
};

const PASSWORD: ReadonlySet<string> = new Set(["authPassword", "authPasswordFile"]);

type Integration = ReceiverConfig["integrations"][number];
type Settings = Readonly<Record<string, unknown>>;

const isGiven = (value: unknown): boolean =>
  value instanceof Secret ? value.reveal() !== "" : value !== undefined && value !== "";

const settingsOf = ({ config }: Integration): Settings => config as unknown as Settings;

/** Returns whether an integration has a secret, from the receiver or from `global`. */
export const hasSecret = (kind: FormKindName, integration: Integration): boolean =>
  SECRETS[kind].some((name) => isGiven(settingsOf(integration)[name]));

/**
 * Returns whether a change would send a stored password to another mail server, or without encryption. Someone who does
 * not know the password could learn it by such a change.
 * @param before the integration before the change; undefined if it was not of this kind
 * @param isNew whether the change also sets the password
 */
export function redirectsPassword(
  before: Integration | undefined,
  after: Integration,
  globals: ReceiverGlobals,
  isNew: boolean,
): boolean {
  const now = settingsOf(after);
  const kept = SECRETS.email.filter((name) => isGiven(now[name]) && !(isNew && PASSWORD.has(name)));
  if (now["authUsername"] === "" || kept.length === 0) return false;
  const old = before === undefined ? undefined : settingsOf(before);
  const [smarthost, requireTls] =
    old === undefined ? [globals.smtpSmarthost, globals.smtpRequireTls] : [old["smarthost"], old["requireTls"]];
  return now["smarthost"] !== smarthost || (requireTls === true && now["requireTls"] === false);
}
