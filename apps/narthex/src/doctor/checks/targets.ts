import type { PrometheusConfig } from "@narthex/config";
import { acceptHeader } from "@narthex/exposition";
import type { Check, DoctorContext, EarlyFinding } from "../check.ts";
import type { ReadConfiguration } from "../configurations.ts";
import { error, type Finding, ok, warning } from "../finding.ts";
import { type KnownTarget, knownTargets } from "../known-targets.ts";
import { sampleOf, mapConcurrently } from "../map-concurrently.ts";
import { type ScrapedTarget, scrapedTargets } from "../scraped-targets.ts";
import { readPage } from "../target-page.ts";
import { ownRoleAt } from "../subject/own-role.ts";
import { unreached } from "../unreached.ts";
import { unreadFindings } from "../unread.ts";

/** Maximum number of targets that are requested, and maximum size of their pages in bytes. */
const MAX_TARGETS = 64;
const MAX_BYTES = 16 * 1024 * 1024;

/** Checks that targets serve valid pages. For targets of a running server, uses the server's scrape results instead. */
export const targets: Check = {
  name: "targets",
  about:
    "whether targets can be reached and serve readable pages; for discovered targets, the results of a running server",
  async run(context, early) {
    const { prometheus } = await context.configurations();
    const findings = await Promise.all(prometheus.map((one) => targetsOf(context, one, early)));
    return [...unreadFindings(prometheus), ...findings.flat()];
  },
};

async function targetsOf(
  context: DoctorContext,
  { role, verdict }: ReadConfiguration<PrometheusConfig>,
  early: EarlyFinding | undefined,
): Promise<readonly Finding[]> {
  const scraped = (await scrapedTargets(context, role)) ?? [];
  const ofServer = [...upFindings(scraped), ...scraped.filter(({ health }) => health === "down").map(downFinding)];
  for (const finding of ofServer) early?.(finding);
  // The key includes the job, because two jobs may scrape the same URL with different settings.
  const keyOf = (job: string, url: string): string => JSON.stringify([job, url]);
  const judged = new Set(scraped.filter(({ health }) => health !== "unknown").map(({ job, url }) => keyOf(job, url)));
  const unsure = knownTargets(verdict.config).filter(({ job, url }) => !judged.has(keyOf(job.jobName, url)));
  const sample = sampleOf(unsure, MAX_TARGETS);
  const answers = await mapConcurrently(sample, (target) => pageFinding(context, target), early);
  return [
    ...ofServer,
    ...answers,
    ...(unsure.length > sample.length
      ? [ok(`${sample.length} of ${unsure.length} targets were requested, spread evenly over the list`)]
      : []),
  ];

  function downFinding({ job, url, lastError }: ScrapedTarget): Finding {
    const own = /connection refused/.test(lastError) ? ownRoleAt(context.subject, url) : undefined;
    if (own !== undefined)
      return ok(`job ${JSON.stringify(job)}: ${url} is the ${own.role} of this stack, which does not run now`);
    return error(
      `job ${JSON.stringify(job)}: the running server cannot scrape ${url}: ${lastError}`,
      `request it from the server's machine: curl -v ${url}`,
    );
  }
}

/** Returns one finding for each job of the running server that has healthy targets. */
function upFindings(scraped: readonly ScrapedTarget[]): readonly Finding[] {
  const jobs = new Map<string, number>();
  for (const { job, health } of scraped) if (health === "up") jobs.set(job, (jobs.get(job) ?? 0) + 1);
  return [...jobs].map(([job, count]) =>
    ok(
      `job ${JSON.stringify(job)}: ${count === 1 ? "1 target is" : `${count} targets are`} scraped by the running server`,
    ),
  );
}

async function pageFinding(
  { network, subject, timeoutMs }: DoctorContext,
  { job, url }: KnownTarget,
): Promise<Finding> {
  const name = `job ${JSON.stringify(job.jobName)}: ${url}`;
  try {
    const answer = await network.get(url, {
      client: job.httpClient,
      headers: { accept: acceptHeader(job.scrapeProtocols, job.metricNameEscapingScheme) },
      timeoutMs: Math.min(job.scrapeTimeoutMs, timeoutMs),
      maxBytes: MAX_BYTES,
    });
    if (answer.status !== 200) return error(`${name} answers ${answer.status}`, statusHint(answer.status));
    const page = readPage(answer, job);
    if (!page.ok) {
      const hint = page.isFormat
        ? "if this is not a metrics page, correct metrics_path; otherwise add fallback_scrape_protocol: PrometheusText0.0.4 to the job"
        : `find the fault of the page: curl -s ${url} | narthex promtool check metrics`;
      return error(`${name} cannot be read: ${page.problem}`, hint);
    }
    if (page.samples === 0)
      return warning(`${name} serves no samples`, "correct metrics_path, or read the log of the target");
    const { sampleLimit, metricRelabelConfigs } = job;
    // Checks the sample limit. With metric relabeling it cannot be checked, because relabeling may drop samples.
    if (sampleLimit > 0 && metricRelabelConfigs.length === 0 && page.samples > sampleLimit) {
      return error(
        `${name} serves ${page.samples} samples, but the job accepts only ${sampleLimit}`,
        "raise sample_limit of the job",
      );
    }
    return ok(
      `${name} serves ${page.isPartial ? "more than " : ""}${page.samples} samples, in ${Math.ceil(answer.tookMs)} ms`,
    );
  } catch (failure) {
    return unreached({ subject }, name, url, failure);
  }
}

function statusHint(status: number): string {
  if (status === 401 || status === 403) return "add basic_auth or authorization to the job, or correct it";
  if (status === 404) return "correct metrics_path of the job";
  if (status >= 300 && status < 400) return "use the address of the redirect, or set follow_redirects: true";
  return "read the log of the target";
}
