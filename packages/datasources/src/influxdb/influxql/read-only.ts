import { influxqlTokens } from "@narthex/dashboards";
import { QueryFailure } from "../../query-failure.ts";

const READS: ReadonlySet<string> = new Set(["select", "show", "explain"]);

/**
 * Throws QueryFailure unless all statements of a query read. The server executes other statements, such as `DROP
 * DATABASE`, with the rights of the source's user.
 */
export function checkReadOnly(text: string): void {
  let isStart = true;
  for (const { kind, start, end } of influxqlTokens(text)) {
    if (kind === "comment") continue;
    const written = text.slice(start, end);
    const word = written.toLowerCase();
    if (kind === "symbol" && written === ";") {
      isStart = true;
      continue;
    }
    if (isStart && !READS.has(word))
      throw new QueryFailure(
        400,
        `the query contains a statement that begins with "${written.slice(0, 50)}"; write SELECT, SHOW or EXPLAIN`,
      );
    if (kind === "word" && word === "into")
      throw new QueryFailure(400, "the query writes with INTO; data sources only read, so remove the INTO clause");
    isStart = false;
  }
}
