import { SimpleGrid, Stack } from "@mantine/core";
import { IconFlag, IconServer, IconTool } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { statusQuery } from "../api/pushgateway.ts";
import { formatInstantWithZone, formatRelative, parseApiTime } from "../format/instant.ts";
import { KeyValueTable } from "../shell/KeyValueTable.tsx";
import { Loaded } from "../shell/Loaded.tsx";
import { useTimeZone } from "../shell/time-zone.ts";
import { nowMs } from "../time/browser-clock.ts";

export function StatusTab() {
  const zone = useTimeZone();
  const result = useQuery(statusQuery);
  return (
    <Loaded result={result} label="Loading status">
      {(status) => {
        const started = Math.floor((parseApiTime(status.start_time) ?? 0) / 1000) * 1000;
        return (
          <SimpleGrid cols={{ base: 1, lg: 2 }} className="top-aligned">
            <Stack>
              <KeyValueTable
                title="Runtime information"
                icon={<IconServer size={18} />}
                entries={[
                  ["Started", `${formatInstantWithZone(started, zone)} (${formatRelative(started, nowMs())})`],
                  ...(status.web_config_problem === undefined
                    ? []
                    : [["Changed web configuration", status.web_config_problem] as const]),
                ]}
              />
              <KeyValueTable
                title="Build information"
                icon={<IconTool size={18} />}
                entries={Object.entries(status.build_information).map(([name, value]) => [name, value || "–"])}
              />
            </Stack>
            <KeyValueTable
              title="Command-line flags"
              icon={<IconFlag size={18} />}
              entries={Object.entries(status.flags).map(([name, value]) => [`--${name}`, value || "–"])}
            />
          </SimpleGrid>
        );
      }}
    </Loaded>
  );
}
