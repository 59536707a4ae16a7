import { ActionIcon, Tooltip } from "@mantine/core";
import { IconLayoutDashboard } from "@tabler/icons-react";
import { pageSettings } from "../api/page-settings.ts";
import { homePath, rootPath } from "../api/root-path.ts";
import { jobDashboardAddress } from "./job-dashboard.ts";

/** A link to a dashboard of the metrics of a job. Shown only if the pages are within the dashboards. */
export function JobDashboardLink({ job, metric = "" }: { job: string; metric?: string }) {
  const place = { homePath, rootPath, isServer: pageSettings.role === "server" };
  const href = jobDashboardAddress({ job, metric }, place);
  if (href === undefined) return null;
  const label = metric === "" ? `See job ${job} as dashboard` : `See ${metric} of job ${job} as dashboard`;
  return (
    <Tooltip label={label}>
      <ActionIcon component="a" href={href} variant="subtle" color="gray" m={6} aria-label={label}>
        <IconLayoutDashboard size={17} />
      </ActionIcon>
    </Tooltip>
  );
}
