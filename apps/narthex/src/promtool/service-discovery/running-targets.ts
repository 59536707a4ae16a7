import type { Host } from "@narthex/runtime";
import { openServer, ServerError } from "../server-client.ts";
import type { TargetsByJob } from "./compare-targets.ts";

const TIMEOUT_MS = 60_000;

/** A target in the answer of `/api/v1/targets`. */
interface ActiveTarget {
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Returns the targets that a running server scrapes. Throws ServerError if the server does not return them. */
export async function runningTargets(
  host: Host,
  url: string,
  configFile: string,
  isWanted: (job: string) => boolean,
): Promise<TargetsByJob> {
  await using server = await openServer(host, url, configFile, TIMEOUT_MS);
  const { status, body } = await server.get("/api/v1/targets?state=active");
  const jobs = new Map<string, Map<string, ActiveTarget["labels"][]>>();
  for (const { scrapePool, scrapeUrl, labels } of activeTargets(status, body)) {
    if (!isWanted(scrapePool)) continue;
    const targets = jobs.get(scrapePool) ?? new Map<string, ActiveTarget["labels"][]>();
    jobs.set(scrapePool, targets);
    const same = targets.get(scrapeUrl);
    if (same === undefined) targets.set(scrapeUrl, [labels]);
    else same.push(labels);
  }
  return jobs;
}

function activeTargets(status: number, body: string): readonly ActiveTarget[] {
  try {
    const answer = JSON.parse(body) as { readonly data?: { readonly activeTargets?: readonly ActiveTarget[] } };
    if (status === 200 && Array.isArray(answer.data?.activeTargets)) return answer.data.activeTargets;
  } catch {
    // Reports the status below: the answer of a proxy may be HTML.
  }
  throw new ServerError(`the server answered to /api/v1/targets with status ${status}, and without a list of targets`);
}
