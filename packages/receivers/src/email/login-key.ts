import { Secret } from "@narthex/config";
import type { EmailConfig } from "./email-section.ts";

/** Equal for configurations that sign in at the same server with the same account, by the same secret and TLS. */
export const loginKey = (config: EmailConfig): string =>
  JSON.stringify(
    revealed([
      config.smarthost,
      config.forceImplicitTls ?? null,
      config.requireTls ?? true,
      config.tlsConfig ?? null,
      // Without a user there is no login, whatever else is said of it.
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

/** The same as plain values, which JSON can tell apart. */
function revealed(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (value instanceof Map) return [...value].map(revealed);
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== "object" || value === null) return value;
  // Where it stands in the file is no part of what it says.
  return Object.entries(value).flatMap(([key, item]) => (key === "place" ? [] : [[key, revealed(item)]]));
}
