import { Group, Stack, Text } from "@mantine/core";
import { useMemo } from "react";
import { narthex } from "../api/narthex.ts";
import type { Objective } from "../api/narthex.ts";
import { ApiError } from "../api/request.ts";
import { Loaded } from "../shell/Loaded.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { SearchInput } from "../shell/SearchInput.tsx";
import { EmptyMessage } from "../shell/StatusMessage.tsx";
import { Toolbar } from "../shell/Toolbar.tsx";
import { useUrlText } from "../shell/url-state.ts";
import { useToggleSet } from "../shell/use-toggle-set.ts";
import { useRefreshedQuery } from "../time/refresh-context.ts";
import { ObjectiveCard } from "./ObjectiveCard.tsx";
import { byBudget } from "./objective-figures.ts";

function Objectives({ objectives, total }: { objectives: readonly Objective[]; total: number }) {
  const [search, setSearch] = useUrlText("search");
  const opened = useToggleSet();
  const shown = useMemo(() => {
    const word = search.toLowerCase();
    return byBudget(objectives).filter(({ id, description }) => `${id} ${description}`.toLowerCase().includes(word));
  }, [objectives, search]);
  return (
    <Stack gap="sm">
      <Group>
        <SearchInput label="Filter by name or description" value={search} onChange={setSearch} />
      </Group>
      {total > objectives.length && (
        <Text size="sm" c="dimmed">
          Only the first {objectives.length} of {total} objectives are shown.
        </Text>
      )}
      {shown.length === 0 && <EmptyMessage title="No objective matches the filter" />}
      {shown.map((objective) => (
        <ObjectiveCard
          key={objective.id}
          objective={objective}
          open={opened.has(objective.id)}
          onToggle={() => opened.toggle(objective.id)}
        />
      ))}
    </Stack>
  );
}

/** The service level objectives of the server, first those with the smallest budget. */
export default function ObjectivesPage() {
  const result = useRefreshedQuery({
    queryKey: ["objectives"],
    queryFn: ({ signal }) => narthex.objectives(signal),
    retry: false,
  });
  const isOff = result.error instanceof ApiError && result.error.type === "unavailable";
  return (
    <>
      <PageHeader title="Service level objectives" toolbar={<Toolbar />} />
      {isOff ? (
        <EmptyMessage title="The server has no objectives">
          Write objectives of Narthex, Sloth, Pyrra or OpenSLO, and start the server with <code>--rules.slo-files</code>
          .
        </EmptyMessage>
      ) : (
        <Loaded result={result} label="Reading the budgets">
          {(data) => <Objectives objectives={data.objectives} total={data.total} />}
        </Loaded>
      )}
    </>
  );
}
