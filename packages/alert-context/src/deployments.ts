import type { TimeRange } from "./alert-series.ts";
import type { RoleClient } from "./role-client.ts";

const MAX_DEPLOYMENTS = 10;
const MAX_TEXT = 160;

/** A deployment, from an annotation of the dashboards. */
export interface Deployment {
  /** Unix ms. */
  readonly time: number;
  readonly text: string;
}

/** Returns the latest annotations with one of the tags in a range, the latest first. */
export async function recentDeployments(
  client: RoleClient,
  tags: readonly string[],
  { from, to }: TimeRange,
  signal: AbortSignal,
): Promise<readonly Deployment[]> {
  const parameters = new URLSearchParams({
    from: String(from),
    to: String(to),
    limit: String(MAX_DEPLOYMENTS),
    type: "annotation",
    matchAny: "true",
  });
  for (const tag of tags) parameters.append("tags", tag);
  const answer = await client.get("/api/annotations", parameters, signal);
  if (!Array.isArray(answer)) return [];
  return (answer as unknown[])
    .flatMap((one): Deployment[] => {
      const { time, text } = (one ?? {}) as { time?: unknown; text?: unknown };
      return typeof time === "number" && typeof text === "string" ? [{ time, text: firstLine(text) }] : [];
    })
    .sort((a, b) => b.time - a.time)
    .slice(0, MAX_DEPLOYMENTS);
}

/** Returns the first line of an annotation, without the tags of its HTML. */
function firstLine(text: string): string {
  const line = text
    .slice(0, 2000)
    .replaceAll(/<[^<>]*>/g, " ")
    .trim()
    .split(/\r?\n/, 1)[0]!
    .trim();
  return line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT)}…` : line;
}
