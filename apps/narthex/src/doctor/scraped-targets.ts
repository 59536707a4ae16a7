import type { DoctorContext } from "./check.ts";
import { askServer } from "./server-api.ts";
import type { RoleSubject } from "./subject/subject.ts";

/** A target in the list of targets of a running server. */
export interface ScrapedTarget {
  readonly job: string;
  readonly url: string;
  readonly health: "up" | "down" | "unknown";
  readonly lastError: string;
}

interface TargetsAnswer {
  readonly data?: {
    readonly activeTargets?: readonly {
      readonly scrapePool: string;
      readonly scrapeUrl: string;
      readonly health: ScrapedTarget["health"];
      readonly lastError: string;
    }[];
  };
}

/**
 * Resolves with the active targets of the Prometheus server that runs at the configured address, or with undefined if
 * no server answers.
 */
export async function scrapedTargets(
  context: DoctorContext,
  role: RoleSubject,
): Promise<readonly ScrapedTarget[] | undefined> {
  const answer = (await askServer(context, role, "targets?state=active")) as TargetsAnswer | undefined;
  return answer?.data?.activeTargets?.map(({ scrapePool, scrapeUrl, health, lastError }) => ({
    job: scrapePool,
    url: scrapeUrl,
    health,
    lastError,
  }));
}
