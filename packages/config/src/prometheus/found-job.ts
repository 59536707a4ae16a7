import { decodeNode, type Loaded } from "../decode/decode.ts";
import { jsonNode, type JsonValue } from "../yaml/json-node.ts";
import type { GlobalConfig } from "./global.ts";
import type { ScrapeConfig } from "./scrape-config.ts";
import { scrapeSection } from "./scrape-section.ts";

/**
 * Returns a function that reads jobs from another source than a file. The jobs inherit from this global section.
 * Discovery settings are not read: the caller adds discovery to each job.
 */
export function foundJobReader(global: GlobalConfig): (settings: JsonValue) => Loaded<ScrapeConfig> {
  const section = scrapeSection(global, { kinds: [], warn: () => undefined });
  return (settings) => decodeNode(jsonNode(settings), "", section);
}
