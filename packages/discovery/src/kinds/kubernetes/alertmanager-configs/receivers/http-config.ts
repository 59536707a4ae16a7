import type { JsonValue } from "@narthex/config";
import { clientSettings, tlsSettings } from "../../custom-objects/client-settings.ts";
import { SpecError, within } from "../../custom-objects/spec-error.ts";
import type { SpecFields } from "../../custom-objects/spec-fields.ts";
import type { FieldContext } from "./field-table.ts";

const KNOWN: ReadonlySet<string> = new Set([
  "authorization",
  "basicAuth",
  "oauth2",
  "bearerTokenSecret",
  "tlsConfig",
  "proxyURL",
  "proxyUrl",
  "noProxy",
  "proxyFromEnvironment",
  "proxyConnectHeader",
  "followRedirects",
  "enableHttp2",
]);

/** Fields of TLS settings that name files. The API's schema does not have them. */
const FILES = ["caFile", "certFile", "keyFile"];

/** The field `httpConfig` of a receiver. */
export const httpConfig = {
  name: "http_config",
  read(parent: SpecFields, key: string, { references }: FieldContext): JsonValue {
    const fields = parent.object(key)!;
    const unknown = fields.keys.find((name) => !KNOWN.has(name));
    if (unknown !== undefined)
      throw new SpecError(`${fields.at(unknown)} is not known to this version: remove it`, true);
    refuseFiles(fields.object("tlsConfig"));
    refuseFiles(fields.object("oauth2")?.object("tlsConfig"));
    const settings = within(parent.at(key), () => clientSettings(fields, { references, denyFileAccess: true }));
    // The API has two fields for the proxy. As with the operator, the older one has precedence.
    const proxy = fields.text("proxyURL");
    return proxy === "" ? settings : { ...settings, proxy_url: proxy };
  },
};

/** The field `tlsConfig` of a mail server. */
export const mailTls = {
  name: "tls_config",
  read(parent: SpecFields, key: string, { references }: FieldContext): JsonValue {
    const fields = parent.object(key)!;
    refuseFiles(fields);
    return within(parent.at(key), () => tlsSettings(fields, references));
  },
};

function refuseFiles(tls: SpecFields | undefined): void {
  const found = tls === undefined ? undefined : FILES.find((name) => !tls.isEmpty(name));
  if (found === undefined) return;
  throw new SpecError(`${tls!.at(found)} names a file of the Alertmanager, which is refused: use a Secret`, true);
}
