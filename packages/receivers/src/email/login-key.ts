import { Secret } from "@narthex/config";
import type { EmailConfig } from "./email-section.ts";

/**
 * Returns equal texts for configurations that log in to the same server with the same account, secret and TLS settings.
 */
export const loginKey = (config: EmailConfig): string =>
  JSON.stringify(
    revealed([
      config.smarthost,
      config.forceImplicitTls ?? null,
      config.requireTls ?? true,
      config.tlsConfig ?? null,
      // Ignores the login settings if there is no user name, because no login takes place then.
      ...(config.authUsername === ""
        ? []
        : [
            config.authUsername,
            config.authIdentity,
            config.authPassword ?? null,
            config.authPasswordFile,
            config.authSecret ?? null,
            config.authSecretFile,
            config.authXoauth2 ?? null,
            config.authXoauth2TokenFile,
          ]),
    ]),
  );

/**
 * Returns a configuration in which each secret is replaced by its text. Otherwise all secrets would have the same JSON.
 */
function revealed(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (value instanceof Map) return [...value].map(revealed);
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== "object" || value === null) return value;
  // Omits `place`, the position in the configuration file.
  return Object.entries(value).flatMap(([key, item]) => (key === "place" ? [] : [[key, revealed(item)]]));
}
