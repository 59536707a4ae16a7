import type { SourceListing } from "@narthex/dashboards";
import { Autocomplete, Button, Group, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { SyntheticEvent } from "react";
import { nowMs } from "../../time/browser-clock.ts";
import { fetchVariableValues } from "../data/dashboard-api.ts";
import type { GenerateChoice } from "./generate-api.ts";

/** A job is offered only if it has samples that are younger than this age, ms. */
const RECENT_MS = 3_600_000;

export function GenerateForm({
  choice,
  sources,
  onSubmit,
}: {
  choice: GenerateChoice;
  sources: readonly SourceListing[];
  onSubmit: (choice: GenerateChoice) => void;
}) {
  const [source, setSource] = useState(choice.source);
  const [job, setJob] = useState(choice.job);
  const [search, setSearch] = useState(choice.search);
  const { data: jobs = [] } = useQuery({
    queryKey: ["jobs", source],
    queryFn: ({ signal }) => {
      const to = nowMs();
      return fetchVariableValues({ uid: source }, "label_values(job)", { from: to - RECENT_MS, to }, signal);
    },
    enabled: source !== "",
  });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    onSubmit({ source, job: job.trim(), search: search.trim() });
  };
  return (
    <Group component="form" align="flex-end" gap="sm" mb="md" onSubmit={submit} role="search" aria-label="Metrics">
      <Select
        label="Data source"
        searchable
        limit={200}
        data={sources.map(({ uid, name }) => ({ value: uid, label: name }))}
        value={source === "" ? null : source}
        allowDeselect={false}
        onChange={(uid) => {
          setSource(uid ?? "");
          setJob("");
        }}
      />
      <Autocomplete
        label="Job"
        placeholder="All jobs"
        data={[...new Set(jobs.map(({ value }) => value))]}
        limit={200}
        value={job}
        onChange={setJob}
      />
      <TextInput
        label="Names of metrics"
        placeholder="Words in the names"
        value={search}
        onChange={({ currentTarget }) => setSearch(currentTarget.value)}
      />
      <Button type="submit" disabled={source === "" || (job.trim() === "" && search.trim() === "")}>
        Show
      </Button>
    </Group>
  );
}
