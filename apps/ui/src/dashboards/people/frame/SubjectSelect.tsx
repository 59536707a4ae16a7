import { Select } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { fetchSubjects, type Subject, type SubjectKind } from "./subjects.ts";

const PLACEHOLDERS: Readonly<Record<SubjectKind, string>> = {
  user: "Find a user…",
  team: "Find a team…",
  "service account": "Find a service account…",
};

/** Delay after the last key press before the search starts, ms. */
const PAUSE_MS = 120;

/** Field that finds a user, team or service account by a part of its name. The server searches. */
export function SubjectSelect({
  kind,
  label,
  value,
  without,
  onChange,
}: {
  kind: SubjectKind;
  label: string;
  value: Subject | undefined;
  /** Ids that are not offered. */
  without: ReadonlySet<number>;
  onChange: (subject: Subject | undefined) => void;
}) {
  const [search, setSearch] = useState("");
  const [searched, setSearched] = useState("");
  const searchLater = useDebouncedCallback(setSearched, PAUSE_MS);
  const type = (text: string): void => {
    setSearch(text);
    searchLater(text);
    if (text === "") searchLater.flush();
  };
  // The search text. After a selection, the field contains the name of the selected item, and nothing is searched.
  const query = value === undefined ? searched : "";
  const { data, error } = useQuery({
    queryKey: ["subjects", query],
    queryFn: ({ signal }) => fetchSubjects(query, signal),
    placeholderData: keepPreviousData,
  });
  const found = data?.[kind].filter(({ id }) => !without.has(id)) ?? [];
  const all = value === undefined || found.some(({ id }) => id === value.id) ? found : [value, ...found];
  return (
    <Select
      label={label}
      placeholder={PLACEHOLDERS[kind]}
      searchable
      clearable
      nothingFoundMessage={`No ${kind} has this name`}
      error={error?.message}
      // Shows all results unfiltered, because the server may have found them by names that the list does not show.
      filter={({ options }) => options}
      data={all.map(({ id, name, detail }) => ({
        value: String(id),
        label: detail === "" ? name : `${name} (${detail})`,
      }))}
      value={value === undefined ? null : String(value.id)}
      searchValue={search}
      onSearchChange={type}
      onChange={(id) => onChange(all.find((one) => String(one.id) === id))}
    />
  );
}
