import { decodeJson, type Loaded } from "../decode/decode.ts";
import type { JsonValue } from "../yaml/json-node.ts";
import type { GlobalConfig } from "./global.ts";
import type { ScrapeConfig } from "./scrape-config.ts";
import { scrapeSection } from "./scrape-section.ts";

/**
 * Returns a function that decodes a job that was discovered instead of read from a file. The job inherits from
 * `global`. Its discovery settings are not decoded: the caller adds discovery to each job.
 */
export function foundJobReader(global: GlobalConfig): (settings: JsonValue) => Loaded<ScrapeConfig> {
  const section = scrapeSection(global, { kinds: [], warn: () => undefined });
  return (settings) => decodeJson(settings, section);
}
