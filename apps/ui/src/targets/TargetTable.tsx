import { RelativeTime } from "../shell/RelativeTime.tsx";
import { ActionIcon, Alert, Group, Table, Text } from "@mantine/core";
import { IconAlertTriangle, IconClock, IconHourglass, IconRefresh, IconTags } from "@tabler/icons-react";
import { useState } from "react";
import type { ActiveTarget } from "../api/target-data.ts";
import { humanizeDuration } from "../format/duration.ts";
import { formatInstantWithZone, parseApiTime } from "../format/instant.ts";
import { VirtualList } from "../shell/VirtualList.tsx";
import { LabelName, Labels, Tag, TagList } from "../shell/Labels.tsx";
import { StateBadge } from "../shell/StateBadge.tsx";
import { usePreferences } from "../shell/preferences.ts";
import { splitScrapeUrl } from "./target-filter.ts";
import { StackTable } from "../shell/StackTable.tsx";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./TargetTable.module.css";

const css = classesOf(styles);

function Endpoint({ target }: { target: ActiveTarget }) {
  const { base, params } = splitScrapeUrl(target.scrapeUrl);
  return (
    <>
      <a href={target.globalUrl} target="_blank" rel="noreferrer" className={`wrap-anywhere ${css("endpoint")}`}>
        {base}
      </a>
      {params.length > 0 && (
        <TagList>
          {params.map(([name, value]) => (
            <Tag key={`${name}=${value}`}>
              <LabelName>{name}</LabelName>="{value}"
            </Tag>
          ))}
        </TagList>
      )}
    </>
  );
}

function LastScrape({ target }: { target: ActiveTarget }) {
  const { useLocalTime } = usePreferences();
  const at = parseApiTime(target.lastScrape);
  return (
    <div className={css("details")}>
      <span title={at === null ? "Not scraped yet" : `Last scrape ${formatInstantWithZone(at, useLocalTime)}`}>
        <IconRefresh size={13} aria-hidden /> <RelativeTime unixMs={at} />
      </span>
      <span title="Duration of the last scrape">
        <IconHourglass size={13} aria-hidden /> {humanizeDuration(target.lastScrapeDuration * 1000)}
      </span>
      <span title="Interval and timeout">
        <IconClock size={13} aria-hidden /> {target.scrapeInterval} / {target.scrapeTimeout}
      </span>
    </div>
  );
}

function TargetRow({ target }: { target: ActiveTarget }) {
  const [discovered, setDiscovered] = useState(false);
  return (
    <>
      <Table.Tr>
        <Table.Td data-label="Endpoint">
          <Endpoint target={target} />
        </Table.Td>
        <Table.Td data-label="Labels">
          <Group gap={4} wrap="nowrap" align="flex-start" justify="space-between">
            <Labels labels={target.labels} />
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              aria-label="Discovered labels"
              title="Discovered labels"
              aria-expanded={discovered}
              onClick={() => setDiscovered(!discovered)}
            >
              <IconTags size={15} />
            </ActionIcon>
          </Group>
          {discovered && (
            <div className={css("discovered")}>
              <Text size="xs" c="dimmed">
                Discovered labels
              </Text>
              <Labels labels={target.discoveredLabels} />
            </div>
          )}
        </Table.Td>
        <Table.Td data-label="Last scrape">
          <LastScrape target={target} />
        </Table.Td>
        <Table.Td data-label="State">
          <StateBadge state={target.health} />
        </Table.Td>
      </Table.Tr>
      {target.lastError !== "" && (
        <Table.Tr>
          <Table.Td colSpan={4} data-follows>
            <Alert color="red" variant="light" py={6} icon={<IconAlertTriangle size={16} />}>
              <span className="wrap-anywhere">Error scraping target: {target.lastError}</span>
            </Alert>
          </Table.Td>
        </Table.Tr>
      )}
    </>
  );
}

/** The targets of one pool as rows, on narrow screens as cards. */
export function TargetTable({ pool, targets }: { pool: string; targets: readonly ActiveTarget[] }) {
  return (
    <StackTable aria-label={`Targets of ${pool}`} aria-rowcount={targets.length}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w="28%">Endpoint</Table.Th>
          <Table.Th>Labels</Table.Th>
          <Table.Th w={190}>Last scrape</Table.Th>
          <Table.Th w={110}>State</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        <VirtualList
          items={targets}
          keyOf={(target, index) => `${target.scrapeUrl} ${index}`}
          render={(target) => <TargetRow target={target} />}
          rows
        />
      </Table.Tbody>
    </StackTable>
  );
}
