import { type HttpClientConfig, Secret } from "@narthex/config";
import { hasCredentials, type ReceiverConfig, type ReceiverGlobals } from "@narthex/receivers";
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

/** A change of an integration by a form. */
interface Change {
  readonly kind: FormKindName;
  /** The integration before the change. Undefined if it was not of this kind. */
  readonly before: Integration | undefined;
  readonly after: Integration;
  readonly globals: ReceiverGlobals;
  /** Whether the form also sets the password or the URL. */
  readonly isNewSecret: boolean;
}

/**
 * Returns why a change would send stored credentials to another place, or without encryption. Someone who does not know
 * the credentials could learn them by such a change. Undefined if the change is safe.
 */
export const redirectProblem = (change: Change): string | undefined =>
  change.kind === "email" ? mailProblem(change) : urlProblem(change);

/**
 * The user name does not matter: a change without one, which logs in nowhere, could be followed by a change of only the
 * user name.
 */
function mailProblem({ before, after, globals, isNewSecret }: Change): string | undefined {
  const now = settingsOf(after);
  const kept = SECRETS.email.filter((name) => isGiven(now[name]) && !(isNewSecret && PASSWORD.has(name)));
  const { smarthost, requireTls } =
    before === undefined
      ? { smarthost: globals.smtpSmarthost, requireTls: globals.smtpRequireTls }
      : settingsOf(before);
  const isElsewhere = now["smarthost"] !== smarthost || (requireTls === true && now["requireTls"] === false);
  if (kept.length === 0 || !isElsewhere) return undefined;
  return isNewSecret
    ? "The change would send a stored secret other than the password to another mail server or without encryption. Make it in the file."
    : "Enter the password again. The change would send the stored password to another mail server or without encryption.";
}

function urlProblem({ after, isNewSecret }: Change): string | undefined {
  const http = settingsOf(after)["httpConfig"] as HttpClientConfig | undefined;
  if (!isNewSecret || http === undefined || !hasCredentials(http)) return undefined;
  return "The file has credentials for requests of this receiver, in http_config of the receiver or of global. They would be sent to the new URL. Change the URL in the file.";
}
