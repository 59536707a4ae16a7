import { Button, Group, Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { prometheus } from "../api/prometheus.ts";
import type { TargetsData } from "../api/target-data.ts";
import type { LabelSet } from "../format/series-name.ts";
import { Collapsible } from "../shell/Collapsible.tsx";
import { VirtualList } from "../shell/VirtualList.tsx";
import { Labels } from "../shell/Labels.tsx";
import { Loaded } from "../shell/Loaded.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { PoolConfigButton } from "../shell/PoolConfigButton.tsx";
import { PoolSelect } from "../shell/PoolSelect.tsx";
import { EmptyMessage } from "../shell/StatusMessage.tsx";
import { SearchInput } from "../shell/SearchInput.tsx";
import { StateBadge } from "../shell/StateBadge.tsx";
import { StateFilter } from "../shell/StateFilter.tsx";
import { useUrlChoices, useUrlText } from "../shell/url-state.ts";
import { useToggleSet } from "../shell/use-toggle-set.ts";
import { RelabelModal } from "./RelabelModal.tsx";
import { countDiscovered, discoveredPools, discoveryStates } from "./discovered-pool.ts";
import type { Discovered, DiscoveredPool, DiscoveryState } from "./discovered-pool.ts";
import { type DataColumn, DataTable } from "../shell/DataTable.tsx";

const columnsWith = (onRelabel: (labels: LabelSet) => void): ReadonlyArray<DataColumn<Discovered>> => [
  { header: "Discovered labels", cell: ({ discovered }) => <Labels labels={discovered} />, width: "50%" },
  {
    header: "Target labels",
    cell: ({ labels }) =>
      labels === null ? <StateBadge state="dropped" label="dropped by relabeling" /> : <Labels labels={labels} />,
  },
  {
    header: "",
    cell: ({ discovered }) => (
      <Button size="compact-xs" variant="subtle" onClick={() => onRelabel(discovered)}>
        Show relabeling
      </Button>
    ),
    width: 140,
  },
];

function PoolTable({ pool, onRelabel }: { pool: DiscoveredPool; onRelabel: (labels: LabelSet) => void }) {
  return (
    <>
      {pool.unlisted > 0 && (
        <Text size="sm" c="dimmed" px="sm" pt="xs">
          {pool.unlisted} more dropped targets are not listed: keep_dropped_targets limits them.
        </Text>
      )}
      <DataTable
        columns={columnsWith(onRelabel)}
        items={pool.shown}
        keyOf={(_, index) => String(index)}
        stacked
        virtual
        aria-label={`Discovered targets of ${pool.name}`}
      />
    </>
  );
}

function Pools({ data, states, search }: { data: TargetsData; states: readonly DiscoveryState[]; search: string }) {
  const collapsed = useToggleSet("serviceDiscoveryPage.collapsedPools");
  const [relabelled, setRelabelled] = useState<{ pool: string; labels: LabelSet } | null>(null);
  const pools = useMemo(() => discoveredPools(data, { states, search }), [data, states, search]);
  if (pools.length === 0) {
    const found = data.activeTargets.length + data.droppedTargets.length > 0;
    return <EmptyMessage title={found ? "No target matches" : "Nothing discovered"} />;
  }
  return (
    <Stack gap="sm">
      <VirtualList
        wholeUpTo={8}
        items={pools}
        keyOf={(pool) => pool.name}
        render={(pool) => (
          <Collapsible
            title={pool.name}
            summary={`${pool.active} / ${pool.total} active`}
            accent={pool.active > 0 ? "fennel" : "gray"}
            actions={<PoolConfigButton pool={pool.name} />}
            open={!collapsed.has(pool.name)}
            onToggle={() => collapsed.toggle(pool.name)}
          >
            <PoolTable pool={pool} onRelabel={(labels) => setRelabelled({ pool: pool.name, labels })} />
          </Collapsible>
        )}
      />
      {relabelled !== null && <RelabelModal {...relabelled} onClose={() => setRelabelled(null)} />}
    </Stack>
  );
}

export default function DiscoveryPage() {
  const [pool, setPool] = useUrlText("pool");
  const [search, setSearch] = useUrlText("search");
  const [states, setStates] = useUrlChoices("state", discoveryStates);
  const result = useQuery({
    queryKey: ["targets", "any", pool],
    queryFn: ({ signal }) => prometheus.targets("any", pool || undefined, signal),
    placeholderData: keepPreviousData,
  });
  const counts = useMemo(() => result.data && countDiscovered(result.data.data), [result.data]);
  return (
    <>
      <PageHeader title="Service discovery" />
      <Group gap="sm" mb="sm">
        <PoolSelect value={pool} onChange={setPool} />
        <SearchInput label="Filter by labels" value={search} onChange={setSearch} />
        <StateFilter
          label="Filter by state"
          states={discoveryStates}
          chosen={states}
          counts={counts}
          onChange={setStates}
        />
      </Group>
      <Loaded result={result} label="Loading discovered targets">
        {(data) => <Pools data={data} states={states} search={search} />}
      </Loaded>
    </>
  );
}
