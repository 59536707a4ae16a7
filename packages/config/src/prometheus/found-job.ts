import { decodeNode, type Loaded } from "../decode/decode.ts";
import { jsonNode, type JsonValue } from "../yaml/json-node.ts";
import type { GlobalConfig } from "./global.ts";
import type { ScrapeConfig } from "./scrape-config.ts";
import { scrapeSection } from "./scrape-section.ts";

/**
 * Returns a reader of jobs that are not in a file and inherit from this global section. Their discovery is not read
 * here: the caller adds it to each job.
 */
export function foundJobReader(global: GlobalConfig): (settings: JsonValue) => Loaded<ScrapeConfig> {
  const section = scrapeSection(global, { kinds: [], warn: () => undefined });
  return (settings) => decodeNode(jsonNode(settings), "", section);
}
