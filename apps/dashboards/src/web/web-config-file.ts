import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Context } from "../context.ts";
import { SettingsError } from "../settings/load-settings.ts";

const FILE = "web-config.json";

/**
 * Returns the path of the web config file, which configures TLS for the server: that of `--web.config.file`. If
 * `server.protocol` is https, writes such a file with the configured certificate and returns its path. Otherwise
 * returns an empty text. Throws SettingsError.
 */
export function webConfigFile({ flags, settings, host, dataFolder }: Context): string {
  const given = flags["web.config.file"];
  if (given !== "" || settings["server.protocol"] !== "https") return given;
  const [certificate, key] = [settings["server.cert_file"], settings["server.cert_key"]];
  if (certificate === "" || key === "") {
    throw new SettingsError(
      "server.protocol: https needs server.cert_file and server.cert_key; name the files of the certificate and its key",
    );
  }
  const file = join(dataFolder, FILE);
  // Content of the file. JSON is valid YAML. The reader of the file also watches the certificate for changes.
  const terms = { cert_file: resolve(host.cwd, certificate), key_file: resolve(host.cwd, key) };
  writeFileSync(file, `${JSON.stringify({ tls_server_config: terms })}\n`);
  return file;
}
