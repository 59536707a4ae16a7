import type { VariableStates } from "@narthex/dashboards";
import { Anchor, Button, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { nowMs } from "../../time/browser-clock.ts";
import { useDashboardContext } from "../data/dashboard-context.ts";
import { freezeDashboard } from "./freeze-dashboard.ts";
import { createSnapshot } from "./snapshot-api.ts";
import { CopyField } from "../../shell/CopyField.tsx";

const EXPIRES = [
  { value: "3600", label: "1 Hour" },
  { value: "86400", label: "1 Day" },
  { value: "604800", label: "1 Week" },
  { value: "0", label: "Never" },
];

/** Stores the dashboard and its current data as a snapshot, which can be opened without login and data sources. */
export function SnapshotTab({ states }: { states: VariableStates }) {
  const context = useDashboardContext();
  const [name, setName] = useState(context.dashboard.title);
  const [expires, setExpires] = useState("604800");
  const [progress, setProgress] = useState("");
  const control = useRef(new AbortController());
  useEffect(() => {
    const own = new AbortController();
    control.current = own;
    return () => own.abort();
  }, []);
  const make = useMutation({
    mutationFn: async () => {
      const frozen = await freezeDashboard(context, {
        states,
        name,
        now: nowMs(),
        signal: control.current.signal,
        onProgress: (done, all) => setProgress(`${done} of ${all} panels have their data`),
      });
      return createSnapshot(frozen, name, Number(expires));
    },
  });
  return (
    <Stack gap="md">
      <Text size="sm">
        A snapshot shows this dashboard with its current data to everyone who has its address. It needs no login, no
        queries and no data sources.
      </Text>
      <TextInput label="Snapshot name" value={name} onChange={({ currentTarget }) => setName(currentTarget.value)} />
      <NativeSelect
        label="Expire"
        value={expires}
        data={EXPIRES}
        onChange={({ currentTarget }) => setExpires(currentTarget.value)}
      />
      {make.data === undefined && (
        <Button loading={make.isPending} disabled={name.trim() === ""} onClick={() => make.mutate()}>
          Publish snapshot
        </Button>
      )}
      {make.isPending && (
        <Text size="xs" c="dimmed" role="status">
          {progress}
        </Text>
      )}
      {make.error !== null && (
        <Text size="sm" c="red" role="alert">
          {make.error.message}
        </Text>
      )}
      {make.data !== undefined && (
        <>
          <CopyField label="Snapshot URL" value={make.data.url} />
          <Anchor component={Link} to="/dashboard/snapshots" size="sm">
            All snapshots
          </Anchor>
        </>
      )}
    </Stack>
  );
}
