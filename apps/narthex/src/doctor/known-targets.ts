import type { PrometheusConfig, ScrapeConfig } from "@narthex/config";
import { Labels } from "@narthex/model";
import { buildTargets } from "@narthex/scrape";

/** A scrape target from the static_configs of a job. */
export interface KnownTarget {
  readonly job: ScrapeConfig;
  readonly url: string;
}

/** Returns the static targets of all jobs after relabeling. Discovered targets are not included. */
export const knownTargets = (config: PrometheusConfig | undefined): readonly KnownTarget[] =>
  config === undefined ? [] : config.scrapeConfigs.flatMap(targetsOf);

function targetsOf(job: ScrapeConfig): readonly KnownTarget[] {
  const groups = job.staticConfigs.map(({ targets, labels }, i) => ({
    source: String(i),
    targets: targets.map((address) => Labels.of({ __address__: address })),
    labels,
  }));
  return buildTargets(groups, job).targets.map(({ url }) => ({ job, url }));
}
