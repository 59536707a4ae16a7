import { Table, UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { prometheus } from "../api/prometheus.ts";
import { fuzzyFilter } from "../query/explorer/fuzzy.ts";
import { Loaded } from "../shell/Loaded.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { EmptyMessage } from "../shell/StatusMessage.tsx";
import { SearchInput } from "../shell/SearchInput.tsx";
import { useUrlText } from "../shell/url-state.ts";
import { Card } from "../shell/Card.tsx";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./FlagsPage.module.css";

const css = classesOf(styles);

type Column = "name" | "value";

interface Sorting {
  readonly column: Column;
  readonly descending: boolean;
}

/** Flags as rows in an order; a search keeps those whose name or value has its letters. */
export function flagRows(
  flags: Readonly<Record<string, string>>,
  search: string,
  sorting: Sorting,
): Array<[string, string]> {
  const found = new Set(
    fuzzyFilter(
      search,
      Object.entries(flags).map((flag) => flag.join("=")),
    ).map((one) => one.text),
  );
  const at = sorting.column === "name" ? 0 : 1;
  const rows = Object.entries(flags)
    .filter((flag) => found.has(flag.join("=")))
    .sort((left, right) => (left[at] < right[at] ? -1 : left[at] > right[at] ? 1 : 0));
  return sorting.descending ? rows.reverse() : rows;
}

function SortHead({
  column,
  label,
  sorting,
  onSort,
}: {
  column: Column;
  label: string;
  sorting: Sorting;
  onSort: (next: Sorting) => void;
}) {
  const active = sorting.column === column;
  const Arrow = sorting.descending ? IconArrowDown : IconArrowUp;
  return (
    <Table.Th aria-sort={active ? (sorting.descending ? "descending" : "ascending") : "none"}>
      <UnstyledButton
        className={css("sort")}
        onClick={() => onSort({ column, descending: active && !sorting.descending })}
      >
        {label}
        {active && <Arrow size={14} aria-hidden />}
      </UnstyledButton>
    </Table.Th>
  );
}

/** Every flag of the server with its value. */
export default function FlagsPage() {
  const [search, setSearch] = useUrlText("search");
  const [sorting, setSorting] = useState<Sorting>({ column: "name", descending: false });
  const result = useQuery({ queryKey: ["flags"], queryFn: ({ signal }) => prometheus.flags(signal) });
  return (
    <>
      <PageHeader title="Command-line flags" />
      <SearchInput label="Filter by flag name or value" value={search} onChange={setSearch} />
      <Loaded result={result} label="Loading flags">
        {(flags) => {
          const rows = flagRows(flags, search, sorting);
          if (rows.length === 0) return <EmptyMessage title="No flag matches" />;
          return (
            <Card mt="md">
              <Table striped highlightOnHover aria-label="Flags">
                <Table.Thead>
                  <Table.Tr>
                    <SortHead column="name" label="Flag" sorting={sorting} onSort={setSorting} />
                    <SortHead column="value" label="Value" sorting={sorting} onSort={setSorting} />
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {rows.map(([name, value]) => (
                    <Table.Tr key={name}>
                      <Table.Td className="mono">--{name}</Table.Td>
                      <Table.Td className="mono wrap-anywhere">{value}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Card>
          );
        }}
      </Loaded>
    </>
  );
}
