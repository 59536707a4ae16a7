import { INVALID } from "../decode/codec.ts";
import { listOf } from "../decode/collections.ts";
import { httpClientSection } from "../http-client/http-client-section.ts";
import { millis } from "../decode/measures.ts";
import { oneOf, text } from "../decode/plain-values.ts";
import { checkLegacyNames, relabelRules } from "../relabel-rules.ts";
import { field, inline, optional, type Section, section } from "../decode/section.ts";
import type { AlertingConfig, AlertmanagerConfig } from "./alerting.ts";
import { sigv4Section } from "./cloud-signers.ts";
import { discoveryRest } from "./discovery-kinds.ts";
import { checkAddresses, staticConfigs } from "./static-section.ts";
import type { ScrapeOptions } from "./scrape-section.ts";

const apiVersion = oneOf<"v2">(
  ["v2"],
  (found) => `expected Alertmanager api version to be one of [v2] but got ${found}`,
);

/** Returns the decoder for one entry of the list `alerting.alertmanagers`. */
export function alertmanagerSection(options: ScrapeOptions): Section<AlertmanagerConfig> {
  return section<Omit<AlertmanagerConfig, "position">, AlertmanagerConfig>(
    "config.plain",
    {
      httpClient: inline(httpClientSection({ enableHttp2: true })),
      sigv4: optional("sigv4", sigv4Section),
      scheme: field("scheme", text, "http"),
      pathPrefix: field("path_prefix", text, ""),
      timeoutMs: field("timeout", millis, 10_000),
      apiVersion: field("api_version", apiVersion, "v2", true),
      relabelConfigs: field("relabel_configs", relabelRules("empty or null Alertmanager target relabeling rule"), []),
      alertRelabelConfigs: field(
        "alert_relabel_configs",
        relabelRules("empty or null Alertmanager alert relabeling rule"),
        [],
      ),
      staticConfigs: field("static_configs", staticConfigs, []),
      discoveryConfigs: discoveryRest(options.kinds),
    },
    (value, at, report) => {
      const { basicAuth, authorization, oauth2 } = value.httpClient;
      if (value.sigv4 !== undefined && (basicAuth ?? authorization ?? oauth2) !== undefined) {
        const message = "at most one of basic_auth, authorization, oauth2, & sigv4 must be configured";
        report(at.sigv4, "auth-conflict", message, "keep one of them");
        return INVALID;
      }
      const scheme = options.scheme ?? "utf8";
      const sound = checkLegacyNames(value.relabelConfigs, scheme, at.relabelConfigs, report);
      if (!checkLegacyNames(value.alertRelabelConfigs, scheme, at.alertRelabelConfigs, report) || !sound)
        return INVALID;
      if (value.relabelConfigs.length === 0 && checkAddresses(value.staticConfigs, report) === INVALID) return INVALID;
      return { ...value, position: { line: at.self.line, column: at.self.column } };
    },
  );
}

export function alertingSection(options: ScrapeOptions): Section<AlertingConfig> {
  const alertmanagers = listOf(alertmanagerSection(options), {
    goType: "config.AlertmanagerConfigs",
    nullItem: "empty or null Alertmanager config section",
  });
  return section<AlertingConfig>(
    "config.plain",
    {
      alertRelabelConfigs: field("alert_relabel_configs", relabelRules("empty or null alert relabeling rule"), []),
      alertmanagers: field("alertmanagers", alertmanagers, []),
    },
    (value, at, report) => {
      const { alertRelabelConfigs: rules } = value;
      return checkLegacyNames(rules, options.scheme ?? "utf8", at.alertRelabelConfigs, report) ? value : INVALID;
    },
  );
}
