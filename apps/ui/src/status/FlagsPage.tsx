import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { flagsQuery } from "../api/prometheus.ts";
import { fuzzyFilter } from "../query/explorer/fuzzy.ts";
import { Loaded } from "../shell/Loaded.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { EmptyMessage } from "../shell/StatusMessage.tsx";
import { SearchInput } from "../shell/SearchInput.tsx";
import { useViewerOfStack } from "../shell/viewer.ts";
import { useUrlText } from "../shell/url-state.ts";
import { Card } from "../shell/Card.tsx";
import { DataTable } from "../shell/DataTable.tsx";
import type { DataColumn } from "../shell/DataTable.tsx";

type FlagEntry = readonly [name: string, value: string];

const columns: ReadonlyArray<DataColumn<FlagEntry>> = [
  { header: "Flag", cell: ([name]) => `--${name}`, sortKey: ([name]) => name, className: "mono" },
  { header: "Value", cell: ([, value]) => value, sortKey: ([, value]) => value, className: "mono wrap-anywhere" },
];

/** Returns the flags whose name or value matches a search. */
function foundFlags(flags: Readonly<Record<string, string>>, search: string): FlagEntry[] {
  const entries = Object.entries(flags);
  const texts = entries.map((flag) => `--${flag.join("=")}`);
  const found = new Set(fuzzyFilter(search, texts).map((one) => one.text));
  return entries.filter((_, index) => found.has(texts[index]!));
}

function FoundFlags({ flags, search }: { flags: Readonly<Record<string, string>>; search: string }) {
  const found = useMemo(() => foundFlags(flags, search), [flags, search]);
  // The table stays mounted even if no flag matches, because it contains the user's sort order.
  return (
    <>
      {found.length === 0 && <EmptyMessage title="No flag matches" />}
      <Card mt="md" display={found.length === 0 ? "none" : undefined}>
        <DataTable
          columns={columns}
          items={found}
          keyOf={([name]) => name}
          sortedBy="Flag"
          striped
          highlightOnHover
          aria-label="Flags"
        />
      </Card>
    </>
  );
}

/** Page that shows all command-line flags of the server with their values. */
export default function FlagsPage() {
  const [search, setSearch] = useUrlText("search");
  const viewer = useViewerOfStack();
  const isAdmin = viewer?.isOrgAdmin !== false;
  const result = useQuery({ ...flagsQuery, enabled: viewer !== undefined && isAdmin });
  if (!isAdmin) {
    return (
      <>
        <PageHeader title="Command-line flags" />
        <EmptyMessage title="Only administrators may see the flags">
          Flags can contain addresses and paths. Ask an administrator of your organization.
        </EmptyMessage>
      </>
    );
  }
  return (
    <>
      <PageHeader title="Command-line flags" />
      <SearchInput label="Filter by flag name or value" value={search} onChange={setSearch} />
      <Loaded result={result} label="Loading flags">
        {(flags) => <FoundFlags flags={flags} search={search} />}
      </Loaded>
    </>
  );
}
