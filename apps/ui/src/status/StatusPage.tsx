import { SimpleGrid } from "@mantine/core";
import { IconServer, IconTool } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { prometheus } from "../api/prometheus.ts";
import { formatInstantWithZone, formatRelative, parseApiTime } from "../format/instant.ts";
import { KeyValueTable } from "../shell/KeyValueTable.tsx";
import { Loaded } from "../shell/Loaded.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { StateBadge } from "../shell/StateBadge.tsx";
import { useTimeZone } from "../shell/time-zone.ts";
import { nowMs } from "../time/browser-clock.ts";
import { Toolbar } from "../shell/Toolbar.tsx";
import { useRefreshedQuery } from "../time/refresh-context.ts";

const runtimeNames: Readonly<Record<string, string>> = {
  startTime: "Start time",
  CWD: "Working directory",
  hostname: "Hostname",
  serverTime: "Server time",
  reloadConfigSuccess: "Configuration reload",
  lastConfigTime: "Last successful configuration reload",
  corruptionCount: "WAL corruptions",
  goroutineCount: "Goroutines",
  storageRetention: "Storage retention",
  webConfigProblem: "Changed web configuration",
};
const buildNames: Readonly<Record<string, string>> = {
  version: "Version",
  revision: "Revision",
  branch: "Branch",
  buildUser: "Build user",
  buildDate: "Build date",
  goVersion: "Go version",
  narthexVersion: "Narthex version",
};

function runtimeValue(name: string, value: string | number | boolean, zone: string): ReactNode {
  if (name === "reloadConfigSuccess") {
    return <StateBadge state={value === true ? "ok" : "err"} label={value === true ? "successful" : "failed"} />;
  }
  const unixMs = name.endsWith("Time") ? parseApiTime(String(value)) : null;
  if (unixMs === null) return String(value) === "" ? "–" : String(value);
  const whole = Math.floor(unixMs / 1000) * 1000;
  return `${formatInstantWithZone(whole, zone)} (${formatRelative(whole, nowMs())})`;
}

/** Page that shows the start time, build and runtime information of the server. */
export default function StatusPage() {
  const zone = useTimeZone();
  // Runtime and build information rarely changes, so it is requested again only when the user refreshes.
  const runtime = useRefreshedQuery({
    queryKey: ["runtime"],
    queryFn: ({ signal }) => prometheus.runtimeInfo(signal),
    refetchInterval: false,
  });
  const build = useRefreshedQuery({
    queryKey: ["build"],
    queryFn: ({ signal }) => prometheus.buildInfo(signal),
    refetchInterval: false,
  });
  return (
    <>
      <PageHeader title="Runtime & build information" toolbar={<Toolbar />} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} className="top-aligned">
        <Loaded result={runtime} label="Loading runtime information">
          {(data) => (
            <KeyValueTable
              title="Runtime information"
              icon={<IconServer size={18} />}
              entries={Object.entries(data).map(([name, value]) => [
                runtimeNames[name] ?? name,
                runtimeValue(name, value, zone),
              ])}
            />
          )}
        </Loaded>
        <Loaded result={build} label="Loading build information">
          {(data) => (
            <KeyValueTable
              title="Build information"
              icon={<IconTool size={18} />}
              entries={Object.entries(data).flatMap(([name, value]) =>
                // The other values are for clients: which parts of the API the server has.
                typeof value === "string" ? [[buildNames[name] ?? name, value || "–"]] : [],
              )}
            />
          )}
        </Loaded>
      </SimpleGrid>
    </>
  );
}
