import { Button, Group, Pagination, Stack } from "@mantine/core";
import { useState } from "react";
import type { ReactNode } from "react";
import type { Rule } from "../api/rule-data.ts";
import { EmptyMessage } from "../shell/StatusMessage.tsx";
import { readStored, writeStored } from "../shell/preferences.ts";
import { useUrlText } from "../shell/url-state.ts";
import { pageOf } from "./rule-filter.ts";
import type { FilteredGroup } from "./rule-filter.ts";

/** Shows rule groups in pages. Groups without a matching rule can be shown or hidden. */
export function PagedGroups<R extends Rule>({
  groups,
  pageSize,
  storageKey,
  emptyTitle,
  render,
}: {
  groups: ReadonlyArray<FilteredGroup<R>>;
  pageSize: number;
  storageKey: string;
  emptyTitle: string;
  render: (group: FilteredGroup<R>) => ReactNode;
}) {
  const [pageText, setPage] = useUrlText("page");
  const [showEmpty, setShowEmpty] = useState(() => readStored(storageKey, true));
  if (groups.length === 0) {
    return <EmptyMessage title={emptyTitle}>The configuration lists rule files under rule_files.</EmptyMessage>;
  }
  const empty = groups.filter((group) => group.rules.length === 0).length;
  const kept = showEmpty ? groups : groups.filter((group) => group.rules.length > 0);
  const { items, page, pages } = pageOf(kept, Number(pageText || 1), pageSize);
  const toggle = (): void => {
    writeStored(storageKey, !showEmpty);
    setShowEmpty(!showEmpty);
  };
  return (
    <Stack gap="sm">
      {empty > 0 && (
        <Group justify="flex-end">
          <Button size="compact-sm" variant="subtle" onClick={toggle}>
            {showEmpty ? `Hide ${empty} empty groups` : `Show ${empty} empty groups`}
          </Button>
        </Group>
      )}
      {kept.length === 0 && <EmptyMessage title="No rule matches">Clear the search or the state filter.</EmptyMessage>}
      {items.map(render)}
      {pages > 1 && (
        <Pagination
          total={pages}
          value={page}
          onChange={(next) => setPage(next === 1 ? "" : String(next))}
          mx="auto"
          getControlProps={(control) => ({ "aria-label": `${control} page` })}
        />
      )}
    </Stack>
  );
}
