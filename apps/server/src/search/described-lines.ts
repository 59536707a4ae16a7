import { goJson } from "@narthex/model";
import { type Clock, runInTimeSlices, type Steps } from "@narthex/runtime";
import type { TargetViews } from "@narthex/scrape";

interface Line {
  readonly results?: readonly Readonly<Record<string, unknown>>[];
}

/** Adds metadata of the metrics to the result lines of a search: type, help and unit. */
export function describedLines(
  text: string,
  views: Pick<TargetViews, "metadataOf">,
  clock: Clock,
): string | Promise<string> {
  return runInTimeSlices(clock, described(text, views));
}

function* described(text: string, views: Pick<TargetViews, "metadataOf">): Steps<string> {
  const lines = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
  const names = new Set(lines.flatMap(({ results = [] }) => results.map(({ name }) => String(name))));
  const found = yield* views.metadataOf(names);
  let out = "";
  for (const { results, ...rest } of lines) {
    yield;
    if (results === undefined) out += `${goJson(rest)}\n`;
    else
      out += `${goJson({ results: results.map((result) => ({ ...result, ...about(found.get(String(result["name"]))) })), ...rest })}\n`;
  }
  return out;
}

/** Returns the metadata of a metric without empty texts. */
const about = (row: Readonly<Record<"type" | "help" | "unit", string>> | undefined): Readonly<Record<string, string>> =>
  row === undefined
    ? {}
    : {
        ...(row.type !== "" && { type: row.type }),
        ...(row.help !== "" && { help: row.help }),
        ...(row.unit !== "" && { unit: row.unit }),
      };
