/** The root paths of the dashboards and of the shown pages. */
export interface PagePlace {
  /** Root path of the dashboards' pages. Undefined if the pages are not shown within the dashboards. */
  readonly homePath: string | undefined;
  /** Root path of the pages, such as `/sources/main`. */
  readonly rootPath: string;
  /** Whether the pages are those of a Prometheus server, whose data source the dashboard then uses. */
  readonly isServer: boolean;
}

/**
 * Returns the address of the page that shows the metrics of a job as a dashboard; undefined if there is no such page.
 * @param metric words in the names of the metrics; empty for all metrics of the job
 */
export function jobDashboardAddress(
  { job, metric }: { readonly job: string; readonly metric: string },
  { homePath, rootPath, isServer }: PagePlace,
): string | undefined {
  if (homePath === undefined || job === "") return undefined;
  const sources = `${homePath}/sources/`;
  const params = new URLSearchParams({ job });
  if (metric !== "") params.set("search", metric);
  if (isServer && rootPath.startsWith(sources))
    params.set("source", decodeURIComponent(rootPath.slice(sources.length)));
  return `${homePath}/dashboard/generate?${params}`;
}
