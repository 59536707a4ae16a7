import {
  field,
  type HttpClientConfig,
  httpClientSection,
  inline,
  INVALID,
  millis,
  optional,
  type Secret,
  secret,
  section,
  text,
  urlProblem,
  urlText,
} from "@narthex/config";
import { definePolled } from "../../polled-discoverer.ts";

/** One entry of `uyuni_sd_configs`. */
export interface UyuniDiscovery {
  /** URL of the Uyuni server. */
  readonly server: string;
  readonly username: string;
  readonly password: Secret | undefined;
  readonly httpClient: HttpClientConfig;
  /** Systems with this entitlement are found. */
  readonly entitlement: string;
  /** Separator of the names of a system's groups. */
  readonly separator: string;
  readonly refreshIntervalMs: number;
}

/** Finds the exporters that Uyuni or SUSE Manager has configured on its systems. */
export const uyuniDiscoverer = definePolled<UyuniDiscovery>({
  key: "uyuni_sd_configs",
  name: "uyuni",
  codec: section<UyuniDiscovery>(
    "uyuni.plain",
    {
      server: field("server", urlText, "", true),
      username: field("username", text, "", true),
      password: optional("password", secret),
      httpClient: inline(httpClientSection({ enableHttp2: true })),
      entitlement: field("entitlement", text, "monitoring_entitled"),
      separator: field("separator", text, ","),
      refreshIntervalMs: field("refresh_interval", millis, 60_000),
    },
    (value, at, report) => {
      const problem = urlProblem(value.server);
      if (value.server === "") {
        const message = "Uyuni SD configuration requires server host";
        report(
          at.server,
          "uyuni-sd-missing",
          message,
          "write the URL of the server, such as https://uyuni.example.org",
        );
      } else if (problem !== undefined) {
        const message = `Uyuni Server URL is not valid: ${problem}`;
        report(at.server, "bad-url", message, "write the URL of the server, such as https://uyuni.example.org");
      } else if (value.username === "") {
        const message = "Uyuni SD configuration requires a username";
        report(at.username, "uyuni-sd-missing", message, "write the name of a user who may see the systems");
      } else if ((value.password?.reveal() ?? "") === "") {
        const message = "Uyuni SD configuration requires a password";
        report(at.password, "uyuni-sd-missing", message, "write the password of the user");
      } else return value;
      return INVALID;
    },
  ),
  intervalMs: (config) => config.refreshIntervalMs,
  open: async (config, context) => (await import("./systems.ts")).openSystems(config, context),
});
