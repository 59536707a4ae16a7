import { Button, Group, RingProgress, Stack } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { useMemo } from "react";
import { prometheus } from "../api/prometheus.ts";
import type { ActiveTarget, Health } from "../api/target-data.ts";
import { Collapsible } from "../shell/Collapsible.tsx";
import { countStates } from "../shell/state-counts.ts";
import { VirtualList } from "../shell/VirtualList.tsx";
import { JobDashboardLink } from "../shell/JobDashboardLink.tsx";
import { Loaded } from "../shell/Loaded.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { PoolConfigButton } from "../shell/PoolConfigButton.tsx";
import { PoolSelect } from "../shell/PoolSelect.tsx";
import { EmptyMessage } from "../shell/StatusMessage.tsx";
import { SearchInput } from "../shell/SearchInput.tsx";
import { StateFilter } from "../shell/StateFilter.tsx";
import { useUrlChoices, useUrlText } from "../shell/url-state.ts";
import { useToggleSet } from "../shell/use-toggle-set.ts";
import { useRefreshedQuery } from "../time/refresh-context.ts";
import { healthStates, targetPools } from "./target-filter.ts";
import type { TargetPool } from "./target-filter.ts";
import { tableHeight, TargetTable } from "./TargetTable.tsx";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./TargetsPage.module.css";
import { Toolbar } from "../shell/Toolbar.tsx";

const css = classesOf(styles);

function UpRing({ pool }: { pool: TargetPool }) {
  const share = (count: number): number => (100 * count) / pool.total;
  return (
    <span className={css("ring")}>
      {pool.counts.up} / {pool.total} up
      <RingProgress
        size={26}
        thickness={5}
        aria-hidden
        sections={[
          { value: share(pool.counts.up), color: "fennel.6" },
          { value: share(pool.counts.unknown), color: "gray.5" },
          { value: share(pool.counts.down), color: "red.6" },
        ]}
      />
    </span>
  );
}

function accentOf(pool: TargetPool): string {
  if (pool.counts.down > 0) return "red";
  return pool.counts.unknown > 0 ? "gray" : "fennel";
}

/** Height in pixels of a scrape pool's header and of the gap below the pool. */
const HEADER_PX = 58;

function Pools({ pools }: { pools: readonly TargetPool[] }) {
  const collapsed = useToggleSet("targetsPage.collapsedPools");
  const names = pools.map((pool) => pool.name);
  const allClosed = names.every((name) => collapsed.has(name));
  return (
    <Stack gap="sm">
      <Group justify="flex-end">
        <Button size="compact-sm" variant="subtle" onClick={() => collapsed.set(allClosed ? [] : names)}>
          {allClosed ? "Expand all" : "Collapse all"}
        </Button>
      </Group>
      <VirtualList
        wholeUpTo={8}
        items={pools}
        keyOf={(pool) => pool.name}
        estimatedHeight={({ name, shown }) => HEADER_PX + (collapsed.has(name) ? 0 : tableHeight(shown))}
        render={(pool) => (
          <Collapsible
            title={pool.name}
            summary={<UpRing pool={pool} />}
            accent={accentOf(pool)}
            actions={
              <>
                <JobDashboardLink job={pool.shown[0]?.labels["job"] ?? ""} />
                <PoolConfigButton pool={pool.name} />
              </>
            }
            open={!collapsed.has(pool.name)}
            onToggle={() => collapsed.toggle(pool.name)}
          >
            <TargetTable pool={pool.name} targets={pool.shown} />
          </Collapsible>
        )}
      />
    </Stack>
  );
}

function FilteredTargets({
  targets,
  search,
  health,
}: {
  targets: readonly ActiveTarget[];
  search: string;
  health: readonly Health[];
}) {
  const pools = useMemo(() => targetPools(targets, { health, search }), [targets, health, search]);
  if (targets.length === 0) {
    return (
      <EmptyMessage title="No targets">
        The configuration names no scrape target yet, or none of this pool. Add a job under scrape_configs.
      </EmptyMessage>
    );
  }
  if (pools.length === 0)
    return <EmptyMessage title="No target matches">Clear the search or the state filter.</EmptyMessage>;
  return <Pools key={`${search} ${health.join()}`} pools={pools} />;
}

/** Page that lists all scraped targets by scrape pool, with the results of their last scrapes. */
export default function TargetsPage() {
  const [pool, setPool] = useUrlText("pool");
  const [search, setSearch] = useUrlText("search");
  const [health, setHealth] = useUrlChoices("health", healthStates);
  const result = useRefreshedQuery({
    queryKey: ["targets", "active", pool],
    queryFn: ({ signal }) => prometheus.targets("active", pool || undefined, signal),
    placeholderData: keepPreviousData,
  });
  const counts = useMemo(
    () =>
      countStates(
        healthStates,
        result.data?.data.activeTargets.map((target) => target.health),
      ),
    [result.data],
  );
  return (
    <>
      <PageHeader title="Target health" toolbar={<Toolbar />} />
      <Group gap="sm" mb="sm">
        <PoolSelect value={pool} onChange={setPool} />
        <SearchInput label="Filter by endpoint, labels or error" value={search} onChange={setSearch} />
        <StateFilter
          label="Filter by state"
          states={healthStates}
          chosen={health}
          counts={counts}
          onChange={setHealth}
        />
      </Group>
      <Loaded result={result} label="Loading targets">
        {(data) => <FilteredTargets targets={data.activeTargets} search={search} health={health} />}
      </Loaded>
    </>
  );
}
