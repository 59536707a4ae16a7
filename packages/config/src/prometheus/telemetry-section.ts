import { INVALID } from "../decode/codec.ts";
import { listOf, mapOf } from "../decode/collections.ts";
import { millis } from "../decode/measures.ts";
import { urlText } from "../decode/locations.ts";
import { decimal, flag, oneOf, text } from "../decode/plain-values.ts";
import { field, type Section, section } from "../decode/section.ts";
import { tlsSection } from "../http-client/tls-section.ts";
import type { NameValidation } from "@narthex/model";
import { RESERVED_HEADERS } from "./remote-section.ts";
import type { OtlpConfig, OtlpTranslation, TracingConfig } from "./storage.ts";

const clientType = oneOf<"grpc" | "http">(
  ["grpc", "http"],
  (found) => `expected tracing client type to be to be http or grpc, but got ${found}`,
);
const compression = oneOf<"" | "gzip">(
  ["", "gzip"],
  (found) => `invalid compression type ${found} provided, valid options: gzip`,
);

/** Section `tracing`: the destination for traces of Narthex's own operations. */
export const tracingSection: Section<TracingConfig> = section<TracingConfig>(
  "config.plain",
  {
    clientType: field("client_type", clientType, "grpc"),
    endpoint: field("endpoint", urlText, ""),
    samplingFraction: field("sampling_fraction", decimal, 0),
    insecure: field("insecure", flag, false),
    tls: field("tls_config", tlsSection, tlsSection.empty()),
    headers: field("headers", mapOf(text), new Map<string, string>()),
    compression: field("compression", compression, ""),
    timeoutMs: field("timeout", millis, 0),
  },
  (value, at, report) => {
    for (const name of value.headers.keys()) {
      const lower = name.toLowerCase();
      if (lower !== "authorization" && !RESERVED_HEADERS.has(lower)) continue;
      const message =
        lower === "authorization"
          ? "custom authorization header configuration is not yet supported"
          : `${name} is a reserved header. It must not be changed`;
      report(at.headers, "reserved-header", message, "remove the header");
      return INVALID;
    }
    if (value.endpoint !== "") return value;
    report(at.self, "tracing-endpoint", "tracing endpoint must be set", "add endpoint: host:port");
    return INVALID;
  },
);

const TRANSLATIONS: readonly OtlpTranslation[] = [
  "UnderscoreEscapingWithSuffixes",
  "UnderscoreEscapingWithoutSuffixes",
  "NoUTF8EscapingWithSuffixes",
  "NoTranslation",
];
const translation = oneOf(TRANSLATIONS, (found) => `unsupported OTLP translation strategy ${JSON.stringify(found)}`);

/**
 * Returns the section `otlp`. Translation strategies that keep UTF-8 names require the validation scheme `utf8` in
 * `global`.
 */
export function otlpSection(scheme: NameValidation): Section<OtlpConfig> {
  return section<OtlpConfig>(
    "config.plain",
    {
      promoteAllResourceAttributes: field("promote_all_resource_attributes", flag, false),
      promoteResourceAttributes: field("promote_resource_attributes", listOf(text), []),
      ignoreResourceAttributes: field("ignore_resource_attributes", listOf(text), []),
      translationStrategy: field("translation_strategy", translation, "UnderscoreEscapingWithSuffixes"),
      keepIdentifyingResourceAttributes: field("keep_identifying_resource_attributes", flag, false),
      convertHistogramsToNhcb: field("convert_histograms_to_nhcb", flag, false),
      promoteScopeMetadata: field("promote_scope_metadata", flag, false),
      labelNameUnderscoreSanitization: field("label_name_underscore_sanitization", flag, true),
      labelNamePreserveMultipleUnderscores: field("label_name_preserve_multiple_underscores", flag, true),
    },
    (value, at, report) => {
      const problem = otlpProblem(value, scheme);
      if (problem === undefined) {
        const promoted = trimmed(value.promoteResourceAttributes);
        return {
          ...value,
          promoteResourceAttributes: promoted,
          ignoreResourceAttributes: trimmed(value.ignoreResourceAttributes),
        };
      }
      report(at[problem.key], "otlp", problem.message, "");
      return INVALID;
    },
  );
}

const trimmed = (names: readonly string[]): string[] => names.map((name) => name.trim());

function otlpProblem(
  value: OtlpConfig,
  scheme: NameValidation,
): { readonly key: keyof OtlpConfig; readonly message: string } | undefined {
  const promoted = value.promoteResourceAttributes;
  if (value.promoteAllResourceAttributes && promoted.length > 0) {
    const message =
      "'promote_all_resource_attributes' and 'promote_resource_attributes' cannot be configured simultaneously";
    return { key: "promoteAllResourceAttributes", message };
  }
  if (!value.promoteAllResourceAttributes && value.ignoreResourceAttributes.length > 0) {
    const message =
      "'ignore_resource_attributes' cannot be configured unless 'promote_all_resource_attributes' is true";
    return { key: "ignoreResourceAttributes", message };
  }
  const lists = [
    ["promoteResourceAttributes", promoted, "promote_resource_attributes", "promoted"],
    ["ignoreResourceAttributes", value.ignoreResourceAttributes, "ignore_resource_attributes", "ignored"],
  ] as const;
  for (const [key, names, field, word] of lists) {
    const text = attributeProblem(names, word);
    if (text !== undefined) return { key, message: `invalid '${field}': ${text}` };
  }
  const strategy = value.translationStrategy;
  if (scheme === "legacy" && (strategy === "NoUTF8EscapingWithSuffixes" || strategy === "NoTranslation")) {
    const message = `OTLP translation strategy ${JSON.stringify(strategy)} is not allowed when UTF8 is disabled`;
    return { key: "translationStrategy", message };
  }
  return undefined;
}

function attributeProblem(names: readonly string[], word: string): string | undefined {
  const seen = new Set<string>();
  for (const name of names.map((text) => text.trim())) {
    if (name === "") return `empty ${word} OTel resource attribute`;
    if (seen.has(name)) return `duplicated ${word} OTel resource attribute ${JSON.stringify(name)}`;
    seen.add(name);
  }
  return undefined;
}
