import { decodeNode, type Loaded } from "../decode/decode.ts";
import { jsonNode, type JsonValue } from "../yaml/json-node.ts";
import type { GlobalConfig } from "./global.ts";
import type { ScrapeConfig } from "./scrape-config.ts";
import { scrapeSection } from "./scrape-section.ts";

/**
 * Reads jobs that stand in no file, to run beside those of the file whose global section this is. Their kinds of discovery are
 * read by no codec: whoever makes a job adds what its targets are discovered by.
 */
export function foundJobReader(global: GlobalConfig): (settings: JsonValue) => Loaded<ScrapeConfig> {
  const section = scrapeSection(global, { kinds: [], warn: () => undefined });
  return (settings) => decodeNode(jsonNode(settings), "", section);
}
