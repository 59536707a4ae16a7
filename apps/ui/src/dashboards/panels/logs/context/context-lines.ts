import { rootPath } from "../../../../api/root-path.ts";
import { fetchJson } from "../../../../api/request.ts";
import type { LogLine } from "../log-lines.ts";

/** A line of the same log stream, before or after another line. */
export interface ContextLine {
  readonly nanoseconds: string;
  readonly text: string;
}

export type Direction = "before" | "after";

/** Requests the lines before or after a line. Returns them with the nearest line first. */
export async function fetchContext(
  uid: string,
  line: Pick<LogLine, "labels" | "labelTypes" | "nanoseconds">,
  { direction, limit }: { readonly direction: Direction; readonly limit: number },
  signal: AbortSignal,
): Promise<readonly ContextLine[]> {
  const { labels, labelTypes, nanoseconds } = line;
  const { lines } = await fetchJson<{ readonly lines: readonly ContextLine[] }>(
    `${rootPath}/api/narthex/sources/${encodeURIComponent(uid)}/resources/log-context`,
    { method: "POST", json: { labels, labelTypes, nanoseconds, direction, limit }, signal },
  );
  return lines;
}

/**
 * Returns the lines after a line. The answer begins with the lines of the same nanosecond, among which are the line
 * itself and those before it.
 */
export function linesAfter(answer: readonly ContextLine[], { nanoseconds, text }: ContextLine): readonly ContextLine[] {
  const own = answer.findIndex((line) => line.nanoseconds === nanoseconds && line.text === text);
  return answer.slice(own + 1);
}
